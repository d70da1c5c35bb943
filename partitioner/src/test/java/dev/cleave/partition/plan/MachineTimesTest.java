package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.profile.CutTime;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.Timings;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A chain of ten nodes of 10 ms each. */
class MachineTimesTest {
    private static final double[] NODES = new double[10];
    private static final List<Cut> CUTS =
            IntStream.range(0, 11).mapToObj(size -> Rows.cut(Rows.range(size))).toList();

    static {
        Arrays.fill(NODES, 10);
    }

    private static MachineTimes times(SpotCheck... checks) {
        DeviceProfile profile = MadeUpProfile.of(
                "model.onnx", "0".repeat(64), 100, List.of(), List.of(checks), new BatchCurve(List.of(), ""));
        return MachineTimes.of(profile, NODES, CUTS);
    }

    private static SpotCheck check(int size, double headMillis, double tailMillis) {
        return MadeUpProfile.check(CUTS.get(size).boundary(), headMillis, tailMillis);
    }

    private static List<CutTime> measured(int size, double headMillis, double tailMillis) {
        return List.of(new CutTime(CUTS.get(size), Timings.of(headMillis), Timings.of(tailMillis)));
    }

    @Test
    void withoutSpotChecksTimesAreSumsOfNodes() {
        MachineTimes times = times();
        assertThat(times.wholeMillis()).isEqualTo(100);
        assertThat(times.nodeMillis(3)).isEqualTo(10);
        for (int size = 0; size <= 10; size++) {
            assertThat(times.ran(CUTS.get(size))).isFalse();
            assertThat(times.headMillis(CUTS.get(size))).isEqualTo(10 * size, within(1e-9));
            assertThat(times.tailMillis(CUTS.get(size))).isEqualTo(100 - 10 * size, within(1e-9));
        }
    }

    @Test
    void whatWasRunIsTakenAsItWas() {
        MachineTimes times = times(check(4, 47, 55), check(8, 70, 33));
        assertThat(times.ran(CUTS.get(4))).isTrue();
        assertThat(times.headMillis(CUTS.get(4))).isEqualTo(47);
        assertThat(times.tailMillis(CUTS.get(4))).isEqualTo(55);
        assertThat(times.headMillis(CUTS.get(8))).isEqualTo(70);
        assertThat(times.tailMillis(CUTS.get(8))).isEqualTo(33);
    }

    /** Heads are off by 0, +7, -10, 0 after 0, 4, 8, 10 nodes; tails by 0, +13, -5, 0 after 0, 2, 6, 10 before the end. */
    @Test
    void inBetweenSumsAreOffByWhatLiesBetweenTheirNeighbours() {
        MachineTimes times = times(check(4, 47, 55), check(8, 70, 33));
        assertThat(times.headMillis(CUTS.get(2))).isEqualTo(20 + 3.5, within(1e-9));
        assertThat(times.headMillis(CUTS.get(5))).isEqualTo(50 + 7 - 17 / 4.0, within(1e-9));
        assertThat(times.headMillis(CUTS.get(9))).isEqualTo(90 - 5, within(1e-9));
        assertThat(times.tailMillis(CUTS.get(9))).isEqualTo(10 + 6.5, within(1e-9));
        assertThat(times.tailMillis(CUTS.get(6))).isEqualTo(40 + 4, within(1e-9));
        assertThat(times.tailMillis(CUTS.get(1))).isEqualTo(90 - 1.25, within(1e-9));
    }

    @Test
    void aCorrectionLeavesHalfOfTheSum() {
        MachineTimes times = times(check(8, 1, 20));
        assertThat(times.headMillis(CUTS.get(4))).as("40 - 39.5").isEqualTo(20);
        assertThat(times.headMillis(CUTS.get(8))).as("was run").isEqualTo(1);
    }

    @Test
    void cutsThatAreRunLaterSetThePace() {
        MachineTimes later = times(check(4, 47, 55)).with(200, measured(8, 150, 50));
        assertThat(later.wholeMillis()).isEqualTo(200);
        assertThat(later.nodeMillis(0)).isEqualTo(20);
        assertThat(later.headMillis(CUTS.get(8))).isEqualTo(150);
        assertThat(later.tailMillis(CUTS.get(8))).isEqualTo(50);
        assertThat(later.headMillis(CUTS.get(4)))
                .as("from before, at the new pace")
                .isEqualTo(94);
        assertThat(later.tailMillis(CUTS.get(4))).isEqualTo(110);
        // Off by +14 after 4 nodes and by -10 after 8: +2 after 6.
        assertThat(later.headMillis(CUTS.get(6))).isEqualTo(120 + 2, within(1e-9));
    }

    @Test
    void anotherModelOnTheSameMachineSetsThePaceAndItsCutsCountAsNotRun() {
        MachineTimes integers = times(check(4, 47, 55)).at(0.5);
        assertThat(integers.ran(CUTS.get(4))).isFalse();
        assertThat(times(check(4, 47, 55)).at(1).ran(CUTS.get(4))).isFalse();
        assertThat(integers.wholeMillis()).isEqualTo(50);
        assertThat(integers.nodeMillis(0)).isEqualTo(5);
        assertThat(integers.headMillis(CUTS.get(4))).isEqualTo(23.5);
        assertThat(integers.headMillis(CUTS.get(2)))
                .as("corrected by what the other model missed")
                .isEqualTo(10 + 1.75, within(1e-9));
        MachineTimes run = integers.with(60, measured(4, 31, 29));
        assertThat(run.ran(CUTS.get(4))).isTrue();
        assertThat(run.headMillis(CUTS.get(4))).isEqualTo(31);
        assertThat(integers.with(60, measured(8, 40, 20)).ran(CUTS.get(4))).isFalse();
    }

    @Test
    void aLaterRunOfTheSameCutReplacesTheEarlier() {
        MachineTimes later = times(check(4, 47, 55)).with(100, measured(4, 41, 63));
        assertThat(later.headMillis(CUTS.get(4))).isEqualTo(41);
        assertThat(later.tailMillis(CUTS.get(4))).isEqualTo(63);
        assertThat(later.headMillis(CUTS.get(2))).isEqualTo(20.5, within(1e-9));
    }
}
