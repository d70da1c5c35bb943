package dev.cleave.edge.estimate;

import java.util.concurrent.TimeUnit;
import java.util.function.IntToDoubleFunction;

/**
 * How busy the gateway is, from the times that its replies carry. Pure; not thread-safe.
 *
 * <p>Both figures are smoothed over about 8 replies. What is load is forgotten within 5 s without a reply, for else a
 * gateway that was busy once would be avoided for ever: the wait for a batch fades to 0, and the tail's scale to the
 * smallest of the last ten minutes, which is what the machine is like when it has nothing else to do.
 */
final class GatewayLoad {
    private static final double WEIGHT = 1.0 / 8;
    private static final double FORGOTTEN_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long IDLE_WINDOW_NANOS = TimeUnit.MINUTES.toNanos(10);

    private final IntToDoubleFunction plannedTailNanos;
    private final WindowedMinimum idleScale = new WindowedMinimum(IDLE_WINDOW_NANOS);
    private double queueNanos = Double.NaN;
    private double tailScale = Double.NaN;
    private long lastNanos;

    /** @param plannedTailNanos by point, of one batch; NaN where nothing was planned */
    GatewayLoad(IntToDoubleFunction plannedTailNanos) {
        this.plannedTailNanos = plannedTailNanos;
    }

    /**
     * @param queueNanos that the request waited for its batch
     * @param tailNanos that its batch ran, 0 if it did not
     */
    void replied(int point, long queueNanos, long tailNanos, long nowNanos) {
        double weight = Math.max(WEIGHT, 1 - remembered(nowNanos));
        this.queueNanos = smoothed(this.queueNanos, queueNanos, weight);
        double planned = plannedTailNanos.applyAsDouble(point);
        if (tailNanos > 0 && planned > 0) {
            tailScale = smoothed(tailScale, tailNanos / planned, weight);
            idleScale.add(tailScale, nowNanos);
        }
        lastNanos = nowNanos;
    }

    private static double smoothed(double before, double seen, double weight) {
        return Double.isNaN(before) ? seen : before + weight * (seen - before);
    }

    /** NaN if unknown. */
    double queueNanos(long nowNanos) {
        return queueNanos * remembered(nowNanos);
    }

    /** NaN if unknown. */
    double tailScale(long nowNanos) {
        double idle = idleScale.get(nowNanos);
        return idle + (tailScale - idle) * remembered(nowNanos);
    }

    private double remembered(long nowNanos) {
        return Math.max(0, 1 - (nowNanos - lastNanos) / FORGOTTEN_NANOS);
    }
}
