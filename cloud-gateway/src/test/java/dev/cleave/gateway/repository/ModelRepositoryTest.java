package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.HalfPrecision;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.EdgeViews;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.NamedProvider;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRepositoryTest {
    @TempDir
    Path directory;

    private final FakeEngine engine = new FakeEngine();
    private String provider = "cpu";
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private ModelRepository repository;

    @AfterEach
    void stop() {
        if (repository != null) {
            repository.close();
        }
        timer.shutdownNow();
        assertThat(engine.openSessions()).isZero();
    }

    private ModelRepository open(GatewayConfigBuilder settings) throws GatewayException {
        return open(settings, directory);
    }

    private ModelRepository open(GatewayConfigBuilder settings, Path models) throws GatewayException {
        GatewayConfig config = settings.modelsDirectory(models).build();
        repository = ModelRepository.open(
                config,
                BundleOpener.of(config.models().trust()),
                new ModelLoader(
                        config,
                        new NamedProvider(engine, provider),
                        null,
                        new GatewayMetrics(),
                        timer,
                        System::nanoTime),
                System::nanoTime,
                RepositoryListener.NONE);
        return repository;
    }

    private ModelRepository load() throws GatewayException {
        open(GatewayConfig.builder()).load();
        return repository;
    }

    private ModelStatus status(int index) {
        return repository.statuses().get(index);
    }

    @Test
    void servesEveryBundleOfTheDirectoryByNameOrder() throws Exception {
        TestModel.named("b").write(directory);
        TestModel.named("a").write(directory);
        Files.writeString(directory.resolve("notes.txt"), "no bundle");
        open(GatewayConfig.builder());
        assertThat(repository.statuses()).extracting(ModelStatus::state).containsOnly(ModelState.LOADING);
        assertThat(repository.isReady()).isFalse();
        repository.load();
        assertThat(repository.statuses()).extracting(ModelStatus::name).containsExactly("a", "b");
        assertThat(repository.statuses()).extracting(ModelStatus::state).containsOnly(ModelState.READY);
        assertThat(status(0).points()).containsExactly(0, 1, 2);
        assertThat(status(0).provider()).isEqualTo("cpu");
        ServedModel model = repository.models().get(1);
        assertThat(repository.byBundleId(model.bundle().id())).isSameAs(model);
        assertThat(repository.byBundleId("?")).isNull();
    }

    @Test
    void tailsInSixteenBitsAreRunOnACpuOnlyIfAskedFor() throws Exception {
        TestModel.named("m").withHalves().write(directory);
        load();
        assertThat(status(0).precision()).isEqualTo("fp32");
        assertThat(engine.runs()).extracting(FakeEngine.Run::label).noneMatch(label -> label.contains("tail-"));
        repository.close();
        open(GatewayConfig.builder().fp16(HalfPrecision.ALWAYS)).load();
        assertThat(status(0).precision()).isEqualTo("fp16");
        assertThat(status(0).points()).containsExactly(0, 1, 2);
        // One session for each point, and each has run.
        assertThat(engine.openSessions()).isEqualTo(3);
        assertThat(engine.runs())
                .extracting(FakeEngine.Run::label)
                .anyMatch(label -> label.contains("tail-0"))
                .anyMatch(label -> label.contains("tail-1"))
                .anyMatch(label -> label.contains("tail-2"));
    }

    @Test
    void tailsInSixteenBitsAreRunOnAGpuUnlessForbidden() throws Exception {
        TestModel.named("m").withHalves().write(directory);
        provider = "cuda";
        load();
        assertThat(status(0).precision()).isEqualTo("fp16");
        assertThat(status(0).provider()).isEqualTo("cuda");
        repository.close();
        open(GatewayConfig.builder().fp16(HalfPrecision.NEVER)).load();
        assertThat(status(0).precision()).isEqualTo("fp32");
    }

    @Test
    void aBundleWithoutTailsInSixteenBitsIsServedInItsOwnPrecision() throws Exception {
        TestModel.named("m").write(directory);
        open(GatewayConfig.builder().fp16(HalfPrecision.ALWAYS)).load();
        assertThat(status(0).precision()).isEqualTo("fp32");
    }

    @Test
    void aCloudViewBeyondAPrivacyFloorServesItsTailsInSixteenBits() throws Exception {
        TestModel.named("m").withHalves().withPrivacyFloor(2).write(directory, View.CLOUD);
        open(GatewayConfig.builder().fp16(HalfPrecision.ALWAYS)).load();
        assertThat(status(0).points()).containsExactly(2);
        assertThat(status(0).precision()).isEqualTo("fp16");
        assertThat(engine.openSessions()).isOne();
    }

    @Test
    void keepsAFileThatIsNoBundleFromHinderingOthers() throws Exception {
        Files.writeString(directory.resolve("broken.cleave"), "not a zip");
        TestModel.named("good").write(directory);
        load();
        assertThat(status(0).state()).isEqualTo(ModelState.FAILED);
        assertThat(status(0).reason()).contains("broken.cleave").doesNotContain("\n");
        assertThat(status(1).state()).isEqualTo(ModelState.READY);
        assertThat(repository.isReady()).isTrue();
    }

    @Test
    void refusesAnEdgeView() throws Exception {
        TestModel.named("m").write(directory, View.EDGE);
        assertThatThrownBy(this::load)
                .isInstanceOf(GatewayException.class)
                .hasMessage("no model of " + directory
                        + " can be served: m.cleave holds the edge view; a gateway needs full or cloud");
        assertThat(status(0).state()).isEqualTo(ModelState.FAILED);
        assertThat(status(0).name()).isEqualTo("m");
    }

    @Test
    void servesACloudView() throws Exception {
        TestModel.named("m").write(directory, View.CLOUD);
        load();
        assertThat(status(0).points()).containsExactly(0, 1, 2);
        assertThat(EdgeViews.isOfferedBy(repository.models().get(0).bundle())).isFalse();
    }

    @Test
    void servesNoPointBeforeThePrivacyFloor() throws Exception {
        TestModel.named("m").withPrivacyFloor(2).write(directory, View.CLOUD);
        load();
        assertThat(status(0).points()).containsExactly(2);
    }

    @Test
    void refusesAModelWhosePrivacyFloorForbidsEveryPoint() throws Exception {
        TestModel.named("m").withPrivacyFloor(3).write(directory);
        assertThatThrownBy(this::load).hasMessageContaining("m.cleave has its privacy floor at LOCAL");
    }

    @Test
    void refusesTheSameBundleTwice() throws Exception {
        Path first = TestModel.named("m").write(directory);
        Files.copy(first, directory.resolve("z.cleave"));
        load();
        assertThat(status(1).reason()).isEqualTo("z.cleave is the same model as m.cleave");
        assertThat(repository.models()).hasSize(1);
    }

    @Test
    void refusesADirectoryWithoutBundles() throws Exception {
        assertThatThrownBy(this::load)
                .hasMessage("models directory " + directory + " holds no *.cleave or *.onnx file");
        Path file = Files.writeString(directory.resolve("file"), "");
        assertThatThrownBy(() -> open(GatewayConfig.builder(), file)).hasMessageContaining("file is not a directory");
        assertThatThrownBy(() -> open(GatewayConfig.builder(), directory.resolve("none")))
                .hasMessageContaining("none does not exist");
    }

    @Test
    void warmsEveryBatchSizeThatFits() throws Exception {
        TestModel.named("m").write(directory);
        open(GatewayConfig.builder().warmupRows(List.of(1, 2, 100)).preferredBatches(List.of(4)))
                .load();
        assertThat(engine.runs())
                .filteredOn(run -> run.label().contains("segment-2"))
                .extracting(FakeEngine.Run::rows)
                .containsExactly(1, 2, 4);
        assertThat(status(0).reason()).isEmpty();
    }

    @Test
    void servesAModelWhoseWarmUpFailedAndSaysSo() throws Exception {
        TestModel.named("m").write(directory);
        engine.failNext("zeros are not welcome");
        load();
        assertThat(status(0).state()).isEqualTo(ModelState.READY);
        assertThat(status(0).reason()).contains("warm-up of 1 rows failed").contains("zeros are not welcome");
    }

    @Test
    void tellsWhichProvidersWereRefused() throws Exception {
        TestModel.named("m").write(directory);
        open(GatewayConfig.builder().providers(List.of("cuda"))).load();
        assertThat(status(0).reason()).isEqualTo("cuda: the fake engine has only cpu");
    }

    @Test
    void showsThatAModelDrains() throws Exception {
        TestModel.named("m").write(directory);
        load().drain();
        assertThat(status(0).state()).isEqualTo(ModelState.DRAINING);
        assertThat(repository.isReady()).isFalse();
    }
}
