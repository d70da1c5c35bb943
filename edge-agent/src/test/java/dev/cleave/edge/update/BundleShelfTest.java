package dev.cleave.edge.update;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.edge.update.BundleShelf.Entry;
import dev.cleave.edge.update.BundleShelf.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BundleShelfTest {
    private static final String A = id('a');
    private static final String B = id('b');

    @TempDir
    Path folder;

    private static String id(char digit) {
        return String.join("", Collections.nCopies(64, String.valueOf(digit)));
    }

    private void put(String name) throws IOException {
        Files.write(folder.resolve(name), new byte[] {1});
    }

    @Test
    void remembersWhatBecameOfVersions() throws IOException {
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            shelf.mark(A, State.TRIAL, 2);
            shelf.mark(B, State.BAD, 0);
        }
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            assertThat(shelf.entry(A)).isEqualTo(new Entry(State.TRIAL, 2));
            assertThat(shelf.isBad(A)).isFalse();
            assertThat(shelf.isBad(B)).isTrue();
            assertThat(shelf.entry(id('c'))).isNull();
        }
        assertThat(Files.readString(folder.resolve("versions"))).isEqualTo(A + " trial 2\n" + B + " bad 0\n");
    }

    @Test
    void keepsFilesThatItKnowsAndNoOthers() throws IOException {
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            shelf.mark(A, State.GOOD, 0);
            shelf.mark(B, State.BAD, 0);
        }
        put(A + ".cleave");
        put(B + ".cleave");
        put(id('c') + ".cleave");
        put("mine.cleave");
        put(id('d') + ".part");
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            assertThat(shelf.kept()).containsExactly(A);
            assertThat(folder.resolve(B + ".cleave")).doesNotExist();
            assertThat(folder.resolve(id('c') + ".cleave")).doesNotExist();
            assertThat(folder.resolve("mine.cleave")).exists();
            assertThat(folder.resolve(id('d') + ".part")).exists();
            shelf.part(id('e'));
            assertThat(folder.resolve(id('d') + ".part")).doesNotExist();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense\n", "../../x good 0\n", "\u00ff", "aa good 1\n"})
    void ifTheFileIsNotAsItWasWrittenAllThatIsThereIsOnTrialAgain(String text) throws IOException {
        Files.write(folder.resolve("versions"), text.getBytes(StandardCharsets.ISO_8859_1));
        put(A + ".cleave");
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            assertThat(shelf.kept()).containsExactly(A);
            assertThat(shelf.entry(A)).isEqualTo(new Entry(State.TRIAL, 0));
        }
    }

    @Test
    void aDownloadGetsItsPlaceOnlyWithALine() throws IOException {
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            put(B + ".part");
            Path blocked = Files.createDirectory(folder.resolve("versions.new"));
            assertThatThrownBy(() -> shelf.takeOnTrial(A, folder.resolve(B + ".part")))
                    .isInstanceOf(IOException.class);
            assertThat(shelf.entry(A)).isNull();
            assertThat(folder.resolve(B + ".part")).exists();
            Files.delete(blocked);
            shelf.takeOnTrial(A, folder.resolve(B + ".part"));
            assertThat(shelf.entry(A)).isEqualTo(new Entry(State.TRIAL, 1));
            assertThat(folder.resolve(B + ".part")).doesNotExist();
            assertThat(shelf.kept()).containsExactly(A);
        }
    }

    @Test
    void aLineWithoutAFileMeansNothing() throws IOException {
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            shelf.mark(A, State.TRIAL, 1);
            shelf.mark(B, State.GOOD, 0);
            put(B + ".cleave");
            assertThat(shelf.kept()).containsExactly(B);
            shelf.keepOnly(B);
        }
        assertThat(Files.readString(folder.resolve("versions"))).isEqualTo(B + " good 0\n");
    }

    @Test
    void forgetsBadVersionsBeyondANumber() throws IOException {
        try (BundleShelf shelf = BundleShelf.open(folder)) {
            for (int i = 0; i < 300; i++) {
                shelf.mark(String.format("%064x", i), State.BAD, 0);
            }
            assertThat(shelf.isBad(String.format("%064x", 0))).isFalse();
            assertThat(shelf.isBad(String.format("%064x", 299))).isTrue();
            assertThat(Files.size(folder.resolve("versions"))).isLessThan(20_000);
        }
    }
}
