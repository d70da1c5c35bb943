package dev.cleave.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TerminalTest {
    record Row(String name, Double value, double other, float third, List<Long> counts) {}

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void jsonOwnsStandardOutput() {
        Terminal terminal = terminal(true, true);
        terminal.print("for people");
        terminal.json().document(Map.of("a", 1));
        assertThat(out.toString()).isEqualToIgnoringWhitespace("{\"a\":1}");
        assertThat(err.toString()).isEqualTo("for people\n");
    }

    @Test
    void withoutJsonTheResultIsForPeople() {
        Terminal terminal = terminal(false, false);
        terminal.print("result");
        terminal.note("by the way");
        assertThat(out.toString()).isEqualTo("result\n");
        assertThat(err.toString()).isEqualTo("by the way\n");
    }

    @Test
    void numbersThatAreNotFiniteBecomeNull() {
        JsonOut json = terminal(true, false).json();
        json.line(new Row("a", Double.NaN, Double.NEGATIVE_INFINITY, Float.NaN, List.of(1L)));
        json.line(new Row("ü", 0.1, 2, 0.1f, List.of()));
        assertThat(out.toString())
                .isEqualTo(String.join(
                        "\n",
                        "{\"name\":\"a\",\"value\":null,\"other\":null,\"third\":null,\"counts\":[1]}",
                        "{\"name\":\"ü\",\"value\":0.1,\"other\":2.0,\"third\":0.1,\"counts\":[]}",
                        ""));
    }

    @Test
    void refusesASecondDocument() {
        JsonOut json = terminal(true, false).json();
        json.document(List.of());
        assertThatThrownBy(() -> json.document(List.of())).hasMessageContaining("exactly one");
        assertThatThrownBy(() -> json.line(List.of())).hasMessageContaining("one JSON document or lines");
    }

    @Test
    void tableAlignsNumbersToTheRight() {
        terminal(false, false)
                .print(Table.of("point", "bytes", "kind")
                        .row("conv_1", "12.5 KiB", "split")
                        .row("r", 3, null));
        assertThat(out.toString())
                .isEqualTo(String.join(
                        "\n", "point      bytes  kind", "conv_1  12.5 KiB  split", "r              3  -", ""));
    }

    @Test
    void coloursOnlyOnATerminal() {
        assertThat(terminal(false, true).style().bold("x")).isEqualTo("\u001B[1mx\u001B[0m");
        assertThat(terminal(false, false).style().bold("x")).isEqualTo("x");
        assertThat(terminal(true, true).style().bold("x")).isEqualTo("x");
    }

    @Test
    void progressKeepsSilentForASecondAndLeavesNothingBehind() {
        AtomicLong now = new AtomicLong();
        Progress.QuietLine line = new Progress.QuietLine(new PrintWriter(err), now::get);
        line.accept("10 %");
        line.clear();
        assertThat(err.toString()).isEmpty();
        now.set(Progress.QuietLine.QUIET_NANOS);
        line.accept("50 %");
        line.clear();
        assertThat(err.toString()).startsWith("\r50 %").endsWith(" \r");
    }

    @Test
    void progressIsNeverShownWithJsonOrInAFile() {
        for (Terminal terminal : List.of(terminal(true, true), terminal(false, false))) {
            try (Progress progress = terminal.progress("split", 10)) {
                progress.message("conv");
                progress.step();
            }
        }
        assertThat(err.toString()).isEmpty();
    }

    private Terminal terminal(boolean json, boolean isTerminal) {
        return new Terminal(new PrintWriter(out), new PrintWriter(err), json, isTerminal, isTerminal);
    }
}
