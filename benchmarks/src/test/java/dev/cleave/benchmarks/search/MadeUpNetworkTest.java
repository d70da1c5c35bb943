package dev.cleave.benchmarks.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbeSettings;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MadeUpNetworkTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void runsAndHasAboutAsManyNodesAsAskedFor(MadeUpNetwork network) throws Exception {
        Path file = folder.resolve("network.onnx");
        network.write(120, 1, file);
        try (Engine engine = Engines.create(null)) {
            ModelSummary summary = ModelSummary.of(OnnxModel.read(file), engine, ProbeSettings.defaults());
            assertThat(summary.nodes()).isBetween(115, 120);
            assertThat(summary.model().outputs()).hasSize(1);
        }
    }
}
