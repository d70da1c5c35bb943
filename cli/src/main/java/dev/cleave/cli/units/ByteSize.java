package dev.cleave.cli.units;

import java.util.Map;

/** A size in bytes; {@code 64k}, {@code 1.5M}, {@code 2G} (powers of 1024), or bytes bare. */
public record ByteSize(long bytes) {
    private static final Map<String, Long> UNITS = Map.of("", 1L, "k", 1L << 10, "m", 1L << 20, "g", 1L << 30);

    public ByteSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("size of " + bytes + " bytes; expected at least 0");
        }
    }

    /** @throws IllegalArgumentException naming the text and the expectation */
    public static ByteSize parse(String text) {
        long parsed = Quantity.parse(text, UNITS);
        if (parsed < 0) {
            throw new IllegalArgumentException("\"" + text + "\" is not a size; expected one such as 64k, 1.5M or 2G");
        }
        return new ByteSize(parsed);
    }

    /** For people: {@code 3.42 KiB}. */
    @Override
    public String toString() {
        return format(bytes);
    }

    /** The same for a mean or another fractional size. */
    public static String format(double bytes) {
        return Quantity.format(bytes, 1024, "B", "KiB", "MiB", "GiB");
    }
}
