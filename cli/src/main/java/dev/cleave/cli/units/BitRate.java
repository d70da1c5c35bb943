package dev.cleave.cli.units;

import java.util.Map;

/** A rate of a link in bits per second; {@code 250kbit}, {@code 5.85mbit}, {@code 1gbit}, or bits per second bare. */
public record BitRate(long bitsPerSecond) {
    private static final Map<String, Long> UNITS =
            Map.of("", 1L, "bit", 1L, "kbit", 1_000L, "mbit", 1_000_000L, "gbit", 1_000_000_000L);

    public BitRate {
        if (bitsPerSecond < 1) {
            throw new IllegalArgumentException("rate of " + bitsPerSecond + " bit/s; expected at least 1");
        }
    }

    /** @throws IllegalArgumentException naming the text and the expectation */
    public static BitRate parse(String text) {
        long parsed = Quantity.parse(text, UNITS);
        if (parsed < 1) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a rate; expected one over zero such as 250kbit, 5.85mbit or 1gbit");
        }
        return new BitRate(parsed);
    }

    @Override
    public String toString() {
        return Quantity.format(bitsPerSecond, 1000, "bit/s", "kbit/s", "Mbit/s", "Gbit/s");
    }
}
