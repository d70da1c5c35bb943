package dev.cleave.cli.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabelsTest {
    @TempDir
    private Path folder;

    @Test
    void readsNamesAndIndicesAndIgnoresHeaderAndFurtherColumns() throws IOException {
        Labels labels = read("file\tindex0\tname\r\na b.jpg\t0\ttench, Tinca tinca\t-\n\nc.png\t999\n");
        assertThat(labels.size()).isEqualTo(2);
        assertThat(labels.require("a b.jpg")).isZero();
        assertThat(labels.classOf("c.png")).hasValue(999);
        assertThat(labels.classOf("file")).isEmpty();
    }

    @Test
    void needsNoHeader() throws IOException {
        assertThat(read("a.jpg\t3").require("a.jpg")).isEqualTo(3);
    }

    @Test
    void namesAnInputWithoutLabel() throws IOException {
        Labels labels = read("a.jpg\t3");
        assertThatThrownBy(() -> labels.require("b.jpg"))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("labels.tsv", "no label for \"b.jpg\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.jpg 3 | line 1 | expected file-name<TAB>class-index",
                "a.jpg\\t1\\nb.jpg\\tcat | line 2 | expected file-name<TAB>class-index",
                "a.jpg\\t1\\nb.jpg\\t-1 | line 2 | expected",
                "a.jpg\\t1\\nb.jpg\\t99999999999 | line 2 | expected",
                "a.jpg\\t1\\na.jpg\\t2 | line 2 | had the class 1",
                "file\\tindex | labels.tsv | holds no labels"
            })
    void namesTheLineThatItDoesNotUnderstand(String text, String line, String reason) {
        assertThatThrownBy(() -> read(text.replace("\\t", "\t").replace("\\n", "\n")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(line, reason);
    }

    @Test
    void refusesBinaryAndMissingFiles() throws IOException {
        Path binary = Files.write(folder.resolve("b.tsv"), new byte[] {(byte) 0xC3, 0x28, 9, 49});
        assertThatThrownBy(() -> Labels.read(binary)).hasMessageContaining("is no UTF-8 text");
        assertThatThrownBy(() -> Labels.read(folder.resolve("none.tsv"))).isInstanceOf(NoSuchFileException.class);
    }

    private Labels read(String text) throws IOException {
        return Labels.read(Files.write(folder.resolve("labels.tsv"), text.getBytes(StandardCharsets.UTF_8)));
    }
}
