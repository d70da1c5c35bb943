package dev.cleave.edge.estimate;

/**
 * Turns the replies of one stream into samples of the downlink's rate. Pure; not thread-safe, owned by a stream.
 *
 * <p>The ack of a frame leaves the gateway when the frame is whole, the reply {@code residence} later by the gateway's
 * own clock. A reply of no size would thus have come {@code residence} after the ack, and no two clocks were compared.
 * The link was busy with the reply's bytes from that moment on, or from when another reply was through.
 */
public final class DownlinkMeter {
    /** One request, from its ack to the last chunk of its reply. Owned by the meter. */
    public static final class Answer {
        private final long acknowledgedNanos;
        private boolean begun;
        private long bytesBefore;
        private long nanosBefore;

        private Answer(long acknowledgedNanos) {
            this.acknowledgedNanos = acknowledgedNanos;
        }
    }

    private final LinkEstimator estimator;
    private long receivedBytes;
    private long lastNanos;

    public DownlinkMeter(LinkEstimator estimator, long nowNanos) {
        this.estimator = estimator;
        this.lastNanos = nowNanos;
    }

    public Answer acknowledged(long nowNanos) {
        return new Answer(nowNanos);
    }

    /**
     * A chunk of a reply has come.
     *
     * @param answer null if its request is not known, or was not acknowledged
     */
    public void received(Answer answer, long payloadBytes, long nowNanos) {
        if (answer != null && !answer.begun) {
            answer.begun = true;
            answer.bytesBefore = receivedBytes;
            answer.nanosBefore = lastNanos;
        }
        receivedBytes += payloadBytes + UplinkMeter.MESSAGE_BYTES;
        lastNanos = nowNanos;
    }

    /** That chunk was the last. */
    public void whole(Answer answer, long residenceNanos, long nowNanos) {
        long sent = answer.acknowledgedNanos + Math.min(residenceNanos, nowNanos - answer.acknowledgedNanos);
        long start = sent - answer.nanosBefore > 0 ? sent : answer.nanosBefore;
        estimator.downlink(receivedBytes - answer.bytesBefore, nowNanos - start, nowNanos);
    }
}
