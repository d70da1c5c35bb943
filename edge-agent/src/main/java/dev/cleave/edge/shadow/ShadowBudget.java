package dev.cleave.edge.shadow;

import java.util.concurrent.TimeUnit;

/**
 * What second runs have left to spend: two buckets, of time and of bytes, that fill at their rates per minute up to a quarter of a
 * minute's worth. Whatever a run turns out to cost is taken; if that is more than there was, the next one waits the longer. So
 * over long the rate holds, whatever was expected of a run. Pure; not thread-safe.
 */
public final class ShadowBudget {
    private static final double MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final double HELD = 0.25;

    private final double nanosPerNano;
    private final double bytesPerNano;
    private double nanos;
    private double bytes;
    private long atNanos;

    public ShadowBudget(ShadowSettings settings, long nowNanos) {
        nanosPerNano = TimeUnit.MILLISECONDS.toNanos(settings.millisPerMinute()) / MINUTE_NANOS;
        bytesPerNano = settings.bytesPerMinute() / MINUTE_NANOS;
        nanos = nanosPerNano * MINUTE_NANOS * HELD;
        bytes = bytesPerNano * MINUTE_NANOS * HELD;
        atNanos = nowNanos;
    }

    /**
     * Whether a run may begin now.
     *
     * @param wantedBytes that it will send, 0 for none; more than a minute's worth never may
     */
    public boolean allows(long wantedBytes, long nowNanos) {
        fill(nowNanos);
        boolean sends = wantedBytes > 0;
        return nanos > 0 && (!sends || bytes > 0 && wantedBytes <= bytesPerNano * MINUTE_NANOS);
    }

    /** What a run has cost. */
    public void spend(long tookNanos, long sentBytes) {
        nanos -= tookNanos;
        bytes -= sentBytes;
    }

    private void fill(long nowNanos) {
        long passed = Math.max(0, nowNanos - atNanos);
        nanos = Math.min(nanosPerNano * MINUTE_NANOS * HELD, nanos + passed * nanosPerNano);
        bytes = Math.min(bytesPerNano * MINUTE_NANOS * HELD, bytes + passed * bytesPerNano);
        atNanos = nowNanos;
    }
}
