package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.device.Accelerator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A provider that takes long to build, while a model serves on another one. */
@Timeout(60)
class BackgroundBuildTest {
    private static final List<Accelerator> ONE_DEVICE = List.of(new Accelerator("0", 0));
    private static final List<Accelerator> TWO_DEVICES = List.of(new Accelerator("0", 0), new Accelerator("1", 1));
    private static final int SEGMENTS = 3;

    @TempDir
    Path directory;

    private ServedTestModel served;

    private static GatewayConfigBuilder settings() {
        return GatewayConfig.builder().providers(List.of("tensorrt", "cuda")).maxBatch(4);
    }

    private ServedTestModel serve(String... available) {
        return serveOn(ONE_DEVICE, available);
    }

    private ServedTestModel serveOn(List<Accelerator> devices, String... available) {
        served = new ServedTestModel(TestModel.named("m"), settings(), devices, available);
        return served;
    }

    /** Served on CUDA; the build for TensorRT has begun, and is held there. */
    private ServedModel loadWithTheBuildHeld() throws Exception {
        serve("tensorrt", "cuda").engine.hold("tensorrt");
        ServedModel model = served.load(directory);
        served.engine.awaitLoading("tensorrt");
        return model;
    }

    private static void awaitTensorRt(ServedModel model) {
        while (!model.provider().equals("tensorrt")) {
            Thread.onSpinWait();
        }
    }

    @AfterEach
    void endsCleanly() {
        served.close();
        assertThat(served.engine.closedUnderARun()).isZero();
        assertThat(served.computing.openSessions()).isZero();
    }

    /** Requests go on until the build has come to something. */
    private void askWhileBuilding(ServedModel model) throws Exception {
        while (model.remarks().stream().anyMatch(remark -> remark.endsWith("built"))) {
            assertThat(served.answers(3)).isTrue();
        }
    }

    private void assertCounted(String event, int count) {
        assertThat(served.metrics.scrape())
                .contains("cleave_engine_builds_total{event=\"" + event + "\",model=\"m\",version=\"1\"} " + count
                        + ".0");
    }

    @Test
    void servesAtOnceAndSwitchesWhenTheBuildIsDone() throws Exception {
        ServedModel model = loadWithTheBuildHeld();
        assertThat(model.provider()).isEqualTo("cuda");
        assertThat(model.remarks()).containsExactly("tensorrt: is being built");
        assertThat(served.answers(5)).isTrue();

        served.engine.release("tensorrt");
        askWhileBuilding(model);
        assertThat(model.provider()).isEqualTo("tensorrt");
        assertThat(model.remarks()).isEmpty();
        served.computing.awaitSessions(SEGMENTS);
        int before = served.engine.runs().size();
        assertThat(served.answers(6)).isTrue();
        assertThat(served.engine.runs().subList(before, served.engine.runs().size()))
                .isNotEmpty()
                .allMatch(run -> run.provider().equals("tensorrt"));
        served.loader.close();
        assertCounted("started", 1);
        assertCounted("done", 1);
    }

    @Test
    void warmsEveryBucketBeforeItServesAndBeforeItSwitches() throws Exception {
        serve("tensorrt", "cuda");
        ServedModel model = served.load(directory);
        awaitTensorRt(model);
        for (String provider : List.of("cuda", "tensorrt")) {
            assertThat(served.engine.runs().stream()
                            .filter(run -> run.provider().equals(provider))
                            .map(FakeAccelerators.Run::rows)
                            .distinct())
                    .containsExactly(1, 2, 4);
        }
    }

    @Test
    void tellsTheProviderWhichRowsToBeFastFor() throws Exception {
        served = new ServedTestModel(
                TestModel.named("m"), settings().maxBatch(16).preferredBatches(List.of(4, 16)), ONE_DEVICE, "cuda");
        served.load(directory);
        assertThat(served.engine.loads()).hasSize(SEGMENTS).allSatisfy(load -> {
            assertThat(load.options().device().usualRows()).isEqualTo(4);
            assertThat(load.options().device().maxRows()).isEqualTo(8);
        });
    }

    @Test
    void noRequestIsLostWhenItSwitchesUnderLoad() throws Exception {
        ServedModel model = loadWithTheBuildHeld();
        AtomicBoolean enough = new AtomicBoolean();
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        for (int client = 0; client < 4; client++) {
            float x = client;
            Thread thread = new Thread(() -> {
                try {
                    while (!enough.get()) {
                        wrong.addAndGet(served.answers(x) ? 0 : 1);
                    }
                } catch (Exception e) {
                    wrong.incrementAndGet();
                }
            });
            thread.start();
            clients.add(thread);
        }
        assertThat(served.answers(7)).isTrue();
        served.engine.release("tensorrt");
        askWhileBuilding(model);
        served.computing.awaitSessions(SEGMENTS);
        for (int i = 0; i < 20; i++) {
            assertThat(served.answers(i)).isTrue();
        }
        enough.set(true);
        for (Thread client : clients) {
            client.join();
        }
        assertThat(wrong).hasValue(0);
        assertThat(model.provider()).isEqualTo("tensorrt");
    }

    @Test
    void aRunThatWasBegunEndsOnTheSessionsThatItBeganWith() throws Exception {
        ServedModel model = loadWithTheBuildHeld();
        served.engine.holdRuns("cuda");
        CompletableFuture<?> answer = served.ask(2);
        served.engine.awaitHeldRuns(1);
        served.engine.release("tensorrt");
        awaitTensorRt(model);
        assertThat(served.computing.openSessions()).isEqualTo(2 * SEGMENTS);
        assertThat(answer).isNotDone();
        served.engine.releaseRuns("cuda");
        answer.get();
        served.computing.awaitSessions(SEGMENTS);
        assertThat(served.answers(2)).isTrue();
    }

    @Test
    void aBuildThatFailsLeavesWhatServesAndSaysWhy() throws Exception {
        serve("tensorrt", "cuda").engine.failLoads("tensorrt", "out of memory");
        assertStaysOnCuda("segment-0.onnx: out of memory");
    }

    @Test
    void aBuildThatTheGraphRefusesLeavesWhatServesAndSaysWhy() throws Exception {
        serve("tensorrt", "cuda").engine.refuse("tensorrt", "operator Abacus is not known");
        assertStaysOnCuda("operator Abacus is not known");
    }

    @Test
    void aBuildWhoseRunsFailLeavesWhatServesAndSaysWhy() throws Exception {
        serve("tensorrt", "cuda").engine.failRuns("tensorrt", "no kernel");
        assertStaysOnCuda("warm-up of 1 rows failed: no kernel");
    }

    /** On the CPU fewer sizes are warmed. */
    @Test
    void sizesThatWereLeftOutInTheBuildsWarmUpAreNotHeldAgainstIt() throws Exception {
        served = new ServedTestModel(TestModel.named("m"), settings().maxBatchBytes(40), ONE_DEVICE, "tensorrt");
        ServedModel model = served.load(directory);
        askWhileBuilding(model);
        assertThat(model.provider()).isEqualTo("tensorrt");
        assertThat(model.remarks())
                .containsExactly("no warm-up of 4 rows: its inputs take 64 bytes; expected at most 40");
    }

    @Test
    void aModelThatDoesNotTakeZerosIsBuiltAllTheSame() throws Exception {
        served = new ServedTestModel(TestModel.named("m"), settings(), ONE_DEVICE, "tensorrt");
        served.engine.failRuns("cpu", "zeros are not welcome");
        served.engine.failRuns("tensorrt", "zeros are not welcome here either");
        ServedModel model = served.load(directory);
        while (model.remarks().stream().anyMatch(remark -> remark.endsWith("built"))) {
            Thread.onSpinWait();
        }
        assertThat(model.provider()).isEqualTo("tensorrt");
        served.computing.awaitSessions(SEGMENTS);
    }

    private void assertStaysOnCuda(String reason) throws Exception {
        ServedModel model = served.load(directory);
        askWhileBuilding(model);
        assertThat(model.provider()).isEqualTo("cuda");
        assertThat(model.remarks()).hasSize(1);
        assertThat(model.remarks().get(0))
                .startsWith("tensorrt: ")
                .endsWith(reason)
                .doesNotContain(directory.toString());
        served.computing.awaitSessions(SEGMENTS);
        assertThat(served.answers(4)).isTrue();
        served.loader.close();
        assertCounted("failed", 1);
    }

    @Test
    void whatTheMachineDoesNotHaveIsNotBuiltAndSaidAtOnce() throws Exception {
        ServedModel model = serve().load(directory);
        assertThat(model.provider()).isEqualTo("cpu");
        assertThat(model.remarks()).containsExactly("tensorrt: no such library", "cuda: no such library");
        served.loader.close();
        assertThat(served.engine.loads()).hasSize(SEGMENTS);
        assertThat(served.metrics.scrape()).doesNotContain("event=\"started\"");
    }

    @Test
    void aModelThatIsUnloadedDuringItsBuildEndsCleanly() throws Exception {
        ServedModel model = loadWithTheBuildHeld();
        assertThat(model.close()).isTrue();
        assertThat(served.computing.openSessions()).isZero();
        served.engine.release("tensorrt");
        served.loader.close();
        assertThat(served.computing.openSessions()).isZero();
        assertThat(served.engine.loads())
                .filteredOn(load -> load.provider().equals("tensorrt"))
                .as("no graph is begun after the model has gone")
                .hasSize(1);
        assertThat(served.metrics.scrape())
                .as("meters do not come back when the build ends")
                .doesNotContain("model=\"m\"");
    }

    @Test
    void modelsAreBuiltOneAtATime() throws Exception {
        loadWithTheBuildHeld();
        try (ServedModelCloser second = new ServedModelCloser(served.loader.load(
                new BundleSource(Bundle.open(TestModel.named("other").write(directory)))))) {
            assertThat(second.model().remarks()).containsExactly("tensorrt: waits to be built");
            assertThat(second.model().provider()).isEqualTo("cuda");
            served.engine.release("tensorrt");
            awaitTensorRt(second.model());
        }
    }

    /** Closes a model at the end of a test. */
    private record ServedModelCloser(ServedModel model) implements AutoCloseable {
        @Override
        public void close() {
            model.close();
        }
    }

    @Test
    void aFurtherDeviceRunsBatchesOfItsOwn() throws Exception {
        serveOn(List.of(new Accelerator("0", 0), new Accelerator("GPU-b", 1)), "cuda");
        served.load(directory);
        served.engine.holdRuns("cuda");
        int before = served.engine.runs().size();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 1; i <= 2; i++) {
            answers.add(served.ask(i));
            served.engine.awaitHeldRuns(i);
        }
        assertThat(served.engine.runs().subList(before, before + 2))
                .extracting(FakeAccelerators.Run::device)
                .containsExactlyInAnyOrder(0, 1);
        served.engine.releaseRuns("cuda");
        for (CompletableFuture<?> answer : answers) {
            answer.get();
        }
        assertThat(served.computing.openSessions()).isEqualTo(2 * SEGMENTS);
    }

    @Test
    void bothDevicesAreBuiltForAndSwitchedTogether() throws Exception {
        serveOn(TWO_DEVICES, "tensorrt", "cuda");
        ServedModel model = served.load(directory);
        askWhileBuilding(model);
        served.computing.awaitSessions(2 * SEGMENTS);
        assertThat(served.engine.loads().stream()
                        .filter(load -> load.provider().equals("tensorrt"))
                        .map(load -> load.options().device().index())
                        .distinct())
                .containsExactly(0, 1);
        assertThat(served.answers(1)).isTrue();
    }

    @Test
    void aBuildThatWouldLoseADeviceLeavesWhatServes() throws Exception {
        serveOn(TWO_DEVICES, "tensorrt", "cuda");
        served.engine.refuse("tensorrt", 1, "out of memory");
        ServedModel model = served.load(directory);
        askWhileBuilding(model);
        assertThat(model.provider()).isEqualTo("cuda");
        assertThat(model.remarks()).containsExactly("tensorrt: device 1 is left out: tensorrt: out of memory");
        served.computing.awaitSessions(2 * SEGMENTS);
        assertThat(served.answers(1)).isTrue();
    }

    @Test
    void aDeviceWithoutTheProviderIsLeftOutAndNamed() throws Exception {
        serveOn(List.of(new Accelerator("0", 0), new Accelerator("7", 7)), "cuda");
        served.engine.refuse("cuda", 7, "invalid device ordinal");
        ServedModel model = served.load(directory);
        assertThat(model.remarks())
                .containsExactly("tensorrt: no such library", "device 7 is left out: cuda: invalid device ordinal");
        for (int i = 0; i < 8; i++) {
            assertThat(served.answers(i)).isTrue();
        }
        assertThat(served.engine.runs()).allMatch(run -> run.device() == 0);
        assertThat(served.computing.openSessions()).isEqualTo(SEGMENTS);
    }

    /** Threads of a model that no other test serves. */
    private static long workers(String model) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("cleave-exec-" + model + "-"))
                .count();
    }

    @Test
    void aDeviceThatIsLeftOutHasNoWorkers() throws Exception {
        served = new ServedTestModel(
                TestModel.named("left-out"),
                settings().executors(2),
                List.of(new Accelerator("0", 0), new Accelerator("7", 7)),
                "cuda");
        served.engine.refuse("cuda", 7, "invalid device ordinal");
        served.load(directory);
        assertThat(workers("left-out")).isEqualTo(2);
    }

    @Test
    void devicesThatABuildBringsGetWorkersWhenItServes() throws Exception {
        served = new ServedTestModel(
                TestModel.named("growing"),
                settings().executors(2),
                List.of(new Accelerator("0", 0), new Accelerator("1", 1)),
                "tensorrt");
        served.engine.hold("tensorrt");
        ServedModel model = served.load(directory);
        served.engine.awaitLoading("tensorrt");
        assertThat(model.provider()).isEqualTo("cpu");
        assertThat(workers("growing")).isEqualTo(2);
        served.engine.release("tensorrt");
        askWhileBuilding(model);
        assertThat(workers("growing")).isEqualTo(4);
        model.close();
        assertThat(workers("growing")).isZero();
    }

    @Test
    void withoutAGpuThereIsOneSetForAllDevices() throws Exception {
        serveOn(TWO_DEVICES);
        served.load(directory);
        assertThat(served.computing.openSessions()).isEqualTo(SEGMENTS);
        assertThat(served.answers(1)).isTrue();
    }

    @Test
    void aModelThatCannotBeLoadedAtOnceIsNotServed() {
        serve("tensorrt", "cuda").engine.failLoads("cuda", "out of memory");
        assertThatThrownBy(() -> served.load(directory))
                .isInstanceOf(EngineException.class)
                .hasMessageEndingWith("out of memory");
    }
}
