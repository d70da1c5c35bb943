package dev.cleave.answer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Values.Difference;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.Arrays;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ValuesTest {
    private static final float NAN = Float.NaN;
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @Test
    void readsEveryTypeAsTheNumberItStandsFor() {
        assertThat(read(ElementType.INT8, (byte) 0xff)).isEqualTo(-1);
        assertThat(read(ElementType.UINT8, (byte) 0xff)).isEqualTo(255);
        assertThat(read(ElementType.BOOL, (byte) 1)).isEqualTo(1);
        assertThat(read(ElementType.INT16, (byte) 0xfe, (byte) 0xff)).isEqualTo(-2);
        assertThat(read(ElementType.UINT16, (byte) 0xfe, (byte) 0xff)).isEqualTo(65534);
        assertThat(read(ElementType.FLOAT16, (byte) 0x00, (byte) 0xc0)).isEqualTo(-2);
        assertThat(read(ElementType.BFLOAT16, (byte) 0x80, (byte) 0x3f)).isEqualTo(1);
        assertThat(read(ElementType.UINT32, bytes(4, (byte) 0xff))).isEqualTo(4294967295.0);
        assertThat(read(ElementType.INT64, bytes(8, (byte) 0xff))).isEqualTo(-1);
        assertThat(read(ElementType.UINT64, bytes(8, (byte) 0xff))).isEqualTo(0x1p64);
    }

    @Test
    void argmaxIsTheFirstOfEqualsAndPassesOverNan() {
        assertThat(Values.argmax(floats(1, 3, 3))).isEqualTo(1);
        assertThat(Values.argmax(floats(NAN, -2, NAN, -1))).isEqualTo(3);
        assertThat(Values.argmax(floats(-INFINITY, -INFINITY))).isZero();
        assertThat(Values.argmax(floats(NAN, NAN))).isEqualTo(-1);
    }

    @Test
    void relativeErrorIsTheLargestDifferenceOverTheLargestMagnitude() {
        Difference difference = Values.difference(floats(1, -8, 2), floats(1, -10, 3));
        assertThat(difference.maxAbs()).isEqualTo(2);
        assertThat(difference.relative()).isEqualTo(0.2);
        assertThat(Values.difference(floats(0, 0), floats(0, 0)).relative()).isZero();
        assertThat(Values.difference(floats(1e-6f), floats(0)).relative()).isEqualTo(1, within());
    }

    @Test
    void nanAndInfinityAreOnlyEqualToThemselves() {
        assertThat(Values.difference(floats(NAN, INFINITY, 1), floats(NAN, INFINITY, 1))
                        .relative())
                .isZero();
        assertThat(Values.difference(floats(NAN, 1), floats(2, 1)).relative()).isInfinite();
        assertThat(Values.difference(floats(2, 1), floats(NAN, 1)).relative()).isInfinite();
        assertThat(Values.difference(floats(-INFINITY), floats(INFINITY)).relative())
                .isInfinite();
    }

    @Test
    void anotherTypeOrShapeIsInfinitelyWrong() {
        Tensor row = floats(1, 2);
        assertThat(Values.difference(row, row.reshaped(Shape.of(2, 1))).relative())
                .isInfinite();
        assertThat(Values.difference(Tensor.ofInts(Shape.of(1, 2), 1, 2), row).relative())
                .isInfinite();
        assertThat(Values.relativeL2(row, row.reshaped(Shape.of(2, 1)))).isInfinite();
        assertThat(Values.bitEqual(row, row.reshaped(Shape.of(2, 1)))).isFalse();
    }

    @Test
    void relativeL2ComparesNorms() {
        assertThat(Values.relativeL2(floats(3, 4), floats(0, 4))).isEqualTo(0.75);
        assertThat(Values.relativeL2(floats(3, 4), floats(3, 4))).isZero();
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-3);
    }

    private static Tensor floats(float... values) {
        return Tensor.ofFloats(Shape.of(1, values.length), values);
    }

    private static double read(ElementType type, byte... bytes) {
        Tensor tensor = Tensor.ofBytes(type, Shape.of(1), bytes);
        return Values.get(tensor, tensor.data(), 0);
    }

    private static byte[] bytes(int count, byte value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, value);
        return bytes;
    }
}
