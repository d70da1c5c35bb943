package dev.cleave.partition.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ChannelRangesTest {
    private static final int CHANNELS = 3;
    private static final int SIDE = 8;

    @Test
    void findsTheChannelsWhereverTheyAre() {
        assertThat(observed(Shape.of(Shape.BATCH, CHANNELS, SIDE, SIDE), 1).channelAxis())
                .isEqualTo(1);
        assertThat(observed(Shape.of(Shape.BATCH, SIDE, SIDE, CHANNELS), 3).channelAxis())
                .isEqualTo(3);
        assertThat(observed(Shape.of(Shape.BATCH, Shape.DYNAMIC, CHANNELS), 2).channelAxis())
                .isEqualTo(2);
    }

    @Test
    void takesOneRangeForTheTensorWhereAnIndexIsSeldomSeen() {
        ChannelRanges ranges = new ChannelRanges(new TensorSpec("h", ElementType.FLOAT32, Shape.of(Shape.BATCH, 4)));
        ranges.observe(Tensor.ofFloats(Shape.of(1, 4), 1, 20, 300, 4000));
        assertThat(ranges.channelAxis()).isEqualTo(Quant.PER_TENSOR);
        Quant quant = ranges.quant(16, Quant.PER_TENSOR);
        assertThat(quant.low(0)).isEqualTo(1);
        assertThat(quant.high(0)).isEqualTo(4000);
        assertThat(quant.levels()).isEqualTo(16);
    }

    @Test
    void leavesOutWhatIsNotFiniteAndTakesTheUnseenForZero() {
        ChannelRanges ranges = new ChannelRanges(new TensorSpec("h", ElementType.FLOAT32, Shape.of(Shape.BATCH, 2)));
        assertThat(ranges.observed()).isZero();
        ranges.observe(Tensor.ofFloats(Shape.of(1, 2), Float.NaN, 2));
        ranges.observe(Tensor.ofFloats(Shape.of(1, 2), Float.POSITIVE_INFINITY, -3));
        assertThat(ranges.observed()).isEqualTo(2);
        Quant quant = ranges.quant(4, 1);
        assertThat(List.of(quant.low(0), quant.high(0))).containsExactly(0f, 0f);
        assertThat(List.of(quant.low(1), quant.high(1))).containsExactly(-3f, 2f);
    }

    /** Channel c takes values around 100 c. */
    private static ChannelRanges observed(Shape shape, int channelAxis) {
        ChannelRanges ranges = new ChannelRanges(new TensorSpec("h", ElementType.FLOAT32, shape));
        SplittableRandom random = new SplittableRandom(5);
        Shape row = shape;
        for (int axis = 0; axis < shape.rank(); axis++) {
            if (shape.dim(axis) < 0) {
                row = row.withDim(axis, axis == 0 ? 1 : SIDE * SIDE);
            }
        }
        for (int sample = 0; sample < 10; sample++) {
            float[] values = new float[(int) row.elements()];
            int inner = 1;
            for (int axis = channelAxis + 1; axis < row.rank(); axis++) {
                inner *= (int) row.dim(axis);
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (100 * (i / inner % CHANNELS) + random.nextGaussian());
            }
            ranges.observe(Tensor.ofFloats(row, values));
        }
        return ranges;
    }
}
