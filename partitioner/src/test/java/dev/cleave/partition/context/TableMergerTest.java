package dev.cleave.partition.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.context.ContextModel;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TableMergerTest {
    @Test
    void joinsTablesThatAreAlikeAndNoOthers() {
        TableMerger merger =
                new TableMerger(new int[][] {{9000, 1000}, {1000, 9000}, {9010, 990}, {0, 0}, {990, 9010}, {5, 0}}, 3);
        assertThat(merger.tables()).hasSize(2);
        assertThat(merger.tableOf().get(2)).isEqualTo(merger.tableOf().get(0));
        assertThat(merger.tableOf().get(4)).isEqualTo(merger.tableOf().get(1));
        // Without a symbol of its own it takes its group's next.
        assertThat(merger.tableOf().get(3)).isEqualTo(merger.tableOf().get(4));
        assertThat(merger.tables().get(merger.tableOf().get(0))[0]).isEqualTo(9000 + 9010 + 5);
    }

    @Test
    void neverLeavesMoreThanTheFormatTakes() {
        Random random = new Random(1);
        int[][] counts = new int[8 * 40][16];
        long total = 0;
        for (int[] table : counts) {
            for (int s = 0; s < table.length; s++) {
                table[s] = random.nextInt(3) == 0 ? random.nextInt(100_000) : 0;
                total += table[s];
            }
        }
        TableMerger merger = new TableMerger(counts, 40);
        assertThat(merger.tables()).hasSize(ContextModel.MAX_TABLES);
        assertThat(merger.tableOf()).hasSize(320).allMatch(table -> table >= 0 && table < ContextModel.MAX_TABLES);
        long kept = 0;
        for (int[] table : merger.tables()) {
            for (int count : table) {
                kept += count;
            }
        }
        assertThat(kept).isEqualTo(total);
    }
}
