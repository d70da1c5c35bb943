package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.OpenStream;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A repository over a directory that a test writes, with a clock that the test moves: it looks and takes steps when it is told to. When the test
 * has ended no session may be left.
 */
abstract class RepositoryFixture {
    static final Duration KEPT = Duration.ofHours(1);
    /** What three segments of a few bytes are taken to need, by far the most of it for their sessions. */
    static final long ONE_MODEL = 25 << 20;

    @TempDir
    Path home;

    final FakeEngine engine = new FakeEngine();
    final GatewayMetrics metrics = new GatewayMetrics();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final AtomicLong skew = new AtomicLong();
    final List<String> unloaded = new ArrayList<>();
    private Path models;
    ModelRepository repository;
    private long resident;
    long growth;
    /** By a look at the memory, of which there is one before a model is loaded and one after. */
    Error thrown;

    int looksBeforeThrown;

    @AfterEach
    void stop() {
        if (repository != null) {
            repository.close();
        }
        timer.shutdownNow();
        assertThat(engine.openSessions()).isZero();
    }

    Path models() throws IOException {
        if (models == null) {
            models = Files.createDirectory(home.resolve("models"));
        }
        return models;
    }

    void write(String model, int version) throws IOException {
        TestModel.named(model)
                .withVersion(Integer.toString(version))
                .writeTo(models().resolve(model + "/" + version + "/bundle.cleave"), View.FULL);
    }

    ModelRepository start(GatewayConfigBuilder settings) throws Exception {
        GatewayConfig config = settings.modelsDirectory(models())
                .keepOldVersionsFor(KEPT)
                .drainGrace(Duration.ofSeconds(10))
                .build();
        repository = ModelRepository.open(
                config,
                BundleOpener.of(config.models().trust()),
                new ModelLoader(config, engine, null, metrics, timer, System::nanoTime),
                () -> System.nanoTime() + skew.get(),
                this::resident,
                new RepositoryListener() {
                    @Override
                    public void unloaded(ServedModel model) {
                        unloaded.add(model.name() + " " + model.version());
                    }
                });
        repository.load();
        return repository;
    }

    /** Grows with each look at it, if the test says so. */
    private long resident() {
        if (thrown != null && looksBeforeThrown-- == 0) {
            Error error = thrown;
            thrown = null;
            throw error;
        }
        resident += growth;
        return growth == 0 ? -1 : resident;
    }

    ModelRepository start() throws Exception {
        return start(GatewayConfig.builder());
    }

    /** As long as files have to stand still, and what follows from it. */
    void settle() {
        repository.look();
        pass(Duration.ofSeconds(1));
        repository.look();
        repository.advance();
    }

    /** As long as a version stays that nobody needs any more. */
    void leave() {
        repository.advance();
        pass(Duration.ofSeconds(31));
        repository.advance();
    }

    void pass(Duration time) {
        skew.addAndGet(time.toNanos());
    }

    List<String> states() {
        return repository.statuses().stream()
                .map(status -> status.name() + " " + status.version() + " " + status.state())
                .toList();
    }

    ModelStatus status(String file) {
        return repository.statuses().stream()
                .filter(status -> status.file().equals(file))
                .findFirst()
                .orElseThrow();
    }

    /** A stream that remembers what it was told. */
    static final class Stream implements OpenStream {
        private final ServedModel model;
        final List<String> told = new ArrayList<>();

        Stream(ServedModel model) {
            this.model = model;
            assertThat(model.open(this)).isTrue();
        }

        @Override
        public void drain(long graceNanos) {
            told.add("drain within " + Duration.ofNanos(graceNanos).toSeconds() + " s");
        }

        @Override
        public void end() {
            told.add("end");
            model.closed(this);
        }
    }
}
