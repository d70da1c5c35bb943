package dev.cleave.partition.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.Splits;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WireSketchTest {
    private static final int WIDTH = 1000;

    @TempDir
    Path folder;

    /** Magnitudes, whose negatives nothing is left of; integers; and half as many numbers as came in. */
    private static ModelBuilder model() {
        return new ModelBuilder()
                .input("x", "N", WIDTH)
                .weights("w", WIDTH, WIDTH / 2)
                .node("Abs", "x", "magnitude")
                .node("Neg", "magnitude", "negative")
                .node("Relu", "negative", "empty")
                .node("Cast", "magnitude", "whole")
                .with("to", ElementType.INT32.onnxCode())
                .node("Cast", "whole", "back")
                .with("to", 1)
                .node("Add", "back empty", "sum")
                .node("MatMul", "sum w", "half")
                .node("Sigmoid", "half", "y")
                .output("y");
    }

    private Map<String, Double> sketch(Samples samples) throws Exception {
        try (Splits splits = new Splits(folder)) {
            ModelSummary summary = ModelSummary.of(model().read(folder), splits.engine(), ProbeSettings.defaults());
            CutGraphs graphs =
                    new CutGraphs(summary.model().flow(), summary.model().facts(), folder.resolve("weights.bin"));
            Map<String, Double> bytes =
                    WireSketch.of(summary.model(), graphs, null, splits.engine(), SessionOptions.defaults(), samples);
            assertThat(bytes.keySet())
                    .containsAll(List.of("x", "magnitude", "negative", "empty", "whole", "back", "sum", "half"));
            summary.cuts().all().forEach(cut -> assertThat(bytes.keySet()).containsAll(cut.boundary()));
            return bytes;
        }
    }

    private static Samples samples(float first) {
        return Splits.samples(3, random -> {
            float[] values = new float[WIDTH];
            for (int i = 0; i < WIDTH; i++) {
                values[i] = (float) random.nextGaussian();
            }
            values[0] = first;
            return Tensor.ofFloats(Shape.of(1, WIDTH), values);
        });
    }

    @Test
    void withoutSamplesFloatsCountAsHalves() throws Exception {
        Map<String, Double> bytes = sketch(null);
        assertThat(bytes.get("x")).isBetween(1.5 * WIDTH, 2.1 * WIDTH);
        assertThat(bytes.get("half")).isBetween(0.5 * WIDTH, 1.1 * WIDTH);
    }

    @Test
    void withSamplesFloatsCountAsTwentyFourLevels() throws Exception {
        Map<String, Double> bytes = sketch(samples(0));
        assertThat(bytes.get("x"))
                .as("less than a byte an element, more than two bits")
                .isBetween(0.25 * WIDTH, 1.0 * WIDTH);
        assertThat(bytes.get("x")).isLessThan(sketch(null).get("x") / 2);
    }

    @Test
    void whatIsEmptyCostsNextToNothingAndIntegersStayAsTheyAre() throws Exception {
        Map<String, Double> bytes = sketch(samples(0));
        assertThat(bytes.get("empty")).isLessThan(0.05 * WIDTH);
        assertThat(bytes.get("whole")).isBetween(0.1 * WIDTH, 4.1 * WIDTH);
    }

    @Test
    void whatIsNoNumberIsSentAsItIs() throws Exception {
        assertThat(sketch(samples(Float.NaN)).get("x")).isBetween(2.5 * WIDTH, 4.1 * WIDTH);
    }

    @Test
    void theSameSampleGivesTheSameSketch() throws Exception {
        assertThat(sketch(samples(1))).isEqualTo(sketch(samples(1)));
        assertThat(sketch(null)).isEqualTo(sketch(null));
    }
}
