package dev.cleave.edge.link;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The requests of one stream that were not answered yet. Whoever takes a request out of here is the only one to tell
 * its handler the end, which is how each gets exactly one. Pure; not thread-safe, guarded by the stream's lock.
 */
final class PendingReplies {
    /** One request that waits. */
    static final class Pending {
        private static final long NOT_YET = Long.MIN_VALUE;

        private final ReplyHandler handler;
        private final long bytes;
        private long handedOverNanos = NOT_YET;
        private boolean acknowledged;

        private Pending(ReplyHandler handler, long bytes) {
            this.handler = handler;
            this.bytes = bytes;
        }

        ReplyHandler handler() {
            return handler;
        }

        long bytes() {
            return bytes;
        }

        void handedOver(long nowNanos) {
            handedOverNanos = nowNanos;
        }

        /**
         * Notes the ack.
         *
         * @return nanoseconds since the hand-over, or -1 for an ack that makes no sense: a second one, or before that
         */
        long acknowledge(long nowNanos) {
            if (acknowledged || handedOverNanos == NOT_YET) {
                return -1;
            }
            acknowledged = true;
            return nowNanos - handedOverNanos;
        }
    }

    private final Map<Long, Pending> byId = new LinkedHashMap<>();

    void add(long requestId, ReplyHandler handler, long bytes) {
        if (byId.putIfAbsent(requestId, new Pending(handler, bytes)) != null) {
            throw new IllegalArgumentException("request " + requestId + " is on this stream already");
        }
    }

    /** Null if it was answered, cancelled or never there. */
    Pending get(long requestId) {
        return byId.get(requestId);
    }

    /** Null if somebody else took it. */
    Pending take(long requestId) {
        return byId.remove(requestId);
    }

    /** Everything that is left, in the order of sending. */
    List<Pending> takeAll() {
        List<Pending> all = new ArrayList<>(byId.values());
        byId.clear();
        return all;
    }

    boolean isEmpty() {
        return byId.isEmpty();
    }
}
