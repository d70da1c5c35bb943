package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

/**
 * Parts of the models directory that cannot be read are refused by name, and hide no other. Most of them are links to themselves, which root
 * cannot follow, either.
 */
class UnreadablePartsTest extends RepositoryFixture {
    private Path loop(String path) throws IOException {
        Path link = models().resolve(path);
        return Files.createSymbolicLink(link, link.getFileName());
    }

    private void assertRefused(String path) {
        ModelStatus status = status(path);
        assertThat(status.state()).isEqualTo(ModelState.FAILED);
        assertThat(status.reason())
                .startsWith(path + " cannot be read: Too many levels of symbolic links")
                .doesNotContain(home.toString());
    }

    @Test
    void aPartThatCannotBeReadRefusesNoStart() throws Exception {
        loop("x");
        loop("y.cleave");
        write("m", 1);
        start();
        assertThat(states()).contains("m 1 READY").hasSize(3);
        assertRefused("x");
        assertRefused("y.cleave");
    }

    @Test
    void aStartThatFindsNothingElseSaysSo() throws Exception {
        loop("x");
        assertThatThrownBy(this::start)
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining("can be served: x cannot be read: ");
    }

    @Test
    void aModelsDirectoryThatCannotBeReadRefusesTheStart() throws Exception {
        Path link = loop("x");
        assertThatThrownBy(() -> ModelRepository.requireDirectory(link)).isInstanceOf(GatewayException.class);
    }

    @Test
    void aNewModelIsFoundBesideWhatCannotBeReadAndThatAsSoonAsItCan() throws Exception {
        write("m", 1);
        start();
        Path link = loop("x");
        settle();
        assertRefused("x");
        write("n", 1);
        settle();
        assertThat(states()).contains("m 1 READY", "n 1 READY");
        assertThat(repository.status().trouble()).isEmpty();
        Files.delete(link);
        write("x", 1);
        settle();
        settle();
        assertThat(states()).containsExactly("m 1 READY", "n 1 READY", "x 1 READY");
        assertThat(unloaded).isEmpty();
    }

    @Test
    void whatIsServedFromAFolderStaysWhileThatCannotBeRead() throws Exception {
        write("m", 1);
        write("n", 1);
        start();
        ServedModel served = repository.find("m", "");
        Path away = Files.move(models().resolve("m"), home.resolve("away"));
        Path link = loop("m");
        for (int look = 0; look < 3; look++) {
            settle();
            leave();
            pass(KEPT);
        }
        assertRefused("m");
        assertThat(repository.find("m", "")).isSameAs(served);
        assertThat(status("m/1/bundle.cleave").state()).isEqualTo(ModelState.READY);
        Files.delete(link);
        Files.move(away, models().resolve("m"));
        settle();
        settle();
        assertThat(states()).containsExactly("m 1 READY", "n 1 READY");
        assertThat(repository.find("m", "")).isSameAs(served);
        write("m", 2);
        settle();
        leave();
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY", "n 1 READY");
    }

    @Test
    void aVersionThatCannotBeReadHidesNoOther() throws Exception {
        write("m", 1);
        start();
        loop("m/3");
        write("m", 2);
        settle();
        leave();
        assertRefused("m/3");
        assertThat(states()).containsExactly("m 1 UNLOADED", "m 2 READY", "m 3 FAILED");
        ServedModel served = repository.find("m", "");
        Files.move(models().resolve("m/2"), home.resolve("away"));
        loop("m/2");
        settle();
        leave();
        assertRefused("m/2");
        assertThat(repository.find("m", "")).isSameAs(served);
    }

    @Test
    void aVersionOfWhichAFileCannotBeReadIsRefusedWhole() throws Exception {
        write("m", 1);
        write("m", 2);
        loop("m/2/other.cleave");
        start();
        assertThat(states()).containsExactly("m 1 READY", "m 2 FAILED");
        assertRefused("m/2");
    }

    @Test
    void twoServedFilesStayWhileOneCannotBeRead() throws Exception {
        Path old = TestModel.named("m").write(models());
        TestModel.named("m").withVersion("2").write(models());
        start();
        ServedModel served = repository.find("m", "1");
        Files.move(old, home.resolve("away"));
        loop("m.cleave");
        settle();
        leave();
        pass(KEPT);
        repository.advance();
        assertThat(states()).containsExactly("m 2 READY", "m 1 READY");
        assertThat(repository.find("m", "1")).isSameAs(served);
    }

    @Test
    void whatWasNotReadYetIsNotTriedUntilItCanBe() throws Exception {
        write("n", 1);
        start();
        write("m", 1);
        repository.look();
        Path away = Files.move(models().resolve("m"), home.resolve("away"));
        Path link = loop("m");
        settle();
        settle();
        assertThat(status("m/1/bundle.cleave").state()).isEqualTo(ModelState.LOADING);
        Files.delete(link);
        Files.move(away, models().resolve("m"));
        settle();
        settle();
        assertThat(states()).containsExactly("m 1 READY", "n 1 READY");
    }

    @Test
    void whatFileSystemsKeepForThemselvesIsNobodys() throws Exception {
        loop("lost+found");
        assertThatThrownBy(this::start).hasMessageContaining("holds no *.cleave or *.onnx file");
        write("m", 1);
        start();
        assertThat(states()).containsExactly("m 1 READY");
    }

    @Test
    void aFolderOfTooManyEntriesIsRefusedAlone() throws Exception {
        write("m", 1);
        Path full = Files.createDirectory(models().resolve("full"));
        for (int i = 0; i <= ModelFolder.MOST_FILES; i++) {
            Files.createFile(full.resolve("f" + i));
        }
        start();
        assertThat(states()).contains("m 1 READY");
        assertThat(status("full").reason())
                .isEqualTo("full cannot be read: more than 4096 entries; expected a directory of models");
    }

    @Test
    void aFolderWithoutLeaveIsRefusedByName() throws Exception {
        write("m", 1);
        write("x", 1);
        Path folder = models().resolve("x");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("---------"));
        try {
            assumeThat(Files.isReadable(folder)).as("root may read all").isFalse();
            start();
            assertThat(states()).contains("m 1 READY");
            assertThat(status("x").reason()).isEqualTo("x cannot be read: access denied");
        } finally {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }

    @Test
    void saysWhyWithoutThePath() {
        assertThat(FolderLook.why(new AccessDeniedException("/a/b"))).isEqualTo("access denied");
        assertThat(FolderLook.why(new FileSystemException("/a/b", null, "Input/output error")))
                .isEqualTo("Input/output error");
        assertThat(FolderLook.why(new NoSuchFileException("/a/b"))).isEmpty();
        assertThat(FolderLook.why(new IOException("more than 3"))).isEqualTo("more than 3");
    }

    @Test
    void weightsThatCannotBeReadAreToldAndLinksAreNone() throws Exception {
        FolderFiles files = new FolderFiles();
        files.unread(models().resolve("faces.onnx.data"), "Input/output error");
        files.unread(loop("words.onnx.data"), "Too many levels of symbolic links");
        assertThat(files.unreadWeights("faces.onnx"))
                .isEqualTo("faces.onnx.data beside it cannot be read: Input/output error");
        assertThat(files.unreadWeights("words.onnx")).isEmpty();
    }
}
