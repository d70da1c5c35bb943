package dev.cleave.partition.half;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.tensor.HalfFloat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HalfWeightsTest {
    @TempDir
    private Path folder;

    private OnnxModel model;

    @BeforeEach
    void read() throws Exception {
        model = new ModelBuilder()
                .input("x", 1)
                .node("Relu", "x", "y")
                .output("y")
                .read(folder);
    }

    @Test
    void numbersAreRoundedToTheNearest() {
        HalfWeights half = convert(1, -0.1f, 65504, 0, Float.POSITIVE_INFINITY);
        assertThat(half.refusal()).isNull();
        assertThat(half.tensor().getName()).isEqualTo("half");
        assertThat(half.tensor().getDataType()).isEqualTo(TensorProto.DataType.FLOAT16_VALUE);
        assertThat(values(half.tensor())).containsExactly(1f, -0.099975586f, 65504f, 0f, Float.POSITIVE_INFINITY);
    }

    @Test
    void theLastNumberThatRoundsIntoRangeIsTaken() {
        assertThat(convert(65519).refusal()).isNull();
        assertThat(convert(65520).refusal()).isEqualTo("\"w\" holds 65520.0, beyond 65504.0");
        assertThat(convert(1, -1e30f).refusal()).isEqualTo("\"w\" holds -1.0E30, beyond 65504.0");
    }

    @Test
    void boundsAreMovedIntoRange() {
        HalfWeights bounds = HalfWeights.ofBounds(model, tensor(List.of(2L), -Float.MAX_VALUE, 1e5f), "half");
        assertThat(values(bounds.tensor())).containsExactly(-65504f, 65504f);
    }

    @Test
    void aTensorThatIsAllTooSmallIsRefused() {
        assertThat(convert(1e-8f, 3e-8f).refusal()).startsWith("\"w\" is too small for 16 bits: ");
        assertThat(convert(1e-6f, 2e-6f).refusal()).startsWith("\"w\" is too small for 16 bits: ");
        assertThat(convert(1e-4f, 2e-4f).refusal()).isNull();
    }

    @Test
    void smallNumbersBesideLargeOnesDoNotCount() {
        assertThat(convert(1, 1e-8f, 1e-12f, 0).refusal()).isNull();
    }

    @Test
    void aSliceThatWouldLoseItsNumbersIsRefusedUnlessItIsAsGoodAsZero() {
        float[] weights = {3e-4f, 3e-4f, 4.02e-7f, 4.02e-7f};
        assertThat(HalfWeights.of(model, tensor(List.of(2L, 2L), weights), "half")
                        .refusal())
                .contains("0.0");
        float[] dead = {1, 1, 1e-6f, 1e-6f};
        assertThat(HalfWeights.of(model, tensor(List.of(2L, 2L), dead), "half").refusal())
                .isNull();
    }

    @Test
    void anEmptyTensorStaysEmpty() {
        assertThat(HalfWeights.of(model, tensor(List.of(0L, 3L)), "half")
                        .tensor()
                        .getDimsList())
                .containsExactly(0L, 3L);
    }

    private HalfWeights convert(float... values) {
        return HalfWeights.of(model, tensor(List.of((long) values.length), values), "half");
    }

    private static TensorProto tensor(List<Long> dims, float... values) {
        TensorProto.Builder tensor = TensorProto.newBuilder()
                .setName("w")
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(dims);
        for (float value : values) {
            tensor.addFloatData(value);
        }
        return tensor.build();
    }

    private static List<Float> values(TensorProto tensor) {
        ByteBuffer halves = tensor.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        List<Float> values = new ArrayList<>();
        while (halves.hasRemaining()) {
            values.add(HalfFloat.fromBinary16(halves.getShort()));
        }
        return values;
    }
}
