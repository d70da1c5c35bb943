package dev.cleave.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfFloatTest {
    private static final int ALL = 1 << 16;

    @Test
    void everyBinary16HasTheValueThatItsFieldsDefine() {
        for (int bits = 0; bits < ALL; bits++) {
            float value = HalfFloat.fromBinary16((short) bits);
            double expected = binary16(bits);
            assertThat(Double.compare(value, expected)).as("0x%04x", bits).isZero();
        }
    }

    @Test
    void everyBinary16SurvivesTheWayThroughFloat() {
        for (int bits = 0; bits < ALL; bits++) {
            float value = HalfFloat.fromBinary16((short) bits);
            short back = HalfFloat.toBinary16(value);
            if (Float.isNaN(value)) {
                assertThat(HalfFloat.fromBinary16(back)).isNaN();
            } else {
                assertThat(back).as("0x%04x", bits).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void roundsToTheNearestBinary16AndTiesToEven() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            double lower = binary16(bits);
            double upper = binary16(bits + 1);
            float tie = (float) ((lower + upper) / 2);
            int even = (bits & 1) == 0 ? bits : bits + 1;
            assertThat(HalfFloat.toBinary16(tie)).as("tie above 0x%04x", bits).isEqualTo((short) even);
            assertThat(HalfFloat.toBinary16(Math.nextDown(tie))).isEqualTo((short) bits);
            assertThat(HalfFloat.toBinary16(Math.nextUp(tie))).isEqualTo((short) (bits + 1));
            assertThat(HalfFloat.toBinary16(-tie)).isEqualTo((short) (even | 0x8000));
        }
    }

    @Test
    void overflowsToInfinityFromHalfWayAboveTheLargestBinary16() {
        assertThat(HalfFloat.toBinary16(65519.996f)).isEqualTo((short) 0x7bff);
        assertThat(HalfFloat.toBinary16(65520f)).isEqualTo((short) 0x7c00);
        assertThat(HalfFloat.toBinary16(-Float.MAX_VALUE)).isEqualTo((short) 0xfc00);
        assertThat(HalfFloat.toBinary16(Float.POSITIVE_INFINITY)).isEqualTo((short) 0x7c00);
    }

    @Test
    void underflowsToASignedZero() {
        assertThat(HalfFloat.toBinary16(0x1p-25f)).isZero();
        assertThat(HalfFloat.toBinary16(Math.nextUp(0x1p-25f))).isEqualTo((short) 1);
        assertThat(HalfFloat.toBinary16(-Float.MIN_VALUE)).isEqualTo((short) 0x8000);
    }

    @Test
    void everyBfloat16SurvivesTheWayThroughFloat() {
        for (int bits = 0; bits < ALL; bits++) {
            float value = HalfFloat.fromBfloat16((short) bits);
            assertThat(Float.floatToRawIntBits(value)).isEqualTo(bits << 16);
            short back = HalfFloat.toBfloat16(value);
            if (Float.isNaN(value)) {
                assertThat(HalfFloat.fromBfloat16(back)).isNaN();
            } else {
                assertThat(back).as("0x%04x", bits).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void roundsToTheNearestBfloat16AndTiesToEven() {
        Random random = new Random(7);
        for (int i = 0; i < 200_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            float rounded = HalfFloat.fromBfloat16(HalfFloat.toBfloat16(value));
            if (Float.isNaN(value)) {
                assertThat(rounded).isNaN();
            } else if (Math.abs(value) < 0x1.fep127f) {
                int down = Float.floatToRawIntBits(value) & 0xffff0000;
                assertThat(rounded).isEqualTo(nearest(value, down));
            }
        }
        assertThat(HalfFloat.toBfloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
        assertThat(HalfFloat.toBfloat16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xff80);
    }

    /** By exact decimal comparison of the two neighbours; {@code down} is the one nearer to zero. */
    private static float nearest(float value, int down) {
        float lower = Float.intBitsToFloat(down);
        float upper = Float.intBitsToFloat(down + 0x10000);
        BigDecimal toLower =
                new BigDecimal(value).subtract(new BigDecimal(lower)).abs();
        BigDecimal toUpper =
                new BigDecimal(upper).subtract(new BigDecimal(value)).abs();
        int order = toLower.compareTo(toUpper);
        return order < 0 || order == 0 && (down >>> 16 & 1) == 0 ? lower : upper;
    }

    private static double binary16(int bits) {
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = bits >> 10 & 31;
        int fraction = bits & 1023;
        if (exponent == 31) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * fraction * Math.pow(2, -24)
                : sign * (1024 + fraction) * Math.pow(2, exponent - 25);
    }
}
