package dev.cleave.benchmarks.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MarkdownTableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCellAndUnknownNumbersSaySo() {
        MarkdownTable table = new MarkdownTable("a", "total");
        table.row("x|y", 1234.5678);
        table.row("z", Double.NaN);
        assertThat(table.lines())
                .containsExactly(
                        "| a    | total |", //
                        "|------|-------|",
                        "| x\\|y | 1235  |",
                        "| z    | n/a   |");
    }
}
