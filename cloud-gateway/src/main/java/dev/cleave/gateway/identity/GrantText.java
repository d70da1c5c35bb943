package dev.cleave.gateway.identity;

import dev.cleave.gateway.config.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The fields behind a device's name in a tokens file: {@code models=resnet,lines* rate=50/s burst=100 bytes=10M/s streams=4}, in any order, each at most
 * once.
 */
final class GrantText {
    private static final Pattern FIELD = Pattern.compile("([a-z]{1,16})=(.*)");
    private static final Pattern MODEL = Pattern.compile("[!-~&&[^,\"/\\\\*]]{1,128}\\*?|\\*");
    private static final Pattern RATE = Pattern.compile("(.+)/(s|min|h)");
    private static final Map<String, Long> NANOS =
            Map.of("s", 1_000_000_000L, "min", 60_000_000_000L, "h", 3_600_000_000_000L);
    private static final Set<String> KNOWN = Set.of("models", "rate", "burst", "bytes", "streams");
    private static final int MOST_MODELS = 256;
    private static final long MOST = 1_000_000_000;
    private static final long MOST_BYTES = 1L << 40;

    private GrantText() {}

    /**
     * @param fields without the spaces between them
     * @throws IllegalArgumentException saying which one, and what was expected
     */
    static Grant parse(List<String> fields) {
        Map<String, String> values = new TreeMap<>();
        for (String field : fields) {
            Matcher matcher = FIELD.matcher(field);
            // What is no field may be a token that somebody pasted: it is not shown.
            if (!matcher.matches() || !KNOWN.contains(matcher.group(1))) {
                throw new IllegalArgumentException(
                        "has something behind the device that is no field; expected models=, rate=, burst=, bytes= or"
                                + " streams=");
            }
            if (values.put(matcher.group(1), matcher.group(2)) != null) {
                throw new IllegalArgumentException("has " + matcher.group(1) + "= twice; expected it once");
            }
        }
        if (values.containsKey("burst") && !values.containsKey("rate")) {
            throw new IllegalArgumentException("has burst=" + values.get("burst") + " without rate=; expected both");
        }
        Rate rate = values.containsKey("rate") ? rate(values.get("rate")) : null;
        return new Grant(
                values.containsKey("models") ? models(values.get("models")) : List.of(),
                rate,
                values.containsKey("burst") ? number("burst", values.get("burst"), MOST) : aSecondOf(rate),
                values.containsKey("bytes") ? byteRate(values.get("bytes")) : null,
                values.containsKey("streams") ? (int) number("streams", values.get("streams"), 1 << 20) : 0);
    }

    private static List<String> models(String text) {
        List<String> models = List.of(text.split(",", -1));
        if (models.size() > MOST_MODELS) {
            throw new IllegalArgumentException(
                    "has models= with " + models.size() + " names; expected at most " + MOST_MODELS);
        }
        for (String model : models) {
            if (!MODEL.matcher(model).matches()) {
                throw new IllegalArgumentException(
                        "has models=" + text + "; expected names with commas between them, each of which may end in *");
            }
        }
        return models;
    }

    private static Rate rate(String text) {
        Matcher matcher = RATE.matcher(text);
        if (!matcher.matches() || !matcher.group(1).matches("[1-9]\\d{0,8}")) {
            throw new IllegalArgumentException(
                    "has rate=" + text + "; expected requests such as 50/s, 100/min or 20/h");
        }
        return new Rate(Long.parseLong(matcher.group(1)), NANOS.get(matcher.group(2)));
    }

    private static Rate byteRate(String text) {
        Matcher matcher = RATE.matcher(text);
        long bytes = -1;
        if (matcher.matches()) {
            try {
                bytes = Quantity.bytes(matcher.group(1));
            } catch (IllegalArgumentException noSize) {
                bytes = -1; // Said below, with the whole value.
            }
        }
        if (bytes < 1 || bytes > MOST_BYTES) {
            throw new IllegalArgumentException("has bytes=" + text + "; expected a size such as 10M/s or 1G/h");
        }
        return new Rate(bytes, NANOS.get(matcher.group(2)));
    }

    private static long number(String name, String text, long most) {
        if (!text.matches("[1-9]\\d{0,9}") || Long.parseLong(text) > most) {
            throw new IllegalArgumentException("has " + name + "=" + text + "; expected a number from 1 to " + most);
        }
        return Long.parseLong(text);
    }

    private static long aSecondOf(Rate rate) {
        return rate == null ? 0 : Math.max(1, rate.amount() * NANOS.get("s") / rate.nanos());
    }
}
