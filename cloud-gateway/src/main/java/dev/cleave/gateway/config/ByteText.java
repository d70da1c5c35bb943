package dev.cleave.gateway.config;

import java.util.Locale;

/** Sizes for people: {@code 300 MiB}, {@code 1.5 GiB}. */
public final class ByteText {
    private ByteText() {}

    public static String of(long bytes) {
        String[] units = {"bytes", "KiB", "MiB", "GiB", "TiB"};
        double value = Math.max(0, bytes);
        int unit = 0;
        while (value >= 1024 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        String number = String.format(Locale.ROOT, value < 10 && unit > 0 ? "%.1f" : "%.0f", value);
        return (number.endsWith(".0") ? number.substring(0, number.length() - 2) : number) + " " + units[unit];
    }
}
