package dev.cleave.gateway.identity;

/**
 * So many of something per time.
 *
 * @param amount 1 or more
 * @param nanos more than 0
 */
record Rate(long amount, long nanos) {
    /** Years: what would take longer takes this long, so that times can be added. */
    private static final long MOST_NANOS = 1L << 58;

    /** What so many of them take at this rate. */
    long nanosFor(long count) {
        return (long) Math.min(MOST_NANOS, Math.ceil(count * (nanos / (double) amount)));
    }

    /** What so many of them take one after another, each a whole number of nanoseconds. */
    long nanosOfEach(long count) {
        long one = Math.max(1, nanosFor(1));
        return count > MOST_NANOS / one ? MOST_NANOS : count * one;
    }
}
