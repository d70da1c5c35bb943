package dev.cleave.codec.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.context.SymbolTable;
import java.math.BigDecimal;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ResidualTablesTest {
    private static final List<SymbolTable> TABLES = ResidualTables.all();

    private static SymbolTable table(int width, int position) {
        return TABLES.get(width * ResidualTables.POSITIONS + position);
    }

    private static int frequency(SymbolTable table, int residual) {
        int listed = residual + ResidualTables.ZERO;
        return table.has(listed) ? table.frequency(listed - table.first()) : 0;
    }

    @Test
    void decaysAreThoseOfThreeWidthsToEachDoubling() {
        for (int width = 0; width < ResidualTables.WIDTHS; width++) {
            double decay = Math.exp(-Math.pow(2, 2 - width / 3.0)) * (1 << 30);
            assertThat(ResidualTables.DECAY[width])
                    .as("width %d", width)
                    .isEqualTo(BigDecimal.valueOf(decay)
                            .setScale(0, java.math.RoundingMode.HALF_UP)
                            .intValueExact());
        }
    }

    @Test
    void frequenciesAreThoseOfTheLogisticDistribution() {
        for (int width = 6; width < ResidualTables.WIDTHS; width++) {
            double scale = Math.pow(2, width / 3.0 - 5);
            for (int position = 0; position < ResidualTables.EDGE; position++) {
                double offset = (2 * position - 3) / 8.0;
                for (int e = -6; e <= 6; e++) {
                    double share = logistic((e + 0.5 - offset) / scale) - logistic((e - 0.5 - offset) / scale);
                    assertThat((double) frequency(table(width, position), e))
                            .as("width %d, position %d, residual %d", width, position, e)
                            .isCloseTo(share * SymbolTable.SCALE, Offset.offset(7.5));
                }
            }
        }
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    @Test
    void positionsMirrorEachOther() {
        for (int width = 0; width < ResidualTables.WIDTHS; width++) {
            for (int e = -2; e <= 2; e++) {
                assertThat(frequency(table(width, 0), e)).isCloseTo(frequency(table(width, 3), -e), Offset.offset(1));
                assertThat(frequency(table(width, 1), e)).isCloseTo(frequency(table(width, 2), -e), Offset.offset(1));
            }
        }
    }

    @Test
    void nothingLiesBelowTheEdge() {
        for (int width = 0; width < ResidualTables.WIDTHS; width++) {
            SymbolTable edge = table(width, ResidualTables.EDGE);
            assertThat(edge.first()).isEqualTo(ResidualTables.ZERO);
            assertThat(frequency(edge, 0)).isGreaterThan(SymbolTable.SCALE / 2);
        }
    }
}
