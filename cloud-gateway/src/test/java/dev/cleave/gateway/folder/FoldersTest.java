package dev.cleave.gateway.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class FoldersTest {
    @TempDir
    Path home;

    private Path folder(String name, String permissions) throws IOException {
        Path folder = Files.createDirectory(home.resolve(name));
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void removesLinksAndNotWhatTheyLeadTo() throws Exception {
        Path others = Files.createDirectory(home.resolve("others"));
        Path precious = Files.writeString(others.resolve("precious"), "x");
        Path tree = Files.createDirectories(home.resolve("tree/inner"));
        Files.createSymbolicLink(tree.resolve("folder"), others);
        Files.createSymbolicLink(tree.resolve("file"), precious);
        Folders.delete(home.resolve("tree"));
        assertThat(home.resolve("tree")).doesNotExist();
        assertThat(precious).exists();

        Path link = Files.createSymbolicLink(home.resolve("link"), others);
        Folders.delete(link);
        assertThat(link).doesNotExist();
        assertThat(precious).exists();
    }

    @Test
    void whatIsNotThereIsRemoved() throws Exception {
        Folders.delete(home.resolve("nothing"));
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void goesOnPastWhatCannotBeRemoved() throws Exception {
        Path tree = Files.createDirectory(home.resolve("tree"));
        try (DeepFolder deep = new DeepFolder(tree.resolve("m"))) {
            for (String name : new String[] {"a", "b", "y", "z"}) {
                Files.createDirectory(tree.resolve(name));
            }
            assertThatThrownBy(() -> Folders.delete(tree)).isInstanceOf(IOException.class);
            assertThat(tree).isDirectoryContaining(path -> path.endsWith("m"));
            assertThat(tree.toFile().list()).containsExactly("m");
            assertThat(deep).isNotNull();
        }
    }

    @Test
    void ownIsWhatNobodyElseCanWriteIntoOrRead() throws Exception {
        Path mine = folder("mine", "rwx------");
        assertThat(Folders.isOwn(folder("own", "rwx------"), mine)).isTrue();
        assertThat(Folders.isOwn(folder("shown", "rwxr-xr-x"), mine)).isFalse();
        assertThat(Folders.isOwn(folder("shared", "rwx-wx---"), mine)).isFalse();
        assertThat(Folders.isOwn(Files.createSymbolicLink(home.resolve("link"), mine), mine))
                .isFalse();
        assertThat(Folders.isOwn(Files.createFile(home.resolve("file")), mine)).isFalse();
    }

    @Test
    void ownIsNothingOfAnotherUser() throws Exception {
        Path mine = folder("mine", "rwx------");
        Path others = folder("others", "rwx------");
        assumeTrue(Files.getAttribute(mine, "unix:uid").equals(0), "only root can give a folder away");
        Files.setAttribute(others, "unix:uid", 12345);
        assertThat(Folders.isOwn(others, mine)).isFalse();
    }
}
