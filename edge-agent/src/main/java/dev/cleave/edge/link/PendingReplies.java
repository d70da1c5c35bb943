package dev.cleave.edge.link;

import dev.cleave.edge.estimate.DownlinkMeter;
import dev.cleave.v1.GatewayTiming;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The requests of one stream that were not answered yet. Whoever takes a request out of here is the only one to tell
 * its handler the end, which is how each gets exactly one. Pure; not thread-safe, guarded by the stream's lock.
 */
final class PendingReplies {
    /** One request that waits. */
    static final class Pending {
        private final ReplyHandler handler;
        private final int splitPoint;
        private boolean handedOver;
        private DownlinkMeter.Answer answer;
        private long readingNanos;

        private Pending(ReplyHandler handler, int splitPoint) {
            this.handler = handler;
            this.splitPoint = splitPoint;
        }

        ReplyHandler handler() {
            return handler;
        }

        int splitPoint() {
            return splitPoint;
        }

        void handedOver() {
            handedOver = true;
        }

        /** Notes the ack; false for one that makes no sense: a second one, or before the hand-over. */
        boolean acknowledge(DownlinkMeter.Answer expected, long spentOnReadingNanos) {
            if (answer != null || !handedOver) {
                return false;
            }
            answer = expected;
            readingNanos = spentOnReadingNanos;
            return true;
        }

        /** A reply's timing begins when the frame was acknowledged; with what the gateway did before that: it is decoding, too. */
        GatewayTiming withReading(GatewayTiming timing) {
            long micros = TimeUnit.NANOSECONDS.toMicros(readingNanos);
            return micros == 0
                    ? timing
                    : timing.toBuilder()
                            .setResidenceMicros(timing.getResidenceMicros() + micros)
                            .setDecodeMicros(timing.getDecodeMicros() + micros)
                            .build();
        }

        /** Null before the ack. */
        DownlinkMeter.Answer answer() {
            return answer;
        }
    }

    private final Map<Long, Pending> byId = new LinkedHashMap<>();

    void add(long requestId, ReplyHandler handler, int splitPoint) {
        if (byId.putIfAbsent(requestId, new Pending(handler, splitPoint)) != null) {
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

    /** Of all that wait, in the order of sending. */
    List<ReplyHandler> handlers() {
        List<ReplyHandler> handlers = new ArrayList<>();
        byId.values().forEach(request -> handlers.add(request.handler()));
        return handlers;
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
