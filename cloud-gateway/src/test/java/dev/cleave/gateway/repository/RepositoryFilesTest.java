package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.View;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What becomes of files, and of what is served from them, while they are written, moved, spoilt and deleted. */
class RepositoryFilesTest extends RepositoryFixture {
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
}
