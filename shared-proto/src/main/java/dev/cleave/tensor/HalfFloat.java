package dev.cleave.tensor;

/**
 * The two 16-bit floating-point formats and their conversion from and to {@code float}.
 *
 * <p>binary16 (IEEE 754-2019, section 3.6) has 5 exponent and 10 fraction bits; bfloat16 is the upper half of binary32.
 * Every 16-bit value converts to {@code float} exactly. The way back rounds to nearest, ties to even; subnormals are
 * kept, values beyond the largest finite one become infinite, a NaN stays a (quiet) NaN.
 */
public final class HalfFloat {
    private static final int FLOAT_SIGN = 0x80000000;
    private static final int FLOAT_INFINITY = 0x7f800000;
    private static final int HALF_INFINITY = 0x7c00;
    /** 65520, half-way between the largest binary16 value and the next power of two: from here on infinite. */
    private static final int HALF_OVERFLOW = 0x477ff000;
    /** 2^-14, the smallest normal binary16 value. */
    private static final int HALF_SMALLEST_NORMAL = 0x38800000;
    /** The difference of the exponent biases (127 - 15), in place. */
    private static final int REBIAS = 112 << 23;
    /** 2^-24, the unit of binary16 subnormals. */
    private static final float HALF_SUBNORMAL_UNIT = 0x1p-24f;

    private HalfFloat() {}

    /** The value of binary16 bits. */
    public static float fromBinary16(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >>> 10 & 0x1f;
        int fraction = half & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * HALF_SUBNORMAL_UNIT;
            return sign == 0 ? magnitude : -magnitude;
        }
        int bits = exponent == 0x1f ? FLOAT_INFINITY : (exponent << 23) + REBIAS;
        return Float.intBitsToFloat(sign | bits | fraction << 13);
    }

    /** The nearest binary16. */
    public static short toBinary16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & ~FLOAT_SIGN;
        if (magnitude > FLOAT_INFINITY) {
            return (short) (sign | HALF_INFINITY | 0x200 | magnitude >>> 13 & 0x3ff);
        }
        if (magnitude >= HALF_OVERFLOW) {
            return (short) (sign | HALF_INFINITY);
        }
        if (magnitude < HALF_SMALLEST_NORMAL) {
            // The spacing of floats from 0.5 on is the subnormal unit: the addition itself rounds, ties to even.
            float shifted = Float.intBitsToFloat(magnitude) + 0.5f;
            return (short) (sign | Float.floatToRawIntBits(shifted) - Float.floatToRawIntBits(0.5f));
        }
        int tieToEven = magnitude >>> 13 & 1;
        return (short) (sign | magnitude - REBIAS + 0xfff + tieToEven >>> 13);
    }

    /** The value of bfloat16 bits. */
    public static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest bfloat16. */
    public static short toBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (value != value) {
            return (short) (bits >>> 16 | 0x40);
        }
        int tieToEven = bits >>> 16 & 1;
        return (short) (bits + 0x7fff + tieToEven >>> 16);
    }
}
