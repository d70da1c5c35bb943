package dev.cleave.gateway.repository;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.folder.DeepFolder;
import dev.cleave.gateway.folder.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs({OS.LINUX, OS.MAC})
class StateFolderTest {
    @TempDir
    Path home;

    private Path shared;

    @BeforeEach
    void make() throws IOException {
        shared = Files.createDirectory(home.resolve("tmp"));
    }

    /** What a gateway that was killed has left. */
    private static Path left(Path folder, String permissions) throws IOException {
        Files.createDirectories(folder.resolve("copies/1"));
        Files.writeString(folder.resolve("copies/1/m.cleave"), "weights");
        Files.createFile(folder.resolve("lock"));
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
    }

    private void takeOne() throws IOException {
        try (StateFolder state = StateFolder.temporary(shared, "the test wants it so")) {
            assertThat(state.folder()).isDirectory();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.folder())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void removesWhatAKilledGatewayOfThisUserLeft() throws Exception {
        Path dead = left(shared.resolve("cleave-models1"), "rwx------");
        Path held = left(shared.resolve("cleave-models2"), "rwx------");
        Path begun = Files.createDirectory(shared.resolve("cleave-models3"));
        try (FolderLock lock = FolderLock.takeLeft(held.resolve("lock"))) {
            assertThat(lock).isNotNull();
            takeOne();
        }
        assertThat(dead).doesNotExist();
        assertThat(held.resolve("copies/1/m.cleave")).exists();
        assertThat(begun).exists();
        assertThat(shared.toFile().list()).hasSize(2);
    }

    @Test
    void touchesNothingThatOthersMayHavePutThere() throws Exception {
        Path open = left(shared.resolve("cleave-models-open"), "rwxrwxrwx");
        Path elsewhere = left(home.resolve("elsewhere"), "rwx------");
        Files.createSymbolicLink(shared.resolve("cleave-models-link"), elsewhere);
        Path linked = Files.createDirectory(shared.resolve("cleave-models-linked"));
        Files.setPosixFilePermissions(linked, PosixFilePermissions.fromString("rwx------"));
        Files.createSymbolicLink(linked.resolve("lock"), elsewhere.resolve("lock"));
        takeOne();
        assertThat(open.resolve("copies/1/m.cleave")).exists();
        assertThat(elsewhere.resolve("copies/1/m.cleave")).exists();
        assertThat(linked).exists();
    }

    @Test
    void oneThatCannotBeRemovedKeepsNoOther() throws Exception {
        List<DeepFolder> stuck = new ArrayList<>();
        try {
            for (int i = 0; i < 9; i++) {
                Path folder = left(shared.resolve("cleave-models" + i), "rwx------");
                if (i % 3 == 0) {
                    stuck.add(new DeepFolder(folder.resolve("copies/deep")));
                }
            }
            takeOne();
            assertThat(shared.toFile().list())
                    .containsExactlyInAnyOrder("cleave-models0", "cleave-models3", "cleave-models6");
        } finally {
            for (DeepFolder folder : stuck) {
                folder.close();
            }
        }
    }

    @Test
    void givesUpItsLockAlsoWhereItCannotBeTidied() throws Exception {
        Path models = Files.createDirectory(home.resolve("models"));
        StateFolder state = StateFolder.open(models, null);
        try (DeepFolder deep = new DeepFolder(state.copies().resolve("1"))) {
            assertThat(deep).isNotNull();
            state.close();
            try (FolderLock lock = FolderLock.takeLeft(models.resolve(".cleave/lock"))) {
                assertThat(lock).isNotNull();
            }
        }
    }
}
