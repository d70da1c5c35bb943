package dev.cleave.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.repository.RepositoryListener;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At which version a request is put in line while versions begin to drain. */
class InferencesTest {
    private static final long ROOM = 1 << 20;

    @TempDir
    Path models;

    private final FakeEngine engine = new FakeEngine();
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private ModelRepository repository;
    private Inferences inferences;

    @BeforeEach
    void serveTwoVersions() throws Exception {
        for (String version : List.of("1", "2")) {
            TestModel.named("m").withVersion(version).writeTo(models.resolve("m/" + version + "/m.cleave"), View.FULL);
        }
        GatewayConfig config = GatewayConfig.builder()
                .modelsDirectory(models)
                .versionPolicy(VersionPolicy.ALL)
                .build();
        repository = ModelRepository.open(
                config,
                BundleOpener.of(config.models().trust()),
                new ModelLoader(config, engine, null, metrics, timer, System::nanoTime),
                System::nanoTime,
                RepositoryListener.NONE);
        repository.load();
        Admission admission = new Admission(ROOM, ROOM, System::nanoTime);
        inferences = new Inferences(new OipModels(repository), admission, ROOM, System::nanoTime);
    }

    @AfterEach
    void close() {
        repository.close();
        timer.shutdownNow();
        metrics.close();
        assertThat(engine.openSessions()).isZero();
    }

    /** Four ones. Something happens when it is looked at, which is between the choice of a version and its queue. */
    private record Ones(Runnable meanwhile) implements InputTensor {
        @Override
        public String name() {
            return "x";
        }

        @Override
        public String datatype() {
            return "FP32";
        }

        @Override
        public long[] shape() {
            return new long[] {1, 4};
        }

        @Override
        public void requireElements(ElementType type, long elements) {
            meanwhile.run();
        }

        @Override
        public void write(ElementType type, Shape shape, ByteBuffer into) {
            while (into.hasRemaining()) {
                into.putFloat(1);
            }
        }
    }

    private void drain(String version) {
        repository.find("m", version).drain();
    }

    /** The version that answers. */
    private String ask(String version, Runnable meanwhile) throws Exception {
        CompletableFuture<String> answered = new CompletableFuture<>();
        inferences.submit(
                new InferRequest("m", version, List.of(new Ones(meanwhile)), List.of("y"), Schedule.NONE, 100),
                Device.ANYBODY,
                new AnswerSink() {
                    @Override
                    public void answered(OipModel model, List<OutputTensor> outputs) {
                        ByteBuffer y = outputs.get(0).elements().duplicate().order(ByteOrder.LITTLE_ENDIAN);
                        assertThat(y.getFloat(0)).isEqualTo(TestModel.y(1));
                        answered.complete(model.version());
                    }

                    @Override
                    public void refused(OipException refusal) {
                        answered.completeExceptionally(refusal);
                    }
                });
        return answered.get(60, TimeUnit.SECONDS);
    }

    @Test
    void takesTheNewestVersionIfNoneIsNamed() throws Exception {
        assertThat(ask("", () -> {})).isEqualTo("2");
        assertThat(ask("1", () -> {})).isEqualTo("1");
    }

    @Test
    void takesTheNextOneWhereThatBeginsToDrainAtThisMoment() throws Exception {
        assertThat(ask("", () -> drain("2"))).isEqualTo("1");
        assertThat(ask("", () -> {})).as("from then on").isEqualTo("1");
        assertThat(metrics.scrape())
                .contains("cleave_requests_total{model=\"m\",outcome=\"ok\",point=\"0\",version=\"1\"} 2.0")
                .doesNotContain("outcome=\"draining\"");
    }

    @Test
    void refusesWhatNamesAVersionThatDrains() {
        assertThatThrownBy(() -> ask("2", () -> drain("2")))
                .isInstanceOfSatisfying(
                        OipException.class,
                        refused -> assertThat(refused.fault()).isEqualTo(Fault.UNAVAILABLE))
                .hasMessage("model \"m\" is shutting down");
        assertThat(metrics.scrape()).contains("outcome=\"draining\",point=\"0\",version=\"2\"} 1.0");
    }

    @Test
    void refusesOnceAllOfThemDrain() {
        assertThatThrownBy(() -> ask("", () -> {
                    drain("1");
                    drain("2");
                }))
                .hasMessage("model \"m\" is shutting down");
    }
}
