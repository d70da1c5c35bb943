package dev.cleave.cli.units;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A decimal number followed by one of a few units, scaled to a whole number of the smallest. */
final class Quantity {
    private static final Pattern FORM = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)([a-zA-Z]*)");
    private static final BigDecimal MAX = BigDecimal.valueOf(Long.MAX_VALUE);

    private Quantity() {}

    /**
     * Parses a quantity.
     *
     * @param units scale of each unit, names in lower case; the empty name allows a bare number
     * @return -1 if the text has not that form, or is larger than a long
     */
    static long parse(String text, Map<String, Long> units) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            return -1;
        }
        Long scale = units.get(matcher.group(2).toLowerCase(Locale.ROOT));
        if (scale == null) {
            return -1;
        }
        BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(scale));
        return value.compareTo(MAX) > 0
                ? -1
                : value.setScale(0, RoundingMode.HALF_UP).longValueExact();
    }

    /** About three significant digits with the largest unit that leaves at least 1. */
    static String format(double value, double step, String... units) {
        int unit = 0;
        double scaled = value;
        while (scaled >= step && unit < units.length - 1) {
            scaled /= step;
            unit++;
        }
        return digits(scaled) + " " + units[unit];
    }

    static String digits(double value) {
        boolean whole = value == Math.rint(value) || value >= 100;
        return String.format(Locale.ROOT, whole ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
    }
}
