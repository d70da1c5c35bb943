package dev.cleave.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.half.HalfTails;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import java.util.List;
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
                        graph.getKey(),
                        () -> checkModel(ModelSummary.of(
                                graph.getValue().read(folder), check.engine(), ProbeSettings.defaults()))));
    }

    @TestFactory
    Stream<DynamicTest> everyTailOfAModelOfTheMaterialIsClose() {
        return Material.models("odd").stream()
                .map(file -> DynamicTest.dynamicTest(
                        file.getParent().getFileName() + "/" + file.getFileName(), () -> checkFile(file)));
    }

    /** A model that does not run in 32 bits has no tails in 16: it is refused by name, as anywhere. */
    private void checkFile(Path file) throws Exception {
        ModelSummary summary;
        try {
            summary = ModelSummary.of(OnnxModel.read(file), check.engine(), ProbeSettings.defaults());
        } catch (ModelException malformed) {
            assertThat(malformed).hasMessageContaining(file.getFileName().toString());
            return;
        }
        checkModel(summary);
    }

    private void checkModel(ModelSummary summary) throws Exception {
        Ladder ladder = summary.cuts().noneBecause() == null ? summary.narrowest(4) : Ladder.of(List.of());
        HalfTails tails;
        try {
            tails = check.tails(summary, ladder);
        } catch (ModelException refused) {
            assertThat(refused).hasMessageMatching("model .* cannot be converted to fp16: it (is|has) .*");
            return;
        }
        assertThat(check.worstError(summary, ladder, tails)).isLessThanOrEqualTo(MOST_ERROR);
    }
}
