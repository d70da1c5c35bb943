package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.OpenStream;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Versions that come and go, looked at and stepped through by the test itself. */
class RepositoryVersionsTest extends RepositoryFixture {
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
    void oneThatFailsWhenItIsLoadedAlreadyIsClosed() throws Exception {
        write("a", 1);
        write("b", 1);
        thrown = new OutOfMemoryError("fake");
        looksBeforeThrown = 1;
        start();
        assertThat(states()).containsExactly("a 1 FAILED", "b 1 READY");
        assertThat(status("a/1/bundle.cleave").reason()).isEqualTo("fake");
        assertThat(engine.openSessions()).as("those of b").isEqualTo(3);
        assertThat(metrics.scrape()).doesNotContain("model=\"a\"");
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
