package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.bundle.PlanTable.PlanRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanTableTest {
    private static final PlanRow CLOUD = TinyBundle.plan().rows().get(0);
    private static final PlanRow SPLIT = TinyBundle.plan().rows().get(1);
    private static final PlanRow LOCAL = TinyBundle.plan().rows().get(3);

    /** 12.5 bytes are 100 bits, 8 bytes are 64 bits. */
    @Test
    void aSplitCostsWhatEveryStageCosts() {
        double link = 20 + 100 / 1000.0 * 1000 + 64 / 2000.0 * 1000;
        double compute = 12.5 + 0.75 + 0.5 + 30;
        assertThat(PlanTable.totalMillis(SPLIT, 1000, 2000, 20)).isEqualTo(link + compute);
        assertThat(link + compute).isEqualTo(195.75);
    }

    @Test
    void localCostsItsHeadWhateverTheLink() {
        assertThat(LOCAL.isLocal()).isTrue();
        assertThat(PlanTable.totalMillis(LOCAL, 1, 1, 1e9)).isEqualTo(31.25);
    }

    /** 150,528 bytes at 10 Mbit/s are 120.4224 ms, at 100 Mbit/s 12.04224 ms; the reply of 8 bytes is 0.00064 ms. */
    @Test
    void theLinkDecidesWhoIsFaster() {
        assertThat(PlanTable.totalMillis(CLOUD, 10e6, 100e6, 4)).isBetween(165.173, 165.1731);
        assertThat(PlanTable.totalMillis(CLOUD, 100e6, 100e6, 4)).isBetween(56.7928, 56.7929);
        assertThat(PlanTable.totalMillis(SPLIT, 10e6, 100e6, 4)).isBetween(47.7606, 47.7607);
    }

    @Test
    void bytesAreFreeOnAnEndlesslyFastLinkAndNothingBecomesNaN() {
        double endless = Double.POSITIVE_INFINITY;
        assertThat(PlanTable.totalMillis(CLOUD, endless, endless, 0)).isEqualTo(40.75);
        PlanRow huge = new PlanRow(
                1, 0, 0, 0, 0, Double.MAX_VALUE, Double.MAX_VALUE, Double.NaN, Double.NaN, Long.MAX_VALUE, false);
        assertThat(PlanTable.totalMillis(huge, endless, endless, 0)).isZero();
        assertThat(PlanTable.totalMillis(huge, 1, Double.MIN_VALUE, 0)).isEqualTo(endless);
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "-1, 1, 1", "NaN, 1, 1", "1, 0, 1", "1, NaN, 1", "1, 1, -0.5", "1, 1, NaN"})
    void refusesLinksThatAreNone(double uplink, double downlink, double rtt) {
        for (PlanRow row : TinyBundle.plan().rows()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> PlanTable.totalMillis(row, uplink, downlink, rtt))
                    .withMessage(
                            "link of %s bit/s up, %s bit/s down, %s ms; expected rates above 0 and a time of 0 or more",
                            uplink, downlink, rtt);
        }
    }

    @Test
    void doesNotChangeWithTheListThatItWasMadeOf() {
        List<PlanRow> rows = new ArrayList<>(TinyBundle.plan().rows());
        PlanTable table = new PlanTable("a", 1, "b", 1, rows);
        rows.clear();
        assertThat(table.rows()).hasSize(4).isUnmodifiable();
    }
}
