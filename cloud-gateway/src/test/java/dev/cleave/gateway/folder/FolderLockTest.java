package dev.cleave.gateway.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    @TempDir
    Path home;

    private Path folder;
    private Path file;

    @BeforeEach
    void make() throws IOException {
        folder = Files.createDirectory(home.resolve("folder"));
        file = folder.resolve("lock");
    }

    /** Whether the system has a lock of this process on the file; what another process would meet. */
    private static boolean isLocked(Path file) throws IOException {
        String inode = ":" + Files.getAttribute(file, "unix:ino") + " ";
        String process = " " + ProcessHandle.current().pid() + " ";
        return Files.readAllLines(Path.of("/proc/locks")).stream()
                .anyMatch(line -> line.contains(inode) && line.contains(process));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void isNotLostWhenSomebodyElseOfThisProcessAsksForIt() throws Exception {
        try (FolderLock lock = FolderLock.take(file)) {
            assertThat(lock).isNotNull();
            assertThat(FolderLock.take(file)).isNull();
            assertThat(FolderLock.takeLeft(file)).isNull();
            assertThat(isLocked(file)).isTrue();
        }
        assertThat(isLocked(file)).isFalse();
        try (FolderLock again = FolderLock.takeLeft(file)) {
            assertThat(again).isNotNull();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void isTheSameByWhateverPathItIsAskedFor() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("link"), folder);
        try (FolderLock lock = FolderLock.take(file)) {
            assertThat(lock).isNotNull();
            assertThat(FolderLock.take(link.resolve("lock"))).isNull();
            assertThat(FolderLock.take(folder.resolve("../folder/./lock"))).isNull();
            assertThat(isLocked(file)).isTrue();
        }
    }

    @Test
    void isNeverTakenByWayOfALink() throws Exception {
        Path others = home.resolve("others");
        Files.createSymbolicLink(file, others);
        assertThatThrownBy(() -> FolderLock.take(file)).isInstanceOf(IOException.class);
        assertThat(others).doesNotExist();
        Files.createFile(others);
        assertThatThrownBy(() -> FolderLock.take(file)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> FolderLock.takeLeft(file)).isInstanceOf(IOException.class);
    }

    @Test
    void canBeTakenAfterAnAttemptThatFailed() throws Exception {
        assertThatThrownBy(() -> FolderLock.takeLeft(file)).isInstanceOf(NoSuchFileException.class);
        Files.createFile(file);
        assertThatThrownBy(() -> FolderLock.takeNew(file)).isInstanceOf(FileAlreadyExistsException.class);
        try (FolderLock lock = FolderLock.take(file)) {
            assertThat(lock).isNotNull();
        }
        try (FolderLock again = FolderLock.takeLeft(file)) {
            assertThat(again).isNotNull();
        }
    }
}
