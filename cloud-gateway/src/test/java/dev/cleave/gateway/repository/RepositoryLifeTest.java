package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.View;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.OpenStream;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions that come and go, looked at and stepped through by the test itself. */
class RepositoryLifeTest {
    private static final Duration KEPT = Duration.ofHours(1);
    /** What three segments of a few bytes are taken to need, by far the most of it for their sessions. */
    private static final long ONE_MODEL = 25 << 20;

    @TempDir
    Path home;

    private final FakeEngine engine = new FakeEngine();
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final AtomicLong skew = new AtomicLong();
    private final List<String> unloaded = new ArrayList<>();
    private Path models;
    private ModelRepository repository;
    private long resident;
    private long growth;
    /** By the next look at the memory. */
    private Error thrown;

    @AfterEach
    void stop() {
        if (repository != null) {
            repository.close();
        }
        timer.shutdownNow();
        assertThat(engine.openSessions()).isZero();
    }

    private Path models() throws IOException {
        if (models == null) {
            models = Files.createDirectory(home.resolve("models"));
        }
        return models;
    }

    private void write(String model, int version) throws IOException {
        TestModel.named(model)
                .withVersion(Integer.toString(version))
                .writeTo(models().resolve(model + "/" + version + "/bundle.cleave"), View.FULL);
    }

    private ModelRepository start(GatewayConfigBuilder settings) throws Exception {
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
        if (thrown != null) {
            Error error = thrown;
            thrown = null;
            throw error;
        }
        resident += growth;
        return growth == 0 ? -1 : resident;
    }

    private ModelRepository start() throws Exception {
        return start(GatewayConfig.builder());
    }

    /** As long as files have to stand still, and what follows from it. */
    private void settle() {
        repository.look();
        pass(Duration.ofSeconds(1));
        repository.look();
        repository.advance();
    }

    /** As long as a version stays that nobody needs any more. */
    private void leave() {
        repository.advance();
        pass(Duration.ofSeconds(31));
        repository.advance();
    }

    private void pass(Duration time) {
        skew.addAndGet(time.toNanos());
    }

    private List<String> states() {
        return repository.statuses().stream()
                .map(status -> status.name() + " " + status.version() + " " + status.state())
                .toList();
    }

    private ModelStatus status(String file) {
        return repository.statuses().stream()
                .filter(status -> status.file().equals(file))
                .findFirst()
                .orElseThrow();
    }

    /** A stream that remembers what it was told. */
    private static final class Stream implements OpenStream {
        private final ServedModel model;
        private final List<String> told = new ArrayList<>();

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

    @Test
    void servesTheNewestVersionOfAFolderAndEveryFileBesideIt() throws Exception {
        write("m", 2);
        write("m", 10);
        TestModel.named("flat").write(models());
        Files.createDirectories(models().resolve("m/notes"));
        Files.writeString(models().resolve("m/10/readme.txt"), "no bundle");
        start();
        assertThat(states()).containsExactly("flat 1 READY", "m 2 UNLOADED", "m 10 READY");
        assertThat(status("m/10/bundle.cleave").bytes()).isBetween(ONE_MODEL - (1 << 20), ONE_MODEL);
    }

    /** Where there was no memory for a message, say. */
    private static final class Unspeakable extends Error {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new OutOfMemoryError("fake");
        }
    }

    @Test
    void oneWhoseFailureCannotBeToldKeepsNoOtherFromComing() throws Exception {
        write("a", 1);
        write("b", 1);
        thrown = new Unspeakable();
        start();
        assertThat(states()).containsExactly("a 1 FAILED", "b 1 READY");
        assertThat(status("a/1/bundle.cleave").reason()).isEqualTo("java.lang.OutOfMemoryError: fake");
    }

    @Test
    void loadsANewVersionBeforeTheOldOneGoes() throws Exception {
        write("m", 1);
        start();
        write("m", 2);
        settle();
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
        assertThat(unloaded).containsExactly("m 1");
        assertThat(engine.openSessions()).isEqualTo(3);
    }

    @Test
    void keepsAnOldVersionWhileAgentsOfItAreConnected() throws Exception {
        write("m", 1);
        start();
        ServedModel old = repository.find("m", "1");
        Stream stream = new Stream(old);
        write("m", 2);
        settle();
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        assertThat(repository.byBundleId(old.bundle().id())).isSameAs(old);
        pass(KEPT.minusMinutes(10));
        repository.advance();
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        assertThat(stream.told).isEmpty();
        old.closed(stream);
        repository.advance();
        // Its agent may only be connecting again.
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        pass(Duration.ofSeconds(5));
        Stream again = new Stream(old);
        repository.advance();
        old.closed(again);
        repository.advance();
        pass(Duration.ofSeconds(29));
        repository.advance();
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        pass(Duration.ofSeconds(2));
        repository.advance();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void drainsAnOldVersionWithItsStreamsOnceItWasKeptForLongEnough() throws Exception {
        write("m", 1);
        start();
        ServedModel old = repository.find("m", "1");
        Stream stream = new Stream(old);
        write("m", 2);
        settle();
        pass(KEPT.plusSeconds(1));
        repository.advance();
        assertThat(stream.told).containsExactly("drain within 10 s");
        assertThat(states()).containsExactly("m 1 DRAINING", "m 2 READY");
        assertThat(old.open(new StreamThatNeverComes())).isFalse();
        pass(Duration.ofSeconds(11));
        repository.advance();
        assertThat(stream.told).containsExactly("drain within 10 s", "end");
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    private static final class StreamThatNeverComes implements OpenStream {
        @Override
        public void drain(long graceNanos) {}

        @Override
        public void end() {}
    }

    @Test
    void neverReadsAFileThatIsStillBeingWritten() throws Exception {
        write("m", 1);
        start();
        byte[] whole = Files.readAllBytes(TestModel.named("m").withVersion("2").write(home));
        Path target = Files.createDirectories(models().resolve("m/2")).resolve("m.cleave");
        for (int bytes = 0; bytes < whole.length; bytes += whole.length / 7) {
            Files.write(target, Arrays.copyOf(whole, bytes));
            pass(Duration.ofSeconds(5));
            repository.look();
            repository.advance();
            assertThat(states()).containsExactly("m 1 READY", "m 2 LOADING");
        }
        Files.write(target, whole);
        settle();
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void keepsTheOldVersionWhereTheNewFileFailsAndTriesAgainOnlyWhenThatChanges() throws Exception {
        write("m", 1);
        start();
        byte[] whole = Files.readAllBytes(TestModel.named("m").withVersion("2").write(home));
        Path target = Files.createDirectories(models().resolve("m/2")).resolve("m.cleave");
        Files.write(target, Arrays.copyOf(whole, whole.length / 2));
        for (int look = 0; look < 5; look++) {
            settle();
        }
        assertThat(states()).containsExactly("m 1 READY", "m 2 FAILED");
        assertThat(status("m/2/m.cleave").reason())
                .contains("m/2/m.cleave")
                .doesNotContain(home.toString())
                .doesNotContain("\n");
        Files.write(target, whole);
        settle();
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
        // Its private copy is the third: one of each version, and one of the half.
        assertThat(repository.find("m", "2").bundle().file().getParent()).hasFileName("3");
    }

    @Test
    void aServedFileMayBeOverwrittenInPlace() throws Exception {
        Path file = TestModel.named("m").write(models());
        start();
        ServedModel served = repository.find("m", "");
        Path mapped = served.bundle().file();
        byte[] before = Files.readAllBytes(mapped);
        assertThat(mapped).hasFileName("m.cleave");
        assertThat(mapped.startsWith(models().resolve(".cleave"))).isTrue();
        Files.write(file, new byte[10]);
        settle();
        assertThat(repository.find("m", "")).isSameAs(served);
        assertThat(Files.readAllBytes(mapped)).isEqualTo(before);
        assertThat(served.bundle().graph("fp32", "segment-0").graph()).isNotEmpty();
        Files.copy(TestModel.named("m").withVersion("2").write(home), file, StandardCopyOption.REPLACE_EXISTING);
        settle();
        leave();
        assertThat(states()).containsExactly("m 2 READY");
        assertThat(mapped).doesNotExist();
    }

    @Test
    void aFileThatIsRenamedOrTouchedIsNotLoadedAgain() throws Exception {
        Path file = TestModel.named("m").write(models());
        start();
        ServedModel served = repository.find("m", "");
        Files.move(file, models().resolve("other.cleave"));
        settle();
        settle();
        assertThat(repository.statuses()).extracting(ModelStatus::file).containsExactly("other.cleave");
        Files.copy(
                TestModel.named("m").write(home),
                models().resolve("other.cleave"),
                StandardCopyOption.REPLACE_EXISTING);
        settle();
        assertThat(states()).containsExactly("m 1 READY");
        assertThat(repository.find("m", "")).isSameAs(served);
        assertThat(unloaded).isEmpty();
    }

    @Test
    void aFileThatIsOneTooManyTakesTheOthersPlaceWhenThatGoes() throws Exception {
        Path first = TestModel.named("m").write(models());
        Files.copy(first, models().resolve("z.cleave"));
        start();
        assertThat(status("z.cleave").reason()).isEqualTo("z.cleave is the same model as m.cleave");
        ServedModel served = repository.find("m", "");
        Files.delete(first);
        settle();
        settle();
        assertThat(states()).containsExactly("m 1 READY");
        assertThat(repository.find("m", "")).isSameAs(served);
    }

    @Test
    void aModelWhoseFileIsDeletedIsUnloadedAndItsMemoryFreed() throws Exception {
        TestModel.named("a").write(models());
        Path b = TestModel.named("b").write(models());
        start();
        Path copy = repository.find("b", "").bundle().file();
        Files.delete(b);
        settle();
        leave();
        assertThat(states()).containsExactly("a 1 READY");
        assertThat(unloaded).containsExactly("b 1");
        assertThat(engine.openSessions()).isEqualTo(3);
        assertThat(copy).doesNotExist();
    }

    @Test
    void aDirectoryThatVanishesOrIsEmptyKeepsWhatIsServed() throws Exception {
        write("m", 1);
        start(GatewayConfig.builder().stateDirectory(home.resolve("state")));
        Path away = home.resolve("away");
        Files.move(models(), away);
        settle();
        settle();
        assertThat(repository.status().trouble()).contains("cannot be read").contains("what is served stays");
        assertThat(states()).containsExactly("m 1 READY");
        Files.createDirectory(models());
        settle();
        settle();
        assertThat(repository.status().trouble()).isEqualTo("holds no model any more; what is served stays");
        assertThat(states()).containsExactly("m 1 READY");
        Files.delete(models());
        Files.move(away, models());
        settle();
        assertThat(repository.status().trouble()).isEmpty();
        assertThat(unloaded).isEmpty();
    }

    @Test
    void refusesByNameWhatDoesNotFitAndLoadsItWhenThereIsRoom() throws Exception {
        TestModel.named("a").write(models());
        start(GatewayConfig.builder().modelMemory(ONE_MODEL + ONE_MODEL / 2));
        TestModel.named("b").write(models());
        settle();
        assertThat(states()).containsExactly("a 1 READY", "b 1 FAILED");
        assertThat(status("b.cleave").reason())
                .isEqualTo("model \"b\" 1 needs about 24 MiB; 13 MiB of 38 MiB are free");
        settle();
        assertThat(engine.openSessions()).isEqualTo(3);
        repository.unload("a", "", false);
        repository.advance();
        assertThat(states()).containsExactly("a 1 UNLOADED", "b 1 READY");
    }

    private static String meter(String model, int version) {
        return "cleave_queue_requests{model=\"" + model + "\",version=\"" + version + "\"}";
    }

    @Test
    void aVersionThatIsUnloadedOrDidNotComeToBeLeavesNoMeters() throws Exception {
        write("m", 1);
        write("n", 1);
        start(GatewayConfig.builder().modelMemory(3 * ONE_MODEL).versionPolicy(VersionPolicy.ALL));
        growth = 4 * ONE_MODEL;
        write("m", 2);
        TestModel.named("n").withWidth(8).write(models());
        settle();
        assertThat(status("m/2/bundle.cleave").reason()).contains("took about");
        assertThat(status("n.cleave").reason()).contains("took about");
        assertThat(metrics.scrape())
                .contains(meter("m", 1))
                .contains(meter("n", 1))
                .doesNotContain("version=\"2\"");
        repository.unload("m", "1", false);
        repository.advance();
        repository.advance();
        assertThat(metrics.scrape()).contains(meter("n", 1)).doesNotContain("model=\"m\"");
    }

    @Test
    void letsAnIdleOldVersionGoFirstWhereThereIsNoRoomForBoth() throws Exception {
        write("m", 1);
        start(GatewayConfig.builder().modelMemory(ONE_MODEL + ONE_MODEL / 2));
        ServedModel old = repository.find("m", "1");
        Stream stream = new Stream(old);
        write("m", 2);
        settle();
        assertThat(states()).containsExactly("m 1 READY", "m 2 FAILED");
        old.closed(stream);
        repository.advance();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void whatTookMoreThanThereIsRoomForIsNotServed() throws Exception {
        assertThat(VersionWork.took(100, -1, -1)).isEqualTo(100);
        assertThat(VersionWork.took(100, 1000, 1150)).isEqualTo(150);
        assertThat(VersionWork.took(100, 1000, 900)).isEqualTo(25);
        assertThat(VersionWork.took(100, 1000, 9000)).isEqualTo(400);
    }

    @Test
    void labelsPointToReadyVersionsAndSurviveARestart() throws Exception {
        write("m", 1);
        write("m", 2);
        start(GatewayConfig.builder().versionPolicy(VersionPolicy.ALL));
        repository.label("m", "stable", "1");
        repository.label("m", "canary", "2");
        assertThatThrownBy(() -> repository.label("m", "canary", "3"))
                .hasMessage("model \"m\" 3 is not READY; expected one that is");
        assertThatThrownBy(() -> repository.label("m", "Canary", "2")).hasMessageContaining("label \"Canary\"");
        assertThatThrownBy(() -> repository.label("m", "none", "")).hasMessage("model \"m\" has no label none");
        assertThatThrownBy(() -> repository.unload("m", "1", true))
                .hasMessage("model \"m\" 1 has the label stable; expected a version without labels");
        repository.close();
        assertThat(engine.openSessions()).isZero();
        // The policy alone would not load version 1.
        start();
        assertThat(states()).containsExactly("m 1 READY", "m 2 READY");
        assertThat(status("m/1/bundle.cleave").labels()).containsExactly("stable");
        assertThat(repository.find("m", "stable").version()).isEqualTo("1");
        assertThat(repository.find("m", "canary").version()).isEqualTo("2");
        repository.label("m", "stable", "");
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void agentsAreOfferedNothingNewerThanWhatIsStable() throws Exception {
        write("m", 2);
        write("m", 10);
        start(GatewayConfig.builder().versionPolicy(VersionPolicy.ALL));
        ServedModel two = repository.find("m", "2");
        ServedModel ten = repository.find("m", "10");
        assertThat(repository.find("m", "")).isSameAs(ten);
        assertThat(repository.isOffered(two)).isTrue();
        assertThat(repository.isOffered(ten)).isTrue();
        repository.label("m", "stable", "2");
        assertThat(repository.find("m", "")).isSameAs(two);
        assertThat(repository.isOffered(two)).isTrue();
        assertThat(repository.isOffered(ten)).isFalse();
        assertThat(repository.find("m", "11")).isNull();
        assertThat(repository.find("other", "")).isNull();
    }

    @Test
    void aLabelsFileThatIsNoneRefusesTheStart() throws Exception {
        write("m", 1);
        Path labels = Files.createDirectories(models().resolve(".cleave")).resolve("labels.json");
        Files.writeString(labels, "{\"format\": 1, \"labels\": {\"m\": {\"stable\": 3}}}");
        assertThatThrownBy(this::start)
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("labels file " + labels + " has a label \"stable\" of \"m\" that is none");
        Files.writeString(labels, "{\"labels\":");
        assertThatThrownBy(this::start).hasMessageContaining("is not valid JSON");
    }

    @Test
    void whoFindsTheStateFolderTakenServesAllTheSame() throws Exception {
        write("m", 1);
        ModelRepository first = start();
        start();
        assertThat(states()).containsExactly("m 1 READY");
        assertThatThrownBy(() -> repository.label("m", "stable", "1"))
                .hasMessageContaining("labels cannot be kept: another gateway uses");
        first.close();
    }

    @Test
    void inExplicitModeNothingIsLoadedButWhatIsAskedFor() throws Exception {
        write("m", 1);
        write("m", 2);
        TestModel.named("flat").write(models());
        TestModel.named("named").write(models());
        start(GatewayConfig.builder().loadMode(LoadMode.EXPLICIT).loadAtStart(List.of("m:1", "named", "absent")));
        assertThat(states()).containsExactly("  UNLOADED", "m 1 READY", "m 2 UNLOADED", "named 1 READY");
        repository.load("flat", "");
        repository.load("m", "");
        repository.advance();
        assertThat(states()).containsExactly("flat 1 READY", "m 1 READY", "m 2 READY", "named 1 READY");
        repository.unload("m", "1", false);
        repository.advance();
        assertThat(states()).contains("m 1 UNLOADED", "m 2 READY");
        assertThatThrownBy(() -> repository.load("m", "7"))
                .hasMessage("no file of model \"m\" 7 lies in the models directory");
        assertThatThrownBy(() -> repository.unload("m", "7", false)).hasMessage("model \"m\" 7 is not here");
    }

    @Test
    void anExplicitGatewayStartsWithNothing() throws Exception {
        start(GatewayConfig.builder().loadMode(LoadMode.EXPLICIT));
        assertThat(repository.statuses()).isEmpty();
        assertThat(repository.isReady()).isFalse();
    }

    @Test
    void theNewestOneThatIsUnloadedGivesWayToTheOneBeforeIt() throws Exception {
        write("m", 1);
        write("m", 2);
        start();
        Stream stream = new Stream(repository.find("m", "2"));
        assertThatThrownBy(() -> repository.unload("m", "2", false))
                .hasMessage("model \"m\" 2 has 1 open streams; expected none, or force");
        repository.unload("m", "2", true);
        repository.advance();
        assertThat(stream.told).containsExactly("drain within 10 s");
        assertThat(states()).containsExactly("m 1 READY", "m 2 DRAINING");
        stream.end();
        repository.advance();
        assertThat(states()).containsExactly("m 1 READY", "m 2 UNLOADED");
        repository.load("m", "2");
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY");
    }

    @Test
    void aVersionsFolderHoldsOneBundleOfThatVersion() throws Exception {
        write("m", 1);
        TestModel.named("m").withVersion("2").writeTo(models().resolve("m/3/m.cleave"), View.FULL);
        write("m", 4);
        Files.copy(models().resolve("m/4/bundle.cleave"), models().resolve("m/4/again.cleave"));
        start();
        assertThat(states()).containsExactly("m 1 READY", "m 3 FAILED", "m 4 FAILED");
        assertThat(status("m/3/m.cleave").reason())
                .isEqualTo("m/3/m.cleave holds model \"m\" version \"2\"; expected \"m\" version \"3\","
                        + " as its folders say");
        assertThat(status("m/4").reason()).isEqualTo("m/4 holds 2 bundles; expected one");
    }

    @Test
    void eachModelMayHaveAPolicyOfItsOwn() throws Exception {
        for (int version = 1; version <= 3; version++) {
            write("a", version);
            write("b", version);
        }
        start(GatewayConfig.builder().versionPolicy(VersionPolicy.latest(2)).versionPolicy("b", VersionPolicy.of("1")));
        assertThat(states())
                .containsExactly("a 1 UNLOADED", "a 2 READY", "a 3 READY", "b 1 READY", "b 2 UNLOADED", "b 3 UNLOADED");
    }

    @Test
    void whatComesWhileItWatchesIsFoundByItself() throws Exception {
        write("m", 1);
        start(GatewayConfig.builder().pollEvery(Duration.ofMillis(20)));
        repository.watch();
        write("m", 2);
        while (repository.find("m", "2") == null || status("m/1/bundle.cleave").state() != ModelState.UNLOADED) {
            pass(Duration.ofSeconds(1));
            Thread.onSpinWait();
        }
        assertThat(repository.isReady()).isTrue();
    }
}
