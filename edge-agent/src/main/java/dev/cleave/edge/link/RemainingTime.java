package dev.cleave.edge.link;

import dev.cleave.edge.estimate.LinkConditions;

/** What the link leaves the gateway of a deadline. */
final class RemainingTime {
    private RemainingTime() {}

    /**
     * The time left less the estimated up- and downlink, at least 1. An estimate alone never takes more than three
     * quarters of the time left: were it wrong, the request would expire although it could have been answered.
     *
     * @param bytes of the frame that is handed over now, behind what is in flight
     */
    static long micros(LinkConditions link, long bytes, long nowNanos, long deadlineNanos) {
        long left = deadlineNanos - nowNanos;
        long afterLink = left - link.rttNanos() - serialisationNanos(link, bytes);
        return Math.max(1, Math.max(afterLink, left / 4) / 1000);
    }

    private static long serialisationNanos(LinkConditions link, long bytes) {
        double nanosPerByte = link.uplinkNanosPerByte();
        return Double.isNaN(nanosPerByte) ? 0 : (long) (nanosPerByte * (link.inFlightBytes() + bytes));
    }
}
