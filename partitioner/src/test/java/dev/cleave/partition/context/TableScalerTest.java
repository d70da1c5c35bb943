package dev.cleave.partition.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.context.SymbolTable;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TableScalerTest {
    @Test
    void keepsProportions() {
        SymbolTable table = TableScaler.scaled(new int[] {0, 3000, 1000, 0, 0});
        assertThat(table.first()).isEqualTo(1);
        assertThat(table.size()).isEqualTo(2);
        assertThat(table.frequency(0)).isBetween(1530, 1540);
        assertThat(table.frequency(1)).isBetween(508, 515);
        assertThat(table.escape()).isEqualTo(1);
    }

    @Test
    void aSymbolNotSeenBetweenTwoThatWereIsPossible() {
        SymbolTable table = TableScaler.scaled(new int[] {500, 0, 500});
        assertThat(table.size()).isEqualTo(3);
        assertThat(table.frequency(1)).isEqualTo(1);
    }

    @Test
    void leavesRareEndsToTheEscape() {
        SymbolTable table = TableScaler.scaled(new int[] {1, 50_000, 50_000, 1});
        assertThat(table.first()).isEqualTo(1);
        assertThat(table.size()).isEqualTo(2);
    }

    /** The table's own rules are the check: positive, together the scale. */
    @Test
    void anyCountsMakeATable() {
        Random random = new Random(1);
        for (int round = 0; round < 3000; round++) {
            int[] counts = new int[2 + random.nextInt(255)];
            for (int n = 1 + random.nextInt(400); n > 0; n--) {
                counts[random.nextInt(counts.length)] += 1 + random.nextInt(1 << random.nextInt(20));
            }
            SymbolTable table = TableScaler.scaled(counts);
            assertThat(table.first() + table.size()).isLessThanOrEqualTo(counts.length);
        }
    }
}
