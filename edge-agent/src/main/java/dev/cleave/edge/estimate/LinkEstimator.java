package dev.cleave.edge.estimate;

import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;

/**
 * What is known of one gateway's address. Outlives the streams to it, which feed it through their {@link UplinkMeter}
 * and {@link DownlinkMeter}. Time is an argument; thread-safe, by a lock under which nobody else is called.
 */
public final class LinkEstimator {
    /** What threads and timers add to any time measured here. */
    static final double MIN_NOISE_NANOS = 100_000;

    /** Of {@link #takeLook}. */
    public static final int NO_LOOK = -1;

    private static final long ROUND_TRIP_AGE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Where no frame follows that is timed against it. */
    private static final long LOCAL_ROUND_TRIP_AGE_NANOS = TimeUnit.SECONDS.toNanos(5);
    /** From then on it goes ahead even of a probe that is due. */
    private static final long OVERDUE_ROUND_TRIP_AGE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A probe's time on the link, in noises: a link that is three times as fast is then told from its noise at once. */
    private static final double PROBE_NOISES = 6.0;

    private static final double FIRST_PROBE_BYTES = 4096;
    /** Half a second of drift: what was seen less than that ago needs no probe. */
    private static final double PROBED_VARIANCE = 0.01;
    /** As a first sample leaves it that took twice its noise. */
    private static final double UNSURE_VARIANCE = 0.25;

    private final RoundTrips roundTrips = new RoundTrips();
    private final RateFilter uplink = new RateFilter();
    private final RateFilter downlink = new RateFilter();
    private final GatewayLoad load;
    private final ProbeBudget probes;
    private boolean lastWasRoundTrip;

    /**
     * @param probeBytesPerMinute 0 for no probes
     * @param plannedTailNanos by point, of one batch; NaN where nothing was planned
     */
    public LinkEstimator(long probeBytesPerMinute, IntToDoubleFunction plannedTailNanos) {
        this.load = new GatewayLoad(plannedTailNanos);
        this.probes = new ProbeBudget(probeBytesPerMinute);
    }

    /** As of now, with nothing in flight. */
    public synchronized LinkConditions conditions(long nowNanos) {
        double queueNanos = load.queueNanos(nowNanos);
        return new LinkConditions(
                uplink.nanosPerByte(),
                downlink.nanosPerByte(),
                uplink.deviation(nowNanos),
                roundTrips.smallestNanos(),
                roundTrips.jitterNanos(),
                Double.isNaN(queueNanos) ? 0 : (long) queueNanos,
                load.tailScale(nowNanos));
    }

    /**
     * A reply came whose gateway says how long the request waited and ran.
     *
     * @param tailNanos 0 if it did not run
     */
    public synchronized void replied(int point, long queueNanos, long tailNanos, long nowNanos) {
        load.replied(point, queueNanos, tailNanos, nowNanos);
    }

    /**
     * A request begins on a link that is idle: what should be sent to look at it?
     *
     * <p>A ping without padding tells the round trip, and goes ahead of a request that will cross, once the last one is
     * a second old; before others after five. A ping with padding is a probe: it tells the rate, and goes, as the
     * budget allows, where the request stays on the device. Its size is what the last estimate carries in 6 times the
     * noise; larger ones cost more and tell little more. A probe that is due goes before a ping that is not yet overdue. The two never go together: a transport that makes one packet
     * of both would spoil them.
     *
     * @param remote whether a frame will follow
     * @return bytes of padding, taken out of the budget, or {@link #NO_LOOK}
     */
    public synchronized int takeLook(boolean remote, long nowNanos) {
        boolean old = roundTrips.isWanting(remote ? ROUND_TRIP_AGE_NANOS : LOCAL_ROUND_TRIP_AGE_NANOS, nowNanos);
        boolean overdue = remote || roundTrips.isWanting(OVERDUE_ROUND_TRIP_AGE_NANOS, nowNanos) && !lastWasRoundTrip;
        int bytes = overdue ? 0 : takeProbeBytes(nowNanos);
        lastWasRoundTrip = bytes == 0;
        return bytes > 0 ? bytes : old ? 0 : NO_LOOK;
    }

    /**
     * The link is idle after a probe: what should be sent at once to look at it again?
     *
     * <p>A probe that tells of a link faster than the estimate is asked again at once, in the size that suits what it told: lateness
     * has many causes, but nothing makes a message earlier than the link can. One that tells of a slower link waits, as whatever
     * held it up may last.
     *
     * @return bytes of padding, taken out of the budget, or {@link #NO_LOOK}
     */
    public synchronized int takeSecondLook(long nowNanos) {
        if (!uplink.seemsFaster()) {
            return NO_LOOK;
        }
        int bytes = probes.takeAtOnce(PROBE_NOISES * noiseNanos() / uplink.doubtedNanosPerByte(), nowNanos);
        return bytes == 0 ? NO_LOOK : bytes;
    }

    private int takeProbeBytes(long nowNanos) {
        double variance = uplink.variance(nowNanos);
        if (variance <= PROBED_VARIANCE && !uplink.isInDoubt()) {
            return 0;
        }
        double bytes = uplink.isKnown() ? PROBE_NOISES * noiseNanos() / uplink.nanosPerByte() : FIRST_PROBE_BYTES;
        return probes.take(bytes, uplink.isInDoubt() || variance > UNSURE_VARIANCE, nowNanos);
    }

    /** The device is on another network: all that was seen is of the old one. */
    public synchronized void networkChanged() {
        roundTrips.forget();
        uplink.forget();
        downlink.forget();
    }

    /**
     * @param bytes that went up, and as many down; what they took is no part of a round trip, but half of it at most
     */
    synchronized void roundTrip(long bytes, long nanos, long nowNanos) {
        double down = downlink.isKnown() ? downlink.nanosPerByte() : uplink.nanosPerByte();
        double serialised = uplink.isKnown() ? bytes * (uplink.nanosPerByte() + down) : 0;
        roundTrips.add((long) Math.max(nanos - serialised, nanos / 2.0), nowNanos);
    }

    /** @param extraNoiseNanos beyond the jitter */
    synchronized void uplink(long bytes, long tookNanos, double extraNoiseNanos, long nowNanos) {
        uplink.add(bytes, tookNanos, noiseNanos() + extraNoiseNanos, nowNanos);
    }

    synchronized void downlink(long bytes, long tookNanos, long nowNanos) {
        downlink.add(bytes, tookNanos, noiseNanos(), nowNanos);
    }

    private double noiseNanos() {
        return MIN_NOISE_NANOS + roundTrips.jitterNanos();
    }
}
