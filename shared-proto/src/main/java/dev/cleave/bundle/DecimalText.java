package dev.cleave.bundle;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * The shortest decimal text that reads back as exactly the same number. {@code Float.toString} is no such text: what it
 * prints differs between Java releases, and a contract's bytes are hashed.
 */
final class DecimalText {
    private static final int FLOAT_DIGITS = 9;
    private static final int DOUBLE_DIGITS = 17;
    private static final double PLAIN_INTEGERS = 1e7;

    private DecimalText() {}

    /** @throws IllegalArgumentException for NaN and the infinities, which JSON cannot say */
    static String of(float value) {
        if (isPlainInteger(value)) {
            return Integer.toString((int) value);
        }
        BigDecimal exact = exact(value);
        for (int digits = 1; digits < FLOAT_DIGITS; digits++) {
            String text = exact.round(new MathContext(digits)).toString();
            if (Float.parseFloat(text) == value) {
                return signed(text, value);
            }
        }
        return exact.round(new MathContext(FLOAT_DIGITS)).toString();
    }

    /** @throws IllegalArgumentException for NaN and the infinities, which JSON cannot say */
    static String of(double value) {
        if (isPlainInteger(value)) {
            return Integer.toString((int) value);
        }
        BigDecimal exact = exact(value);
        for (int digits = 1; digits < DOUBLE_DIGITS; digits++) {
            String text = exact.round(new MathContext(digits)).toString();
            if (Double.parseDouble(text) == value) {
                return signed(text, value);
            }
        }
        return exact.round(new MathContext(DOUBLE_DIGITS)).toString();
    }

    private static boolean isPlainInteger(double value) {
        return Math.abs(value) < PLAIN_INTEGERS && (int) value == value && value != 0 || isPositiveZero(value);
    }

    private static boolean isPositiveZero(double value) {
        return Double.doubleToRawLongBits(value) == 0;
    }

    /** BigDecimal has no negative zero. */
    private static String signed(String text, double value) {
        return value == 0 ? "-0.0" : text;
    }

    private static BigDecimal exact(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("the number " + value + " has no JSON form; expected a finite one");
        }
        return new BigDecimal(value);
    }
}
