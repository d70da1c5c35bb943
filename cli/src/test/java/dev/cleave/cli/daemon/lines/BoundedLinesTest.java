package dev.cleave.cli.daemon.lines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BoundedLinesTest {
    private static List<String> lines(String text, int maxBytes) throws IOException {
        BoundedLines lines =
                new BoundedLines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), maxBytes);
        List<String> all = new ArrayList<>();
        for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
            all.add(new String(line.bytes(), StandardCharsets.UTF_8) + (line.cut() ? "..." : ""));
        }
        return all;
    }

    @Test
    void readsLinesAndALastOneWithoutEnd() throws IOException {
        assertThat(lines("a\n\nbc\nd", 10)).containsExactly("a", "", "bc", "d");
        assertThat(lines("a\n", 10)).containsExactly("a");
        assertThat(lines("", 10)).isEmpty();
    }

    @Test
    void keepsNoMoreOfALongLineThanAllowedAndReadsTheNext() throws IOException {
        assertThat(lines("x".repeat(1_000_000) + "\nnext\n", 8)).containsExactly("xxxxxxxx...", "next");
        assertThat(lines("12345678\n", 8)).containsExactly("12345678");
    }
}
