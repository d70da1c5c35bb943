package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A network of which it is known which node must stay in float: the last one, for the sake of its answers. */
class FloatNodesTest {
    private static final Samples PICTURES = Networks.pictures(40);
    private static final QuantizeSettings SETTINGS =
            QuantizeSettings.defaults().withMaxDisagreement(0.1).withEqualized(false);
    private static final int FEATURES = Networks.CHANNELS * Networks.SIDE * Networks.SIDE / 4;
    private static final int SCORES = 3;
    private static final int MADE = 2 * SCORES;

    @TempDir
    Path folder;

    /**
     * Two convolutions, then a product that makes the scores, and beside them numbers a thousand times as large, which
     * the last product leaves out. As integers with one scale the scores are all the same.
     */
    private static ModelBuilder network() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "c1", 3, Networks.CHANNELS, 1);
        model.node("Relu", "c1", "r1");
        Networks.convolve(model, "r1", "c2", Networks.CHANNELS, Networks.CHANNELS, 1);
        model.node("Relu", "c2", "r2")
                .node("MaxPool", "r2", "p2")
                .with("kernel_shape", 2L, 2L)
                .with("strides", 2L, 2L)
                .node("Flatten", "p2", "f");
        SplittableRandom random = new SplittableRandom(5);
        float[] weights = new float[FEATURES * MADE];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) ((i % MADE < SCORES ? 1 : 1000) * random.nextGaussian());
        }
        float[] chosen = new float[MADE * SCORES];
        for (int i = 0; i < SCORES; i++) {
            chosen[i * SCORES + i] = 1;
        }
        return model.initializer(Stored.floats("wt", List.of((long) FEATURES, (long) MADE), weights))
                .initializer(Stored.floats("wy", List.of((long) MADE, (long) SCORES), chosen))
                .node("MatMul", "f wt", "t")
                .node("MatMul", "t wy", "y")
                .output("y");
    }

    private QuantizeReport report(QuantizeSettings settings) throws Exception {
        try (Engine engine = Engines.create("onnxruntime")) {
            return new Quantizer(engine, settings)
                    .quantize(Networks.probe(network(), folder, engine), PICTURES, Progress.NONE)
                    .report();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theOneNodeThatChangesAnswersIsLeftInFloatAndNoOther(boolean thorough) throws Exception {
        QuantizeReport report = report(SETTINGS.withThorough(thorough));
        assertThat(report.floatNodes()).containsOnlyKeys("MatMul \"MatMul_y\"");
        assertThat(report.floatNodes().get("MatMul \"MatMul_y\"")).contains("the budget does not hold");
        assertThat(report.integerProducts()).isEqualTo(3);
        assertThat(report.all().isWithin(SETTINGS)).as("all of it in integers").isFalse();
        assertThat(report.quality().isWithin(SETTINGS)).isTrue();
    }

    @Test
    void whereAnswersMayChangeNoneIsLeftInFloat() throws Exception {
        assertThat(report(SETTINGS.withMaxDisagreement(1)).floatNodes()).isEmpty();
    }
}
