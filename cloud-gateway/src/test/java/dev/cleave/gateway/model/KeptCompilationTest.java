package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.compiled.CompiledGraphs;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.device.GpuKind;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was compiled is found again by the next gateway. */
@Timeout(60)
class KeptCompilationTest {
    private static final List<Accelerator> DEVICE = List.of(new Accelerator("0", 0));
    private static final GpuKind H200 = new GpuKind("H200", "9.0", "570.1");

    @TempDir
    Path directory;

    private static GatewayConfigBuilder settings() {
        return GatewayConfig.builder().providers(List.of("tensorrt", "cuda")).maxBatch(4);
    }

    /** Serves until the model is built; returns for each graph whether it was found. */
    private List<Boolean> build(TestModel source, GatewayConfigBuilder settings, Function<Accelerator, GpuKind> kinds)
            throws Exception {
        try (CompiledGraphs graphs = CompiledGraphs.open(directory.resolve("compiled"), 1 << 20);
                ServedTestModel served = new ServedTestModel(
                        source, settings, DEVICE, new Compilations(graphs, kinds, "10.9"), "tensorrt", "cuda")) {
            ServedModel model = served.load(directory);
            while (!model.provider().equals("tensorrt")) {
                Thread.onSpinWait();
            }
            return served.engine.loads().stream()
                    .filter(load -> load.provider().equals("tensorrt"))
                    .map(FakeAccelerators.Load::found)
                    .toList();
        }
    }

    @Test
    void theNextGatewayFindsEveryGraph() throws Exception {
        TestModel model = TestModel.named("m");
        assertThat(build(model, settings(), device -> H200)).containsExactly(false, false, false);
        assertThat(build(model, settings(), device -> H200)).containsExactly(true, true, true);
    }

    @Test
    void anotherCardProfileOrBundleIsCompiledAnew() throws Exception {
        TestModel model = TestModel.named("m");
        build(model, settings(), device -> H200);
        GpuKind t4 = new GpuKind("T4", "7.5", "570.1");
        assertThat(build(model, settings(), device -> t4)).containsOnly(false);
        assertThat(build(model, settings().maxBatch(8), device -> H200)).containsOnly(false);
        assertThat(build(model, settings().deviceFp16(true), device -> H200)).containsOnly(false);
        assertThat(build(model.withVersion("2"), settings(), device -> H200)).containsOnly(false);
    }

    @Test
    void nothingIsKeptForACardThatIsNotKnown() throws Exception {
        TestModel model = TestModel.named("m");
        build(model, settings(), device -> null);
        assertThat(build(model, settings(), device -> H200)).containsOnly(false);
    }
}
