package dev.cleave.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.update.VersionTrial.Verdict;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VersionTrialTest {
    private static final long MILLI = 1_000_000;

    private static RequestSample answered(double millis) {
        return new RequestSample(true, false, (long) (millis * MILLI));
    }

    private static final RequestSample FAILED = new RequestSample(true, true, MILLI);

    private static RequestRecord record(int requests, double failing, double millis, long seed) {
        RequestRecord record = new RequestRecord(RequestRecord.MOST);
        Random random = new Random(seed);
        for (int i = 0; i < requests; i++) {
            record.add(sample(random, failing, millis));
        }
        return record;
    }

    private static RequestSample sample(Random random, double failing, double millis) {
        return random.nextDouble() < failing ? FAILED : answered(millis * (0.8 + 0.4 * random.nextDouble()));
    }

    private static Verdict run(VersionTrial trial, int requests, double failing, double millis, long seed) {
        Random random = new Random(seed);
        Verdict verdict = Verdict.UNDECIDED;
        for (int i = 0; i < requests && verdict == Verdict.UNDECIDED; i++) {
            verdict = trial.add(sample(random, failing, millis));
        }
        return verdict;
    }

    @Test
    void aVersionThatFailsAtEverythingIsInUseForThreeRequests() {
        VersionTrial trial = new VersionTrial(record(200, 0, 20, 1), 200);
        assertThat(trial.add(FAILED)).isEqualTo(Verdict.UNDECIDED);
        assertThat(trial.add(FAILED)).isEqualTo(Verdict.UNDECIDED);
        assertThat(trial.add(FAILED)).isEqualTo(Verdict.WORSE);
        assertThat(trial.why())
                .isEqualTo("3 of its first 3 requests failed; of the former version's last 200 it was 0");
    }

    @Test
    void nothingIsKnownOfTheFormerOne() {
        VersionTrial trial = new VersionTrial(new RequestRecord(RequestRecord.MOST), 200);
        assertThat(run(trial, 3, 1, 20, 1)).isEqualTo(Verdict.WORSE);
        assertThat(run(new VersionTrial(new RequestRecord(200), 200), 200, 0, 20, 1))
                .isEqualTo(Verdict.KEEP);
    }

    @Test
    void oneThatIsTwiceAsSlowIsGivenBackAndOneThatIsATenthSlowerIsNot() {
        for (int seed = 0; seed < 100; seed++) {
            assertThat(run(new VersionTrial(record(200, 0, 20, seed), 200), 200, 0, 40, seed))
                    .isEqualTo(Verdict.WORSE);
            assertThat(run(new VersionTrial(record(200, 0, 20, seed), 200), 200, 0, 22, seed))
                    .isEqualTo(Verdict.KEEP);
        }
    }

    /** Of 1000 trials of versions that are no worse, one in a hundred at most may be given back. */
    @Test
    void chanceAloneGivesFewVersionsBack() {
        int givenBack = 0;
        for (int seed = 0; seed < 1000; seed++) {
            VersionTrial trial = new VersionTrial(record(200, 0.01, 20, seed), 200);
            givenBack += run(trial, 200, 0.01, 20, seed + 100_000) == Verdict.WORSE ? 1 : 0;
        }
        assertThat(givenBack).isLessThanOrEqualTo(10);
    }

    @Test
    void aVersionThatFailsAtATenthIsGivenBack() {
        int givenBack = 0;
        for (int seed = 0; seed < 1000; seed++) {
            VersionTrial trial = new VersionTrial(record(200, 0, 20, seed), 200);
            givenBack += run(trial, 200, 0.1, 20, seed) == Verdict.WORSE ? 1 : 0;
        }
        assertThat(givenBack).isGreaterThan(950);
    }

    @Test
    void timesWithAndWithoutAGatewayAreNotCompared() {
        RequestRecord former = record(200, 0, 20, 1);
        VersionTrial trial = new VersionTrial(former, 50);
        for (int i = 0; i < 49; i++) {
            assertThat(trial.add(new RequestSample(false, false, 90 * MILLI))).isEqualTo(Verdict.UNDECIDED);
        }
        assertThat(trial.add(new RequestSample(false, false, 90 * MILLI))).isEqualTo(Verdict.KEEP);
    }

    @Test
    void fewMillisecondsAreNoReason() {
        VersionTrial trial = new VersionTrial(record(200, 0, 1, 1), 200);
        assertThat(run(trial, 200, 0, 5, 1)).isEqualTo(Verdict.KEEP);
    }
}
