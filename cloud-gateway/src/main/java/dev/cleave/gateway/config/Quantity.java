package dev.cleave.gateway.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times with {@code us}, {@code ms}, {@code s}, {@code min}, {@code h} and sizes with {@code k}, {@code M}, {@code G} (powers of 1024). */
public final class Quantity {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?([a-zA-Z]*)");
    private static final Map<String, Long> NANOS = Map.of(
            "us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L, "min", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final Map<String, Long> BYTES = Map.of("", 1L, "k", 1L << 10, "M", 1L << 20, "G", 1L << 30);

    private Quantity() {}

    static Duration duration(String text) {
        return Duration.ofNanos(scaled(text, NANOS, "a time such as 500us, 20ms or 1.5s"));
    }

    /** @throws IllegalArgumentException naming the text and what was expected */
    public static long bytes(String text) {
        return scaled(text, BYTES, "a size such as 65536, 64k, 16M or 1G");
    }

    private static long scaled(String text, Map<String, Long> units, String expectation) {
        Matcher matcher = FORM.matcher(text.trim());
        if (matcher.matches() && units.containsKey(matcher.group(2))) {
            try {
                return new BigDecimal(matcher.group(1))
                        .multiply(BigDecimal.valueOf(units.get(matcher.group(2))))
                        .setScale(0, RoundingMode.HALF_UP)
                        .longValueExact();
            } catch (ArithmeticException overflow) {
                // Falls through to the same refusal.
            }
        }
        throw new IllegalArgumentException("\"" + text + "\" is not " + expectation);
    }
}
