package dev.cleave.benchmarks.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.profile.Timings;
import dev.cleave.partition.survey.Surveyed;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device that runs the whole in 3 ms in integers and in 8 ms in float, a gateway in 8 ms, and a cut that takes 5 ms. */
class OracleTest {
    private static final LinkProfile INSTANT = new LinkProfile(1e12, 1e12, 0);
    private static final Constraints BUDGET = Constraints.defaults();

    @Test
    void integersAreLocalIfTheyKeepTheBudget() {
        Oracle oracle = oracle(0.98);
        assertThat(oracle.best(INSTANT, 1).kind()).isEqualTo(CandidateKind.LOCAL);
        assertThat(oracle.least(INSTANT, 1).value()).isEqualTo(3);
        assertThat(oracle.leastUnsplit(INSTANT, 1).value()).isEqualTo(3);
        assertThat(oracle.describeLocal())
                .isEqualTo("LOCAL takes 3.00 ms and agrees on 98.0 % of the pictures; in float it takes 8.00 ms");
    }

    @Test
    void integersThatAnswerOtherwiseTooOftenAreNoOption() {
        Oracle oracle = oracle(0.97);
        assertThat(oracle.best(INSTANT, 1).tensors()).containsExactly("t");
        assertThat(oracle.least(INSTANT, 1).value()).isEqualTo(5, within(1e-6));
        assertThat(oracle.describeLocal()).contains("97.0 % of the pictures, too few to be chosen");
    }

    @Test
    void theFloatModelOnTheDeviceStaysARivalOfSplitting() {
        assertThat(oracle(0.97).leastUnsplit(INSTANT, 0.5).value())
                .as("8 ms at twice the speed, when CLOUD takes 8")
                .isEqualTo(4);
    }

    private static Oracle oracle(double localAgreement) {
        return new Oracle(
                List.of(
                        OracleCandidate.local(millis(3), 0, localAgreement, 200),
                        OracleCandidate.cloud(CandidateKind.CLOUD_RAW, millis(8), sent()),
                        OracleCandidate.cloud(CandidateKind.CLOUD_COMPRESSED, millis(8), sent()),
                        OracleCandidate.split(List.of("t"), millis(1), millis(4), 0, sent())),
                OracleCandidate.local(millis(8), 0, 1, 0),
                BUDGET,
                0,
                0);
    }

    private static Estimate millis(double median) {
        return Estimate.ofMedian(Timings.of(median, median, median), new Bootstrap(10, 1));
    }

    private static Surveyed sent() {
        return new Surveyed(List.of(), null, "raw", 0, 0, 1, 0, 0, 0, 10, 10, null);
    }
}
