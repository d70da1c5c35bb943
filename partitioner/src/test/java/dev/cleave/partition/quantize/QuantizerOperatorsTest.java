package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Values;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators that compute with integers, or move them, beside the convolutions that make them. */
class QuantizerOperatorsTest {
    private static final Samples PICTURES = Networks.pictures(30);
    private static final QuantizeSettings SETTINGS =
            QuantizeSettings.defaults().withMaxDisagreement(1).withEqualized(false);

    @TempDir
    Path folder;

    private Engine engine;
    private ProbedModel probed;
    private Quantized quantized;

    @BeforeEach
    void quantize() throws Exception {
        engine = Engines.create("onnxruntime");
        probed = Networks.probe(Networks.branching(), folder, engine);
        quantized = new Quantizer(engine, SETTINGS).quantize(probed, PICTURES, Progress.NONE);
    }

    @AfterEach
    void close() {
        engine.close();
    }

    @Test
    void everyOneOfThemIsAnIntegerKernel() throws Exception {
        KernelCount kernels = KernelCount.of(quantized.model(), engine, SessionOptions.defaults(), PICTURES.get(0));
        assertThat(kernels.floating()).as("%s", kernels).isZero();
        assertThat(kernels.conversions()).as("at the input alone: %s", kernels).isEqualTo(1);
        assertThat(kernels.byOperator())
                .containsEntry("QLinearConv", 2)
                .containsEntry("QLinearSigmoid", 1)
                .containsEntry("QLinearLeakyRelu", 1)
                .containsEntry("QLinearAveragePool", 1)
                .containsEntry("QLinearConcat", 1)
                .containsEntry("Clip", 1)
                .containsEntry("Split", 1)
                .containsEntry("Pad", 1)
                .containsEntry("Slice", 1)
                .containsEntry("Resize", 1);
        assertThat(quantized.report().floatNodes()).isEmpty();
    }

    @Test
    void theirIntegersStandForTheFloatModelsValues() throws Exception {
        List<String> tensors =
                List.of("c1", "s1", "l1", "left", "right", "wide", "cut", "mean", "near", "c2", "r2", "j");
        for (int i = 0; i < 3; i++) {
            IntegerValues.assertClose(probed, quantized, PICTURES.get(i), tensors, engine);
        }
    }

    @Test
    void answersAreThoseOfTheFloatModel() throws Exception {
        assertThat(quantized.report().quality().relativeError()).isBetween(1e-6, 0.05);
        OnnxModel floats = probed.graph().model();
        for (int i = 0; i < 5; i++) {
            Map<String, Tensor> inputs = PICTURES.get(i).inputs();
            Tensor expected = Networks.run(floats, engine, SessionOptions.defaults(), inputs)
                    .get("y");
            Tensor actual = Networks.run(quantized.model(), engine, SessionOptions.defaults(), inputs)
                    .get("y");
            assertThat(Values.relativeL2(actual, expected)).isLessThan(0.05);
        }
    }

    /** What is only moved has the scale of what it was. */
    @Test
    void movingKeepsScaleAndZeroPoint() {
        Map<String, QuantizedTensor> tensors = quantized.tensors();
        for (String moved : List.of("left", "right", "wide", "cut")) {
            assertThat(tensors.get(moved).scale())
                    .as(moved)
                    .isEqualTo(tensors.get("l1").scale());
            assertThat(tensors.get(moved).zeroPoint())
                    .as(moved)
                    .isEqualTo(tensors.get("l1").zeroPoint());
        }
        assertThat(tensors.get("near").scale()).isEqualTo(tensors.get("mean").scale());
        assertThat(tensors.get("r2").scale())
                .as("a Clip that is not the only reader")
                .isEqualTo(tensors.get("c2").scale());
    }
}
