package dev.cleave.gateway.grpc;

import dev.cleave.gateway.config.Patience;

/**
 * What there is of a call's request, and since when its caller is waited for. Immutable and pure; time is an argument.
 *
 * <pre>
 *   a request that is one message             a stream of messages
 *
 *   COMING ---whole---> WHOLE                 BETWEEN ---begins---> UNDER_WAY
 *      |                  |                      ^                     |
 *      +------ended-------+---> TAKEN            +--------whole--------+
 * </pre>
 *
 * What changes nothing by the picture leaves it as it is, except that another message may begin in the middle of one, which is over then.
 *
 * @param sinceNanos since when somebody waits; of no meaning where nobody does
 * @param bytes that have come meanwhile
 */
record AwaitedRequest(Stage stage, long sinceNanos, long bytes) {
    /** Where a request is. */
    enum Stage {
        /** Its one message is awaited, from the call's start. */
        COMING,
        /** That has come whole; its caller has not said that it was all, which gRPC wants before anybody has it. */
        WHOLE,
        /** Its handler has it: nobody waits. */
        TAKEN,
        /** No message has begun: nobody waits. */
        BETWEEN,
        /** The rest of a message is awaited, from its beginning. */
        UNDER_WAY
    }

    private static final AwaitedRequest NOTHING_NOW = new AwaitedRequest(Stage.BETWEEN, 0, 0);
    private static final AwaitedRequest NOTHING_MORE = new AwaitedRequest(Stage.TAKEN, 0, 0);

    /** Of a call whose request is one message, and which starts now. */
    static AwaitedRequest ofOne(long nowNanos) {
        return new AwaitedRequest(Stage.COMING, nowNanos, 0);
    }

    /** Of a call whose request is a stream of messages. */
    static AwaitedRequest ofMany() {
        return NOTHING_NOW;
    }

    /** A message begins. */
    AwaitedRequest begins(long nowNanos) {
        return switch (stage) {
            case BETWEEN, UNDER_WAY -> new AwaitedRequest(Stage.UNDER_WAY, nowNanos, 0);
            case COMING, WHOLE, TAKEN -> this;
        };
    }

    /** So much of it has come. */
    AwaitedRequest came(long more) {
        return switch (stage) {
            case COMING, UNDER_WAY -> new AwaitedRequest(stage, sinceNanos, bytes + more);
            case WHOLE, TAKEN, BETWEEN -> this;
        };
    }

    /** It is whole. */
    AwaitedRequest whole(long nowNanos) {
        return switch (stage) {
            case COMING -> new AwaitedRequest(Stage.WHOLE, nowNanos, 0);
            case UNDER_WAY -> NOTHING_NOW;
            case WHOLE, TAKEN, BETWEEN -> this;
        };
    }

    /** The caller has said that it was all, and the handler has it. */
    AwaitedRequest ended() {
        return switch (stage) {
            case COMING, WHOLE -> NOTHING_MORE;
            case TAKEN, BETWEEN, UNDER_WAY -> this;
        };
    }

    /** Whether its caller has been waited for for long enough. */
    boolean isOverdue(Patience patience, long nowNanos) {
        return switch (stage) {
            case COMING, WHOLE, UNDER_WAY -> patience.isOver(nowNanos - sinceNanos, bytes);
            case TAKEN, BETWEEN -> false;
        };
    }
}
