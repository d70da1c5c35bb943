package dev.cleave.cli.link;

import dev.cleave.cli.units.BitRate;
import java.time.Duration;

/**
 * One direction of a link as a pure state machine: bytes are serialised one after another at the rate, then travel
 * for the propagation delay.
 *
 * <pre>
 *   offered           line free                          arrives
 *   |---- waits -----|== serialised: 8n/rate ==|-- rtt/2 --|
 * </pre>
 *
 * <p>The bytes that wait for the line are bounded, in time: whoever offers asks {@link #nanosUntilRoom} first and
 * leaves its bytes with the sender meanwhile, so the sender feels the link as back-pressure. All times are
 * {@link System#nanoTime()} of one clock. Not thread-safe: the shaper's loop owns it.
 */
final class LinkClock {
    /** A queue shorter than this would leave the line idle between two turns of a relay loop. */
    private static final long MIN_QUEUE_NANOS = 5_000_000;

    /** What a modem holds at least: about ten packets. */
    private static final int MIN_QUEUE_BYTES = 16 * 1024;

    private static final int PACKET_BYTES = 1460;
    private static final int MAX_QUANTUM_BYTES = 64 * 1024;
    private static final int QUANTA_PER_SECOND = 500;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int BITS = 8;

    private long bitsPerSecond;
    private long delayNanos;
    private long freeAtNanos;
    private long lastArrivalNanos;

    LinkClock(BitRate rate, Duration rtt, long nowNanos) {
        freeAtNanos = nowNanos;
        lastArrivalNanos = nowNanos;
        set(rate, rtt);
    }

    /** Changes the link for the bytes that are offered from now on; those offered before keep their times. */
    void set(BitRate rate, Duration rtt) {
        bitsPerSecond = rate.bitsPerSecond();
        delayNanos = rtt.toNanos() / 2;
    }

    /**
     * Puts bytes on the line.
     *
     * @return when the last of them arrives; never before bytes that were offered earlier
     */
    long offer(int bytes, long nowNanos) {
        long startNanos = later(nowNanos, freeAtNanos);
        freeAtNanos = startNanos + serialisationNanos(bytes);
        lastArrivalNanos = later(lastArrivalNanos, freeAtNanos + delayNanos);
        return lastArrivalNanos;
    }

    /** How long until the queue in front of the line has room again; 0 if it has now. */
    long nanosUntilRoom(long nowNanos) {
        return Math.max(0, freeAtNanos - nowNanos - queueNanos());
    }

    /** Bytes to take from one connection before the next one's turn: 2 ms worth, a packet at least. */
    int quantumBytes() {
        long bytes = bitsPerSecond / BITS / QUANTA_PER_SECOND;
        return (int) Math.max(PACKET_BYTES, Math.min(MAX_QUANTUM_BYTES, bytes));
    }

    /** Bytes of one connection that may be on their way: what fills the queue and the line. */
    long windowBytes() {
        double seconds = (double) (queueNanos() + delayNanos) / NANOS_PER_SECOND;
        return (long) (seconds * bitsPerSecond / BITS) + quantumBytes();
    }

    private long queueNanos() {
        return Math.max(Math.max(MIN_QUEUE_NANOS, delayNanos), serialisationNanos(MIN_QUEUE_BYTES));
    }

    private long serialisationNanos(int bytes) {
        return bytes * BITS * NANOS_PER_SECOND / bitsPerSecond;
    }

    /** The later of two readings, also where nanoTime overflows. */
    private static long later(long a, long b) {
        return a - b > 0 ? a : b;
    }
}
