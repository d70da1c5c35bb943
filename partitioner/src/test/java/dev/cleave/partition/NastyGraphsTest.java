package dev.cleave.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every legal cut of every nasty graph gives what the whole graph gives, or the graph is refused with a reason. */
class NastyGraphsTest {
    /** Of graphs with very many cuts so many are run, evenly spread. */
    private static final int MOST_CUTS = 12;

    @TempDir
    Path folder;

    private SplitCheck check;

    @BeforeEach
    void open() throws Exception {
        check = new SplitCheck(folder);
    }

    @AfterEach
    void close() {
        check.close();
    }

    @TestFactory
    Stream<DynamicTest> everyLegalCutIsExactOrTheGraphIsRefused() {
        Map<String, String> refusals = NastyGraphs.refusals();
        return NastyGraphs.all().entrySet().stream()
                .map(graph -> DynamicTest.dynamicTest(
                        graph.getKey(), () -> checkGraph(graph.getValue(), refusals.get(graph.getKey()))));
    }

    private void checkGraph(ModelBuilder graph, String refusal) throws Exception {
        ModelSummary summary = ModelSummary.of(graph.read(folder), check.engine(), ProbeSettings.defaults());
        if (refusal != null) {
            assertThat(summary.cuts().noneBecause()).contains(refusal).doesNotContain("\n");
            return;
        }
        List<Cut> cuts = summary.cuts().all();
        assertThat(summary.cuts().noneBecause()).isNull();
        long rows = summary.model().isBatched() ? 2 : 1;
        int step = 1 + (cuts.size() - 1) / MOST_CUTS;
        for (int i = 0; i < cuts.size(); i += step) {
            check.checkEach(summary.model(), List.of(cuts.get(i)), rows);
        }
        check.checkLadder(summary.model(), summary.narrowest(4), rows);
    }
}
