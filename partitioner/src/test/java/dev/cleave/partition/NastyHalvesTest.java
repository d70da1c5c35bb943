package dev.cleave.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.half.HalfTails;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Odd graphs in 16 bits: every tail of a ladder runs and is close to the same in 32, or the model is refused by name. */
class NastyHalvesTest {
    private static final double MOST_ERROR = 4e-3;

    @TempDir
    Path folder;

    private HalfCheck check;

    @BeforeEach
    void open() throws Exception {
        check = new HalfCheck(folder);
    }

    @AfterEach
    void close() {
        check.close();
    }

    @TestFactory
    Stream<DynamicTest> everyTailOfAGeneratedGraphIsClose() {
        return NastyGraphs.all().entrySet().stream()
                .filter(graph -> !NastyGraphs.refusals().containsKey(graph.getKey()))
                .map(graph -> DynamicTest.dynamicTest(
                        graph.getKey(), () -> checkModel(graph.getValue().read(folder))));
    }

    @TestFactory
    Stream<DynamicTest> everyTailOfAModelOfTheMaterialIsClose() {
        return Material.models("odd").stream()
                .map(file ->
                        DynamicTest.dynamicTest(file.getFileName().toString(), () -> checkModel(OnnxModel.read(file))));
    }

    private void checkModel(OnnxModel model) throws Exception {
        ModelSummary summary = ModelSummary.of(model, check.engine(), ProbeSettings.defaults());
        Ladder ladder =
                summary.cuts().noneBecause() == null ? summary.narrowest(4, null) : Ladder.of(java.util.List.of());
        HalfTails tails;
        try {
            tails = check.tails(summary, ladder);
        } catch (ModelException refused) {
            System.out.println("REFUSED " + model.file() + " " + refused.getMessage());
            assertThat(refused).hasMessageContaining("cannot be converted to fp16: ");
            return;
        }
        double e = check.worstError(summary, ladder, tails);
        System.out.println("ERR " + model.file() + " " + e + " " + tails.refusals());
        assertThat(e).isLessThanOrEqualTo(MOST_ERROR);
    }
}
