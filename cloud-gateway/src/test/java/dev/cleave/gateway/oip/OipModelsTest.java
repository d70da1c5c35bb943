package dev.cleave.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.repository.RepositoryListener;
import java.nio.file.Path;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OipModelsTest {
    @TempDir
    Path models;

    private final FakeEngine engine = new FakeEngine();
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private ModelRepository repository;

    @AfterEach
    void close() {
        repository.close();
        timer.shutdownNow();
        metrics.close();
    }

    private OipModels listed() throws GatewayException {
        GatewayConfig config = GatewayConfig.builder().modelsDirectory(models).build();
        repository = ModelRepository.open(
                config,
                BundleOpener.of(config.models().trust()),
                new ModelLoader(config, engine, null, metrics, timer, System::nanoTime),
                System::nanoTime,
                RepositoryListener.NONE);
        return new OipModels(repository);
    }

    private OipModels loaded() throws GatewayException {
        OipModels names = listed();
        repository.load();
        return names;
    }

    private static void assertRefused(OipModels names, String name, String version, Fault fault, String message) {
        assertThatThrownBy(() -> names.find(name, version, Device.ANYBODY))
                .isInstanceOfSatisfying(OipException.class, refused -> {
                    assertThat(refused.fault()).isEqualTo(fault);
                    assertThat(refused.getMessage()).contains(message).doesNotContain("\n");
                });
    }

    @Test
    void findsWholeModelsAndTheirTails() throws Exception {
        TestModel.named("a.b").write(models);
        OipModels names = loaded();
        assertThat(names.find("a.b", "", Device.ANYBODY).point()).isZero();
        assertThat(names.find("a.b", "", Device.ANYBODY).name()).isEqualTo("a.b");
        assertThat(names.find("a.b.split-2", "1", Device.ANYBODY).point()).isEqualTo(2);
        assertThat(names.find("a.b.split-2", "1", Device.ANYBODY).name()).isEqualTo("a.b.split-2");
        for (String name : new String[] {
            "",
            "a",
            "A.B",
            "a.b.split-",
            "a.b.split-0",
            "a.b.split-01",
            "a.b.split-99999999999",
            "a.b.split--1",
            "a.b/split-1"
        }) {
            assertRefused(
                    names, name, "", Fault.NOT_FOUND, "is not served here; expected a.b, a.b.split-1, a.b.split-2");
        }
        assertRefused(names, "a.b.split-3", "", Fault.NOT_FOUND, "no tail of point 3 here; expected a.b, a.b.split-1");
    }

    @Test
    void showsNamesFromOutsideCutAndPrintable() throws Exception {
        TestModel.named("m").write(models);
        OipModels names = loaded();
        assertRefused(
                names, "x\n\u00e4" + "y".repeat(500), "", Fault.NOT_FOUND, "model \"x??" + "y".repeat(77) + "...\" is");
    }

    @Test
    void hidesWhatLiesBeforeThePrivacyFloorAndSaysWhy() throws Exception {
        TestModel.named("m").withPrivacyFloor(2).write(models);
        OipModels names = loaded();
        assertRefused(
                names,
                "m",
                "",
                Fault.NOT_FOUND,
                "model \"m\" is not served: the privacy floor of m is point 2; expected m.split-2");
        assertRefused(names, "m.split-1", "", Fault.NOT_FOUND, "privacy floor");
        assertThat(names.find("m.split-2", "", Device.ANYBODY).point()).isEqualTo(2);
    }

    @Test
    void prefersTheModelThatIsCalledLikeATail() throws Exception {
        TestModel.named("m").write(models);
        TestModel.named("m.split-1").write(models);
        OipModels names = loaded();
        assertThat(names.find("m.split-1", "", Device.ANYBODY).model().name()).isEqualTo("m.split-1");
        assertThat(names.find("m.split-1", "", Device.ANYBODY).point()).isZero();
        assertThat(names.find("m.split-1.split-1", "", Device.ANYBODY).point()).isOne();
        assertThat(names.find("m.split-2", "", Device.ANYBODY).model().name()).isEqualTo("m");
    }

    @Test
    void takesTheHighestVersionThatServesThePoint() throws Exception {
        TestModel.named("m").withVersion("1.9").write(models);
        TestModel.named("m").withVersion("1.10").withPrivacyFloor(1).write(models);
        TestModel.named("m").withVersion("1.2").write(models);
        OipModels names = loaded();
        assertThat(names.find("m.split-1", "", Device.ANYBODY).version()).isEqualTo("1.10");
        assertThat(names.find("m.split-1", "", Device.ANYBODY).versions())
                .containsExactlyInAnyOrder("1.2", "1.9", "1.10");
        assertThat(names.find("m", "", Device.ANYBODY).version()).isEqualTo("1.9");
        assertThat(names.find("m", "1.2", Device.ANYBODY).version()).isEqualTo("1.2");
        assertRefused(names, "m", "1.10", Fault.NOT_FOUND, "privacy floor");
        assertRefused(
                names,
                "m",
                "1.1",
                Fault.NOT_FOUND,
                "version \"1.1\" of model \"m\" is not served; expected 1.10, 1.2, 1.9");
    }

    @Test
    void refusesAPointThatKeepsState() throws Exception {
        TypesModel.writeWithState(models);
        assertRefused(loaded(), "types", "", Fault.UNSUPPORTED, "keeps state from request to request");
    }

    @Test
    void isNotReadyWhileItLoadsOrWhenItFailed() throws Exception {
        TestModel.named("edge").write(models, View.EDGE);
        TestModel.named("good").write(models);
        OipModels names = listed();
        assertRefused(names, "good", "", Fault.NOT_FOUND, "is not served here, and no other is");
        repository.load();
        assertThat(names.isReady("good", "", Device.ANYBODY)).isTrue();
        assertThat(names.isReady("edge.split-1", "", Device.ANYBODY)).isFalse();
        assertRefused(
                names, "edge", "", Fault.UNAVAILABLE, "model \"edge\" is FAILED: edge.cleave holds the edge view");
        repository.models().forEach(ServedModel::drain);
        assertThat(names.isReady("good", "", Device.ANYBODY)).isFalse();
        assertThatThrownBy(() -> names.isReady("other", "", Device.ANYBODY)).isInstanceOf(OipException.class);
    }
}
