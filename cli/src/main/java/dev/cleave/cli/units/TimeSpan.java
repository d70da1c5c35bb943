package dev.cleave.cli.units;

import java.time.Duration;
import java.util.Map;

/** Times as the command line writes them: {@code 250us}, {@code 50ms}, {@code 1.5s}; a bare {@code 0} is allowed. */
public final class TimeSpan {
    private static final Map<String, Long> UNITS = Map.of("us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L);
    private static final double NANOS_PER_MILLI = 1e6;

    private TimeSpan() {}

    /** @throws IllegalArgumentException naming the text and the expectation */
    public static Duration parse(String text) {
        long nanos = text.strip().equals("0") ? 0 : Quantity.parse(text, UNITS);
        if (nanos < 0) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a time; expected one such as 250us, 50ms or 1.5s");
        }
        return Duration.ofNanos(nanos);
    }

    /** For people: {@code 0.42 ms}, {@code 12.5 ms}, {@code 2.31 s}. */
    public static String format(Duration time) {
        return formatMillis(time.toNanos() / NANOS_PER_MILLI);
    }

    public static String formatMillis(double millis) {
        return millis < 1000 ? Quantity.digits(millis) + " ms" : Quantity.digits(millis / 1000) + " s";
    }
}
