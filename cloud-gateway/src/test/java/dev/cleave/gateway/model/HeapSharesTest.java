package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.trial.GraphMemory;
import dev.cleave.gateway.trial.ModelFiles;
import dev.cleave.gateway.trial.RunMemory;
import dev.cleave.gateway.trial.TrialReport;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Graphs of plain models, of which the heap does not hold two. */
@Timeout(60)
class HeapSharesTest {
    @TempDir
    Path directory;

    private final FakeEngine computing = new FakeEngine();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final List<ServedModel> models = new ArrayList<>();
    private final List<FutureTask<ServedModel>> loads = new ArrayList<>();
    private FakeAccelerators engine;
    private ModelLoader loader;

    private void start(long loadingBytes, long buildingBytes, String... available) {
        engine = new FakeAccelerators(computing, available);
        GatewayConfig config = GatewayConfig.builder()
                .providers(List.of("tensorrt", "cuda"))
                .maxBatch(4)
                .build();
        loader = new ModelLoader(
                config,
                engine,
                List.of(new Accelerator("0", 0)),
                Compilations.NONE,
                new HeapShares(GraphMemory.of(loadingBytes), GraphMemory.of(buildingBytes)),
                null,
                new Assembly(config, new GatewayMetrics(), timer, System::nanoTime),
                new EngineBuilds(System::nanoTime),
                System::nanoTime);
    }

    @AfterEach
    @Timeout(60)
    void stop() throws Exception {
        engine.release("tensorrt");
        engine.release("cuda");
        for (FutureTask<ServedModel> load : loads) {
            models.add(load.get());
        }
        models.forEach(ServedModel::close);
        loader.close();
        timer.shutdownNow();
        computing.awaitSessions(0);
    }

    private static TensorSpec spec(String name) {
        return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.BATCH, 4));
    }

    private PlainModel plain(String name) throws Exception {
        Path file = PlainFile.write(directory.resolve(name + ".onnx"), 4, 2);
        TrialReport report = new TrialReport(List.of(spec("x")), List.of(spec("y")), "", RunMemory.UNKNOWN);
        ModelFiles files = new ModelFiles(name + ".onnx", file, Map.of());
        return PlainModel.of(files, name, "1", name, Files.size(file), report);
    }

    /** A thread that loads a model, which is closed in the end. */
    private Thread loading(PlainModel model) {
        FutureTask<ServedModel> load = new FutureTask<>(() -> loader.load(model));
        loads.add(load);
        Thread thread = new Thread(load);
        thread.start();
        return thread;
    }

    @Test
    void twoThatDoNotFitTogetherAreReadOneAfterTheOther() throws Exception {
        PlainModel a = plain("a");
        PlainModel b = plain("b");
        start(3 * a.bytes(), 0, "cuda");
        engine.hold("cuda");
        loading(a);
        engine.awaitLoading("cuda");
        Thread waiting = loading(b);
        while (waiting.isAlive() && waiting.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(engine.loading("cuda")).isEqualTo(1);
        engine.release("cuda");
        assertThat(loads.get(1).get().provider()).isEqualTo("cuda");
    }

    @Test
    void aBuildThatHoldsItsGraphKeepsNobodyWaiting() throws Exception {
        PlainModel a = plain("a");
        start(2 * a.bytes(), 2 * a.bytes(), "tensorrt", "cuda");
        engine.hold("tensorrt");
        models.add(loader.load(a));
        engine.awaitLoading("tensorrt");
        models.add(loader.load(plain("b")));
        assertThat(models.get(0).remarks()).containsExactly("tensorrt: is being built");
        assertThat(models.get(1).provider()).isEqualTo("cuda");
    }

    @Test
    void aGraphThatIsTooLargeToBeBuiltIsServedAllTheSameAndSaysWhy() throws Exception {
        PlainModel a = plain("a");
        start(2 * a.bytes(), 2 * a.bytes() - 1, "tensorrt", "cuda");
        ServedModel model = loader.load(a);
        models.add(model);
        while (model.remarks().stream().anyMatch(remark -> remark.endsWith("built"))) {
            Thread.onSpinWait();
        }
        assertThat(model.provider()).isEqualTo("cuda");
        assertThat(model.remarks()).hasSize(1);
        assertThat(model.remarks().get(0))
                .startsWith("tensorrt: a.onnx has " + a.bytes() + " bytes; expected at most ");
    }
}
