package dev.cleave.partition.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.bundle.Bundle;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Splits;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TallyTest {
    @TempDir
    Path folder;

    @Test
    void percentilesAreOfTheNearestRank() {
        double[] values = {5, 1, 4, 2, 3};
        assertThat(Tally.percentile(values, 0.5)).isEqualTo(3);
        assertThat(Tally.percentile(values, 0.95)).isEqualTo(5);
        assertThat(Tally.percentile(values, 0.2)).isEqualTo(1);
        assertThat(Tally.percentile(values, 0.21)).isEqualTo(2);
        assertThat(Tally.percentile(values, 0)).isEqualTo(1);
        assertThat(Tally.percentile(new double[] {7}, 0.95)).isEqualTo(7);
        assertThat(values).containsExactly(5, 1, 4, 2, 3);
    }

    @Test
    void addsUpAnswersAndBytes() throws Exception {
        try (Splits splits = new Splits(folder)) {
            Bundle bundle = splits.bundle(
                    new ModelBuilder()
                            .input("x", "N", 3)
                            .node("Exp", "x", "h")
                            .node("Sin", "h", "y")
                            .output("y"),
                    "h");
            Tally tally = new Tally(bundle.contract(), Agreement.TOP_1, 3);
            Map<String, Tensor> second = scores(0, 1, 0);
            tally.wire(100, 3, 2_000_000, 1_000_000);
            tally.answer(second, scores(0.5f, 0.75f, 0), 1);
            tally.wire(300, 3, 4_000_000, 3_000_000);
            tally.answer(second, scores(2, 1, 0), 2);
            tally.wire(200, 6, 3_000_000, 2_000_000);
            tally.answer(second, second, null);

            VerifyReport.Level row = tally.level("default", "raw");
            assertThat(row.name()).isEqualTo("default");
            assertThat(row.codec()).isEqualTo("raw");
            assertThat(row.agreeing()).isEqualTo(new Proportion(2, 3));
            assertThat(row.correct()).as("of the two that have a label").isEqualTo(new Proportion(1, 2));
            assertThat(row.wireBytesMean()).isEqualTo(200);
            assertThat(row.wireBytesP95()).isEqualTo(300);
            assertThat(row.elements()).isEqualTo(4);
            assertThat(row.bitsPerElement()).isEqualTo(400);
            assertThat(row.maxAbsError()).isEqualTo(2);
            assertThat(row.maxRelError()).isEqualTo(1);
            assertThat(row.encodeMillisP50()).isEqualTo(3);
            assertThat(row.decodeMillisP50()).isEqualTo(2);
        }
    }

    private static Map<String, Tensor> scores(float... values) {
        return Map.of("y", Tensor.ofFloats(Shape.of(1, 3), values));
    }
}
