package dev.cleave.partition.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Values;
import dev.cleave.engine.Engine;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.tensor.Tensor;
import java.util.List;
import java.util.Map;

/** What the integers of a quantised model stand for. */
final class IntegerValues {
    private static final double MOST_ERROR = 0.05;

    private IntegerValues() {}

    /** Of one sample: tensors that are integers stand for the float model's values of the same name. */
    static void assertClose(ProbedModel probed, Quantized quantized, Sample sample, List<String> tensors, Engine engine)
            throws Exception {
        try (Runner floats = watching(probed.graph().model(), tensors, engine);
                Runner integers = watching(quantized.model(), tensors, engine)) {
            Map<String, Tensor> expected = floats.run(sample);
            Map<String, Tensor> actual = integers.run(sample);
            for (String name : tensors) {
                Tensor values =
                        dequantized(actual.get(name), quantized.tensors().get(name));
                assertThat(Values.relativeL2(values, expected.get(name)))
                        .as(name)
                        .isLessThan(MOST_ERROR);
            }
        }
    }

    private static Runner watching(OnnxModel model, List<String> tensors, Engine engine) throws Exception {
        QuantizeSettings settings = QuantizeSettings.defaults();
        return Runner.watching(model, tensors, engine, settings.options(), settings.runLimit());
    }

    private static Tensor dequantized(Tensor integers, QuantizedTensor as) {
        float[] values = new float[integers.elements()];
        int channels = (int) integers.shape().dim(1);
        int inner = values.length / channels;
        for (int i = 0; i < values.length; i++) {
            float scale = as.channelScales().isEmpty()
                    ? as.scale()
                    : as.channelScales().get(i / inner);
            values[i] = scale * ((integers.data().get(i) & 0xff) - as.zeroPoint());
        }
        return Tensor.ofFloats(integers.shape(), values);
    }
}
