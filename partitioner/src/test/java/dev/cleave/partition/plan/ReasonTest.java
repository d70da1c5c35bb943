package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On 1 Mbit/s and 20 ms a thousand bytes take 8 ms. */
class ReasonTest {
    private static final Constraints NONE = Constraints.defaults();

    private static String reason(Objective objective, Constraints constraints, CandidateCost... rows) {
        return Decision.of(Rows.table(rows), Rows.LINK, objective, constraints, 4, () -> 0)
                .reason();
    }

    private static String reason(CandidateCost... rows) {
        return reason(Objective.LATENCY, NONE, rows);
    }

    @Test
    void theDeviceAloneIsFastest() {
        assertThat(reason(Rows.local(4.5), Rows.raw(150_000, 2), Rows.jpeg(10_000, 3), Rows.split(2, 4000, 2, 1)))
                .isEqualTo("The device alone is fastest: 4.50 ms on the device, and nothing crosses the link (a round"
                        + " trip on it takes 20 ms)."
                        + " The cut after t{0, 1} would take 63 ms, 60 ms of it the link for 4.0 KB."
                        + " The gateway alone, fed with the plain input, would take 1.2 s, 1.2 s of it the link for"
                        + " 150.0 KB."
                        + " The gateway alone, fed with the input as jpeg:90, would take 111 ms, 108 ms of it the link"
                        + " for 10.0 KB.");
    }

    @Test
    void theGatewayAloneIsFastest() {
        assertThat(reason(Rows.local(4500), Rows.jpeg(10_000, 3), Rows.split(2, 9000, 900, 1)))
                .isEqualTo("The gateway alone, fed with the input as jpeg:90, is fastest: 111 ms, of which 108 ms are"
                        + " the link for 10.0 KB up and 1.0 KB down."
                        + " The device alone would take 4.5 s."
                        + " The cut after t{0, 1} would take 1.0 s, 100 ms of it the link for 9.0 KB.");
    }

    @Test
    void aSplitIsFastest() {
        assertThat(reason(Rows.local(4500), Rows.raw(150_000, 2), Rows.split(2, 600, 90, 1)))
                .isEqualTo("The cut after t{0, 1} is fastest: 124 ms, of which 33 ms are the link for 600 B up and"
                        + " 1.0 KB down."
                        + " The device alone would take 4.5 s."
                        + " The gateway alone, fed with the plain input, would take 1.2 s, 1.2 s of it the link for"
                        + " 150.0 KB.");
    }

    @Test
    void thePrivacyFloorDecides() {
        Constraints floor = new Constraints(0.02, Constraints.UNLIMITED, Rows.cut(Rows.range(2)));
        assertThat(reason(Objective.LATENCY, floor, Rows.local(4500), Rows.raw(1000, 2), Rows.split(2, 600, 90, 1)))
                .isEqualTo("The cut after t{0, 1} is fastest: 124 ms, of which 33 ms are the link for 600 B up and"
                        + " 1.0 KB down."
                        + " The device alone would take 4.5 s."
                        + " The gateway alone, fed with the plain input, would be better (38 ms) but is refused: it is"
                        + " before \"t{0, 1}\", and nothing before that may leave the device.");
    }

    @Test
    void theDevicesMemoryDecides() {
        Constraints memory = new Constraints(0.02, 4000, null);
        assertThat(reason(Objective.LATENCY, memory, Rows.local(45), Rows.raw(10_000, 2)))
                .isEqualTo("The gateway alone, fed with the plain input, is fastest: 110 ms, of which 108 ms are the"
                        + " link for 10.0 KB up and 1.0 KB down."
                        + " The device alone would be better (45 ms) but is refused: the device would need 5.0 KB and"
                        + " has 4.0 KB.");
    }

    @Test
    void eachObjectiveSaysWhatTheChosenOneHasLeastOf() {
        CandidateCost local = Rows.local(120);
        CandidateCost split = Rows.split(3, 1000, 60, 4);
        assertThat(reason(Objective.GATEWAY, NONE, local, split))
                .startsWith("The device alone takes least of the gateway among the fast ones: 0.00 ms a request,"
                        + " 120 ms on the device");
        assertThat(reason(Objective.BYTES, NONE, local, split))
                .startsWith("The device alone sends least among the fast ones: 0 B, 120 ms on the device");
        assertThat(reason(Objective.THROUGHPUT, NONE, local, split))
                .startsWith("The cut after t{0, 1, 2} gives most answers: one each 60 ms, 100 ms, of which");
    }

    @Test
    void whatWasOnlyGuessedIsNoRivalAndNoReasonForRegret() {
        CandidateCost dream = Rows.guessed(Rows.split(1, 1, 1, 1));
        assertThat(reason(Rows.local(500), dream)).doesNotContain("t{0}");
        Constraints floor = new Constraints(0.02, Constraints.UNLIMITED, Rows.cut(Rows.range(2)));
        assertThat(reason(Objective.LATENCY, floor, Rows.local(500), dream)).doesNotContain("refused");
    }

    @Test
    void aRefusalThatChangesNothingIsNotTold() {
        Constraints memory = new Constraints(0.02, 4000, null);
        assertThat(reason(Objective.LATENCY, memory, Rows.local(4500), Rows.raw(10_000, 2)))
                .doesNotContain("device alone");
    }

    @ParameterizedTest
    @CsvSource({"0.421, 0.42 ms", "9.5, 9.50 ms", "24.4, 24 ms", "999, 999 ms", "3120, 3.1 s"})
    void timesForPeople(double millis, String text) {
        assertThat(Reason.millis(millis)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"601, 601 B", "4800, 4.8 KB", "14000000, 14.0 MB"})
    void bytesForPeople(double bytes, String text) {
        assertThat(Reason.bytes(bytes)).isEqualTo(text);
    }
}
