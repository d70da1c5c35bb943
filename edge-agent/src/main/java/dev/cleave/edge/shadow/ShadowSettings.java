package dev.cleave.edge.shadow;

/**
 * How many of the gateway's answers are compared with those of a second run, and what that may cost. Immutable.
 *
 * @param fraction of the requests that the gateway answers, above 0 to 1
 * @param millisPerMinute that second runs may take of the device in any minute, at least 1
 * @param bytesPerMinute that inputs may take which are sent to the gateway for a second run there, 0 for none. Only where the device
 *     cannot run all of the model, and where the contract lets inputs leave it
 */
public record ShadowSettings(double fraction, long millisPerMinute, long bytesPerMinute) {
    public static final long MILLIS_PER_MINUTE = 600;
    public static final long BYTES_PER_MINUTE = 1 << 20;

    public ShadowSettings {
        if (!(fraction > 0 && fraction <= 1)) {
            throw new IllegalArgumentException("a fraction of " + fraction + " of answers; expected above 0 to 1");
        }
        if (millisPerMinute < 1 || millisPerMinute > 60_000) {
            throw new IllegalArgumentException(millisPerMinute + " ms a minute for second runs; expected 1 to 60000");
        }
        if (bytesPerMinute < 0) {
            throw new IllegalArgumentException(bytesPerMinute + " bytes a minute for second runs; expected 0 or more");
        }
    }

    /** With 600 ms and 1 MiB a minute. */
    public static ShadowSettings fraction(double value) {
        return new ShadowSettings(value, MILLIS_PER_MINUTE, BYTES_PER_MINUTE);
    }
}
