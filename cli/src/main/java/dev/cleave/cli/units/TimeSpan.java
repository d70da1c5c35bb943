package dev.cleave.cli.units;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/** Times as the command line writes them: {@code 250us}, {@code 50ms}, {@code 1.5s}; a bare {@code 0} is allowed. */
public final class TimeSpan {
    private static final Map<String, Long> UNITS = Map.of("us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L);
    private static final double NANOS_PER_MILLI = 1e6;
    private static final Duration TINY = Duration.ofNanos(10_000);
    private static final Pattern ISO = Pattern.compile("\\bPT(?:\\d+H)?(?:\\d+M)?(?:\\d+(?:\\.\\d+)?S)?(?<!PT)");

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

    /** For people: {@code 0.42 ms}, {@code 12.5 ms}, {@code 2.31 s}; from two hours and days on {@code 24 h}, {@code 30 d}. */
    public static String format(Duration time) {
        if (isWhole(time, Duration.ofDays(2), Duration.ofDays(1))) {
            return time.toDays() + " d";
        }
        if (isWhole(time, Duration.ofHours(2), Duration.ofHours(1))) {
            return time.toHours() + " h";
        }
        boolean tiny = time.compareTo(TINY) < 0 && !time.isZero();
        return tiny ? Quantity.digits(time.toNanos() / 1e3) + " us" : formatMillis(time.toNanos() / NANOS_PER_MILLI);
    }

    /** A message of a library's, its times ({@code PT0.005S}) written as here: {@code 5 ms}. */
    public static String inMessage(String message) {
        return ISO.matcher(message).replaceAll(time -> format(Duration.parse(time.group())));
    }

    private static boolean isWhole(Duration time, Duration least, Duration unit) {
        return time.compareTo(least) >= 0 && time.toNanos() % unit.toNanos() == 0;
    }

    public static String formatMillis(double millis) {
        return millis < 1000 ? Quantity.digits(millis) + " ms" : Quantity.digits(millis / 1000) + " s";
    }
}
