package dev.cleave.cli.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.cli.daemon.watch.WatchedFolder.Claimed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedFolderTest {
    @TempDir
    private Path directory;

    private WatchedFolder folder;

    @BeforeEach
    void open() throws IOException {
        folder = WatchedFolder.open(directory);
    }

    @AfterEach
    void close() {
        folder.close();
    }

    private Path put(String name, String content, long modifiedMillis) throws IOException {
        Path file = Files.writeString(directory.resolve(name), content);
        return Files.setLastModifiedTime(file, FileTime.fromMillis(modifiedMillis));
    }

    private Claimed claim(String name) throws IOException {
        Found found = folder.listing().stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .orElseThrow();
        return folder.claim(found);
    }

    @Test
    void listsInputsByAgeAndNothingElse() throws IOException {
        put("c.jpg", "3", 2000);
        put("b.npy", "2", 3000);
        put("a.PNG", "1", 3000);
        put(".hidden.jpg", "", 1);
        put("notes.txt", "", 1);
        put("growing.jpg.part", "", 1);
        Files.createDirectories(directory.resolve("folder.jpg"));
        Files.createSymbolicLink(directory.resolve("link.jpg"), directory.resolve("c.jpg"));
        assertThat(folder.listing()).extracting(Found::name).containsExactly("c.jpg", "a.PNG", "b.npy");
    }

    @Test
    void namesOneFileThatIsNoInputUnlessItIsStillBeingWritten() throws IOException {
        put("growing.jpg.part", "", System.currentTimeMillis() + 60_000);
        put(".hidden.txt", "", 1);
        folder.listing();
        assertThat(folder.leftAlone()).isNull();
        put("notes.txt", "", 1);
        folder.listing();
        assertThat(folder.leftAlone()).isEqualTo("notes.txt");
    }

    @Test
    void keepsTheAnswerBesideItsFile() throws IOException {
        put("a.jpg", "picture", 1);
        folder.done(claim("a.jpg"), "{\"answer\":1}");
        assertThat(directory.resolve("done/a.jpg")).hasContent("picture");
        assertThat(directory.resolve("done/a.jpg.json")).hasContent("{\"answer\":1}");
        assertThat(folder.listing()).isEmpty();
        assertThat(directory.resolve("working")).isEmptyDirectory();
    }

    @Test
    void givesANumberToANameThatWasThereBefore() throws IOException {
        put("a.jpg", "1", 1);
        folder.done(claim("a.jpg"), "{}");
        put("a.jpg", "2", 2);
        folder.failed(claim("a.jpg"), "{}");
        put("a.jpg", "3", 3);
        assertThat(claim("a.jpg").name()).isEqualTo("a-3.jpg");
        assertThat(directory.resolve("done/a.jpg")).hasContent("1");
        assertThat(directory.resolve("failed/a-2.jpg")).hasContent("2");
    }

    @Test
    void findsWhatADeadProcessLeftAndDoesNotAskTwice() throws IOException {
        put("a.jpg", "a", 2000);
        put("b.jpg", "b", 1000);
        put("c.jpg", "c", 3000);
        put("d.jpg", "d", 4000);
        claim("a.jpg");
        claim("b.jpg");
        // Died between writing the answer and moving the file.
        Files.writeString(directory.resolve("done/c.jpg.json"), "{}");
        Files.move(directory.resolve("c.jpg"), directory.resolve("working/c.jpg"));
        Files.writeString(directory.resolve("failed/d.jpg.json"), "{}");
        Files.move(directory.resolve("d.jpg"), directory.resolve("working/d.jpg"));
        folder.close();
        folder = WatchedFolder.open(directory);
        assertThat(folder.leftovers()).extracting(Claimed::name).containsExactly("b.jpg", "a.jpg");
        assertThat(directory.resolve("done/c.jpg")).exists();
        assertThat(directory.resolve("failed/d.jpg")).exists();
    }

    @Test
    void seesThatAFileGoesOnGrowing() throws IOException {
        put("a.jpg", "half", 1000);
        Claimed claimed = claim("a.jpg");
        assertThat(claimed.hasChanged()).isFalse();
        Files.writeString(directory.resolve("working/a.jpg"), "half and whole");
        assertThat(claimed.hasChanged()).isTrue();
        folder.giveBack(claimed);
        assertThat(folder.listing()).extracting(Found::name).containsExactly("a.jpg");
    }

    @Test
    void claimsNothingThatIsGone() throws IOException {
        Path file = put("a.jpg", "a", 1);
        Found found = folder.listing().get(0);
        Files.delete(file);
        assertThat(folder.claim(found)).isNull();
    }

    @Test
    void refusesAFolderThatIsWatchedAlready() {
        assertThatThrownBy(() -> WatchedFolder.open(directory))
                .hasMessageContaining("is watched by another process; expected a folder of its own");
    }

    @Test
    void refusesWhatIsNoFolder() {
        assertThatThrownBy(() -> WatchedFolder.open(directory.resolve("missing")))
                .hasMessageContaining("missing: is no folder; expected one to watch");
    }
}
