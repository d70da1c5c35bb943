package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.View;
import dev.cleave.crypto.VerifyingKey;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.TryModels;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.PlainFile;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plain models in the models directory, tried on the test's own engine unless a test says otherwise. */
class PlainModelsTest {
    private static final String ENDLESS = "endless";

    @TempDir
    Path home;

    private final FakeEngine engine = new FakeEngine();
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final AtomicLong skew = new AtomicLong();
    private Path models;
    private ModelRepository repository;

    @BeforeEach
    void makeModels() throws IOException {
        models = Files.createDirectory(home.resolve("models"));
        TestModel.named("other").write(models);
    }

    @AfterEach
    void stop() {
        if (repository != null) {
            repository.close();
        }
        timer.shutdownNow();
        assertThat(engine.openSessions()).isZero();
    }

    private void start(GatewayConfigBuilder settings) throws Exception {
        GatewayConfig config = settings.modelsDirectory(models).build();
        repository = ModelRepository.open(
                config,
                BundleOpener.of(config.models().trust()),
                new ModelLoader(config, engine, null, metrics, timer, System::nanoTime),
                () -> System.nanoTime() + skew.get(),
                () -> -1,
                new RepositoryListener() {});
        repository.load();
    }

    private void start() throws Exception {
        start(GatewayConfig.builder().tryModels(TryModels.NONE));
    }

    private void settle() {
        repository.look();
        skew.addAndGet(Duration.ofSeconds(1).toNanos());
        repository.look();
        repository.advance();
    }

    /** As long as a version stays that nobody needs any more. */
    private void leave() {
        repository.advance();
        skew.addAndGet(Duration.ofSeconds(31).toNanos());
        repository.advance();
        repository.advance();
    }

    private ModelStatus status(String file) {
        return repository.statuses().stream()
                .filter(status -> status.file().equals(file))
                .findFirst()
                .orElseThrow(() -> new AssertionError(file + " is none of " + repository.statuses()));
    }

    private static final String[] FIXED = {"input x float32 [1,4]", "output y float32 [1,4] = affine x 2 0"};

    @Test
    void aFileInTheDirectoryIsVersionOneOfTheModelItIsCalled() throws Exception {
        PlainFile.write(models.resolve("resnet.onnx"), 4, 2);
        start();
        ServedModel model = repository.find("resnet", "1");
        assertThat(model).isSameAs(repository.find("resnet", "")).isSameAs(repository.byBundleId(model.id()));
        assertThat(model.bundle()).isNull();
        assertThat(model.release()).isZero();
        assertThat(model.points()).containsExactly(0);
        assertThat(model.maxRows(0)).isEqualTo(32);
        assertThat(model.contract().inputs().get(0).shape()).isEqualTo(Shape.of(Shape.BATCH, 4));
        assertThat(status("resnet.onnx"))
                .isEqualTo(new ModelStatus(
                        "resnet.onnx",
                        "resnet",
                        "1",
                        model.id(),
                        List.of(0),
                        "cpu",
                        "plain",
                        ModelState.READY,
                        "",
                        List.of(),
                        status("resnet.onnx").bytes(),
                        0));
        assertThat(status("resnet.onnx").bytes()).isGreaterThan(8 << 20);
    }

    @Test
    void foldersSayModelAndVersionWhateverTheFileIsCalled() throws Exception {
        PlainFile.write(models.resolve("resnet/3/model.onnx"), 4, 2);
        PlainFile.write(models.resolve("resnet/4/anything.onnx"), 4, 3);
        start(GatewayConfig.builder().tryModels(TryModels.NONE).versionPolicy(VersionPolicy.ALL));
        assertThat(repository.find("resnet", "").version()).isEqualTo("4");
        assertThat(repository.find("resnet", "3").name()).isEqualTo("resnet");
    }

    @Test
    void aModelWhoseRowsHaveNoAxisSaysWhyItIsNotJoined() throws Exception {
        PlainFile.write(models.resolve("m.onnx"), FIXED);
        start();
        assertThat(repository.find("m", "").maxRows(0)).isEqualTo(1);
        assertThat(status("m.onnx").state()).isEqualTo(ModelState.READY);
        assertThat(status("m.onnx").reason())
                .isEqualTo(
                        "requests are not joined: input \"x\" has shape [1,4]; joining takes an open first dimension");
    }

    @Test
    void whatTheEngineRefusesIsFailedByNameAndVersion() throws Exception {
        PlainFile.write(models.resolve("bad/2/model.onnx"), "nonsense");
        start();
        ModelStatus status = status("bad/2/model.onnx");
        assertThat(status.state()).isEqualTo(ModelState.FAILED);
        assertThat(status.name()).isEqualTo("bad");
        assertThat(status.version()).isEqualTo("2");
        assertThat(status.reason()).isEqualTo("bad/2/model.onnx: line \"nonsense\" is not understood");
        assertThat(repository.isReady()).isTrue();
    }

    @Test
    void aModelThatDoesNotEndIsFailedAndTheOneBeforeItStays() throws Exception {
        PlainFile.write(models.resolve("m/1/model.onnx"), 4, 2);
        start(GatewayConfig.builder().tryModels(TryModels.NONE).tryLimit(Duration.ofSeconds(2)));
        PlainFile.write(models.resolve("m/2/model.onnx"), FIXED[0], FIXED[1], ENDLESS);
        settle();
        assertThat(status("m/2/model.onnx").state()).isEqualTo(ModelState.FAILED);
        assertThat(status("m/2/model.onnx").reason()).isEqualTo("did not answer within 2s when it was tried");
        assertThat(repository.find("m", "").version()).isEqualTo("1");
    }

    /** The child is a JVM that runs the hostile engine of the tests. */
    @Test
    void aModelThatCrashesItsEngineIsFailedAndTheGatewayLivesOn() throws Exception {
        PlainFile.write(models.resolve("good.onnx"), 4, 2);
        PlainFile.write(models.resolve("bad.onnx"), "crash");
        start(GatewayConfig.builder());
        assertThat(status("good.onnx").state()).isEqualTo(ModelState.READY);
        assertThat(status("bad.onnx").state()).isEqualTo(ModelState.FAILED);
        assertThat(status("bad.onnx").reason()).isEqualTo("crashed fake with signal 11 (SIGSEGV) when it was tried");
    }

    @Test
    void aNewVersionTakesTheOldOnesPlace() throws Exception {
        PlainFile.write(models.resolve("m/1/model.onnx"), 4, 2);
        start();
        ServedModel old = repository.find("m", "");
        PlainFile.write(models.resolve("m/2/model.onnx"), 4, 3);
        settle();
        assertThat(repository.find("m", "").version()).isEqualTo("2");
        leave();
        assertThat(old.isDraining()).isTrue();
        assertThat(status("m/1/model.onnx").state()).isEqualTo(ModelState.UNLOADED);
    }

    @Test
    void aFileThatIsWrittenAnewIsServedAnew() throws Exception {
        Path file = PlainFile.write(models.resolve("m.onnx"), 4, 2);
        start();
        String before = repository.find("m", "").id();
        PlainFile.write(file, 8, 2);
        settle();
        leave();
        assertThat(repository.find("m", "").id()).isNotEqualTo(before);
    }

    @Test
    void theSameModelUnderTwoNamesIsTwoModels() throws Exception {
        PlainFile.write(models.resolve("a.onnx"), 4, 2);
        PlainFile.write(models.resolve("b.onnx"), 4, 2);
        PlainFile.write(models.resolve("b/1/model.onnx"), 4, 2);
        start();
        assertThat(repository.find("a", "").id())
                .isNotEqualTo(repository.find("b", "").id());
        assertThat(status("b/1/model.onnx").reason()).isEqualTo("b/1/model.onnx is the same model as b.onnx");
    }

    @Test
    void whereItsBundleLiesTheModelItselfIsNotServed() throws Exception {
        PlainFile.write(models.resolve("other.onnx"), 4, 2);
        TestModel.named("both").writeTo(models.resolve("both/1/both.cleave"), View.FULL);
        PlainFile.write(models.resolve("both/1/both.onnx"), 4, 2);
        start();
        assertThat(status("other.onnx").reason())
                .isEqualTo("lies beside other.cleave, which is served in its place; expected one of them");
        assertThat(repository.find("other", "").bundle()).isNotNull();
        assertThat(repository.find("both", "").bundle()).isNotNull();
    }

    @Test
    void severalModelsInAVersionsFolderAreNone() throws Exception {
        PlainFile.write(models.resolve("m/1/a.onnx"), 4, 2);
        PlainFile.write(models.resolve("m/1/b.onnx"), 4, 2);
        start();
        assertThat(status("m/1").reason()).isEqualTo("m/1 holds 2 ONNX models; expected one");
    }

    @Test
    void aNameThatCannotBeAModelsIsRefused() throws Exception {
        PlainFile.write(models.resolve("my model.onnx"), 4, 2);
        start();
        assertThat(status("my model.onnx").reason()).startsWith("\"my model\" cannot be a model's name");
    }

    /** What lies beside the model is copied with it; links are not. */
    @Test
    void weightsBesideTheModelBelongToIt() throws Exception {
        PlainFile.write(models.resolve("m/1/model.onnx"), 4, 2);
        Files.writeString(models.resolve("m/1/model.onnx.data"), "weights");
        Files.createSymbolicLink(models.resolve("m/1/link.data"), home.resolve("secret"));
        Files.writeString(home.resolve("secret"), "secret");
        PlainFile.write(models.resolve("flat.onnx"), 4, 2);
        Files.writeString(models.resolve("flat.onnx.data"), "weights");
        Files.writeString(models.resolve("other.data"), "of somebody else");
        start();
        assertThat(copies())
                .containsExactlyInAnyOrder(
                        "model.onnx", "model.onnx.data", "flat.onnx", "flat.onnx.data", "other.cleave");

        String before = repository.find("m", "").id();
        Files.writeString(models.resolve("m/1/model.onnx.data"), "other weights");
        settle();
        leave();
        assertThat(repository.find("m", "").id()).isNotEqualTo(before);
        Files.delete(models.resolve("m/1/model.onnx"));
        settle();
        settle();
        leave();
        assertThat(copies()).containsExactlyInAnyOrder("flat.onnx", "flat.onnx.data", "other.cleave");
    }

    private List<String> copies() throws IOException {
        try (var files = Files.walk(models.resolve(".cleave/copies"))) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    /** No bundle here is signed either, so that nothing can be served at all. */
    @Test
    void whereKeysAreTrustedNoPlainModelIsServed() throws Exception {
        Files.delete(models.resolve("other.cleave"));
        PlainFile.write(models.resolve("m.onnx"), 4, 2);
        Path key = Files.writeString(home.resolve("key.pub"), new VerifyingKey("11".repeat(32)).pem());
        GatewayConfigBuilder settings =
                GatewayConfig.builder().tryModels(TryModels.NONE).trustedKeys(List.of(key));
        assertThatThrownBy(() -> start(settings))
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("m.onnx is not signed, as no plain ONNX model is; expected a bundle that one of"
                        + " trustedKeys signed");
        assertThat(engine.runs()).isEmpty();
    }

    @Test
    void aBudgetAppliesToPlainModelsToo() throws Exception {
        PlainFile.write(models.resolve("m.onnx"), 4, 2);
        start(GatewayConfig.builder().tryModels(TryModels.NONE).modelMemory(30 << 20));
        assertThat(List.of(status("m.onnx").state(), status("other.cleave").state()))
                .containsExactlyInAnyOrder(ModelState.READY, ModelState.FAILED);
    }

    @Test
    void inExplicitModeItIsLoadedByItsName() throws Exception {
        PlainFile.write(models.resolve("m.onnx"), 4, 2);
        start(GatewayConfig.builder().tryModels(TryModels.NONE).loadMode(LoadMode.EXPLICIT));
        assertThat(status("m.onnx").state()).isEqualTo(ModelState.UNLOADED);
        repository.load("m", "");
        settle();
        assertThat(status("m.onnx").state()).isEqualTo(ModelState.READY);
        repository.label("m", "canary", "1");
        assertThat(repository.find("m", "canary")).isSameAs(repository.find("m", ""));
    }
}
