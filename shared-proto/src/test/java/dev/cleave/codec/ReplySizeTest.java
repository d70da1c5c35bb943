package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sizes that docs/CODING.md gives for a reply of 1,000 scores, "The way back". */
class ReplySizeTest {
    private static final int CLASSES = 1000;
    private static final TensorSpec SCORES =
            new TensorSpec("scores", ElementType.FLOAT32, Shape.of(Shape.BATCH, CLASSES));
    private static final Map<String, Tensor> REPLY =
            Map.of("scores", SampleTensors.relu(ElementType.FLOAT32, Shape.of(1, CLASSES), 10, 1));

    private static int bytes(CodecParams params, Entropy entropy) {
        return new ActivationCodec(List.of(SCORES), List.of(params), entropy, null, null)
                .encode(REPLY, Map.of())
                .remaining();
    }

    @ParameterizedTest
    @CsvSource({"raw, 4006", "fp16, 2006", "topK, 39"})
    void documentedBytes(String codec, int documented) {
        CodecParams params = switch (codec) {
            case "raw" -> new CodecParams.Raw();
            case "fp16" -> new CodecParams.Fp16();
            default -> new CodecParams.TopK(5);
        };

        assertThat(bytes(params, Entropy.NONE)).isEqualTo(documented);
    }

    @Test
    void documentedBoundOfQuantisedScores() {
        CodecParams params =
                new CodecParams.Quant(256, CodecParams.Quant.PER_TENSOR, new float[] {-10}, new float[] {10});

        assertThat(bytes(params, Entropy.NONE)).isEqualTo(1006);
        assertThat(bytes(params, Entropy.ZSTD)).isLessThanOrEqualTo(1006);
    }
}
