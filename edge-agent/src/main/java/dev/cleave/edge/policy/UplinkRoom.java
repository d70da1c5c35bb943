package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/**
 * Whether one more frame has room on its way up. Credit says what the gateway has memory for, and of a slow link that is many
 * seconds' worth; so a window counts as full, too, when what is ahead would make the frame come too late. Pure.
 *
 * <pre>
 * full for all     frames wait for credit (not for WAIT), or more than 16 MiB were not handed to the transport (not for
 *                  small frames)
 *      LOCAL       what is ahead takes longer than the device would
 *      all but     with what is ahead the answer would come too late
 *      LATEST
 * rate not known   more than 2 MiB are ahead (LOCAL, REJECT): what is known after the first acknowledgement
 * </pre>
 *
 * <p>A frame with nothing ahead always has room, however slow the link is taken for: it is what teaches better. Of WAIT nobody
 * asks that it be quick, but waiting for what comes too late is for nothing. LATEST has its own pacing.
 *
 * @param costs what requests cost
 * @param device what segments take here
 * @param backlog what is ahead
 */
public record UplinkRoom(KnownCosts costs, DeviceTimes device, Backlog backlog) {
    /** Not handed to the transport, beside which one more frame is taken. */
    static final long MAX_UNSENT_BYTES = 16L << 20;

    /** Of a small frame: 64 of them, as many as an agent has open by default, hold no more than may wait. */
    static final long SMALL_BYTES = MAX_UNSENT_BYTES / 64;

    /** Ahead of a frame on a link of unknown rate, beside which one more is taken. */
    static final long MAX_UNKNOWN_BYTES = 2L << 20;

    private static final double NANOS_PER_MILLI = 1e6;

    /**
     * Whether a frame is taken, and coded, beside whatever was not sent yet. It overtakes what is larger, so it need not wait for that; and
     * what all of these hold is little, as only so many requests are open.
     *
     * @param heldBytes of what it is coded from
     */
    public static boolean isSmall(long heldBytes) {
        return heldBytes <= SMALL_BYTES;
    }

    /**
     * Asks for a request that is meant for the gateway.
     *
     * @param overflow what becomes of it if there is no room
     * @param demand with the time that is left until the device would have to begin in the gateway's place
     * @param heldBytes of what its frame would be coded from
     * @return null if there is room, else why there is none, and what was expected
     */
    public String shortage(Overflow overflow, Choice choice, Demand demand, long heldBytes) {
        boolean waits = overflow == Overflow.WAIT || overflow == Overflow.LATEST;
        if (backlog.uncreditedBytes() > 0 && !waits) {
            return "the gateway's window is full, and frames of " + backlog.uncreditedBytes()
                    + " bytes wait for it; expected none";
        }
        if (backlog.unsentBytes() > MAX_UNSENT_BYTES && !isSmall(heldBytes)) {
            return "frames of " + backlog.unsentBytes() + " bytes wait to be sent; expected at most "
                    + MAX_UNSENT_BYTES;
        }
        return overflow == Overflow.LATEST ? null : delay(overflow, choice, demand);
    }

    private String delay(Overflow overflow, Choice choice, Demand demand) {
        LinkConditions link = backlog.link();
        long ahead = link.inFlightBytes();
        if (ahead == 0) {
            return null;
        }
        if (!link.isRateKnown()) {
            return ahead <= MAX_UNKNOWN_BYTES || overflow == Overflow.WAIT
                    ? null
                    : ahead + " bytes are ahead on a link of unknown rate; expected at most " + MAX_UNKNOWN_BYTES;
        }
        HeadTimes heads = HeadTimes.of(device, costs.table());
        RequestCost cost = costs.of(choice.point(), choice.level(), demand.rows(), heads);
        Prediction alone = Prediction.remote(choice.point(), choice.level(), cost, link.withInFlight(0));
        Prediction queued = Prediction.remote(choice.point(), choice.level(), cost, link.withInFlight(queued(link)));
        double wait = queued.nanos() - alone.nanos();
        double here = heads.nanos(costs.table().local()) * demand.rows();
        if (overflow == Overflow.LOCAL && wait > here) {
            return ahead + " bytes ahead take " + millis(wait) + ", longer than this device";
        }
        if (wait > 0 && queued.badNanos() > demand.leftNanos()) {
            return "with " + ahead + " bytes ahead the gateway's answer takes " + millis(queued.badNanos())
                    + "; expected at most " + millis(demand.leftNanos());
        }
        return null;
    }

    /** Of the bytes whose arrival is not known, those that still have to leave: the others are on their way, or their acknowledgement is. */
    private static long queued(LinkConditions link) {
        double travelling = (link.rttNanos() + link.jitterNanos()) / link.uplinkNanosPerByte();
        return (long) Math.max(0, link.inFlightBytes() - travelling);
    }

    private static String millis(double nanos) {
        return Math.round(nanos / NANOS_PER_MILLI) + " ms";
    }
}
