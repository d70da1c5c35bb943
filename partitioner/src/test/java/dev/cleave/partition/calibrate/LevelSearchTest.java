package dev.cleave.partition.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Proportion;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** A quantisation whose disagreement is known: a line in the step, of which a few inputs see what chance lets them. */
class LevelSearchTest {
    private static final List<Integer> LEVELS = CodecChoices.ALL.levels();
    private static final double WANTED = 0.99;
    private static final Proportion ALL = new Proportion(50, 50);

    @Test
    void findsTheFewestLevelsWhereTheInputsSeeTheTruth() throws Exception {
        int search = search(1000, Budget.of(WANTED, new Proportion(1000, 1000)), levels -> 1 - 0.3 / (levels - 1));
        // 0.3 / 31 is below 0.01, 0.3 / 23 is not.
        assertThat(LEVELS.get(search)).isEqualTo(32);
    }

    /** Of 20 inputs all agree at 16 levels by luck, where a tenth of others would not. */
    @Test
    void isNotTakenInByLuck() throws Exception {
        IntToDoubleFunction seen = levels -> levels >= 16 ? 1 : 1 - 1.5 / (levels - 1);
        int search = search(20, Budget.of(WANTED, new Proportion(20, 20)), seen);
        // The line through 12 levels and fewer has a slope of about 1.5; what it says falls below 0.015 behind 96
        // levels.
        assertThat(LEVELS.get(search)).isBetween(32, 128);
        int careless = search(20, Budget.of(0.5, ALL), seen);
        assertThat(LEVELS.get(careless)).isLessThanOrEqualTo(6);
    }

    @Test
    void findsNoneWhereNoneWillDo() throws Exception {
        assertThat(search(100, Budget.of(WANTED, ALL), levels -> 0.9)).isEqualTo(LEVELS.size());
    }

    /** The device's own error is no fault of the codec's: half of what it leaves may be seen. */
    @Test
    void codingGetsWhatTheHeadLeaves() throws Exception {
        Budget budget = Budget.of(WANTED, new Proportion(985, 1000));
        assertThat(budget.canBeMet()).isTrue();
        assertThat(budget.passes(0.9825)).isTrue();
        assertThat(budget.allows(0.00375)).isTrue();
        assertThat(budget.allows(0.0038)).isFalse();
        assertThat(budget.passes(0.982)).isFalse();
        int search = search(10_000, budget, levels -> 0.985 - 0.2 / (levels - 1));
        assertThat(LEVELS.get(search)).isEqualTo(96);
    }

    @Test
    void oneInputOfFewIsNoBrokenBudget() {
        assertThat(Budget.of(WANTED, new Proportion(48, 50)).canBeMet()).isTrue();
        assertThat(Budget.of(WANTED, new Proportion(960, 1000)).canBeMet()).isFalse();
        // A quarter of the bound is left to coding, half of that to be seen.
        assertThat(Budget.of(WANTED, new Proportion(960, 1000)).passes(0.9575)).isTrue();
        assertThat(Budget.of(WANTED, new Proportion(960, 1000)).passes(0.957)).isFalse();
        assertThat(Budget.of(WANTED, new Proportion(20, 20)).passes(0.95)).isTrue();
        assertThat(Budget.of(WANTED, new Proportion(20, 20)).passes(0.9)).isFalse();
    }

    @Test
    void notOneInputMayChangeWhereNothingMay() throws Exception {
        Budget nothing = Budget.of(Budget.wanted(0), ALL);
        assertThat(nothing.passes(1)).isTrue();
        assertThat(nothing.passes(0.98)).isFalse();
        assertThat(nothing.doubled().passes(0.98)).isFalse();
        assertThat(nothing.canBeMet()).isTrue();
        assertThat(Budget.of(Budget.wanted(0), new Proportion(49, 50)).canBeMet())
                .isFalse();
        // However fine the levels are, half a change is expected of them.
        assertThat(search(50, nothing, levels -> 1)).isEqualTo(LEVELS.size());
        Budget little = Budget.of(Budget.wanted(0.001), ALL);
        assertThat(little.passes(0.98)).isTrue();
        assertThat(little.passes(0.96)).isFalse();
    }

    /**
     * Candidates whose true disagreement follows the line, seen by few inputs: what is taken keeps to the bound of 2 % on the
     * average. The fewest levels at which all 24 were seen to agree would change 4 %.
     */
    @Test
    void whatIsTakenHoldsOnOtherInputs() throws Exception {
        assertThat(meanDisagreement(24)).isBetween(0.010, 0.020);
        assertThat(meanDisagreement(50)).isBetween(0.007, 0.017);
        assertThat(meanDisagreement(100)).isBetween(0.006, 0.014);
    }

    private static double meanDisagreement(int inputs) throws Exception {
        SplittableRandom random = new SplittableRandom(inputs);
        int trials = 400;
        double sum = 0;
        for (int trial = 0; trial < trials; trial++) {
            double slope = 0.2 + random.nextDouble();
            // An input's answer changes if the error, which is like the step, exceeds its margin.
            double[] margins = random.doubles(inputs).toArray();
            int search = search(inputs, Budget.of(WANTED, new Proportion(inputs, inputs)), levels -> {
                double error = slope / (levels - 1);
                return 1
                        - (double) Arrays.stream(margins)
                                        .filter(margin -> margin < error)
                                        .count()
                                / inputs;
            });
            int index = search;
            sum += index == LEVELS.size() ? 0 : slope / (LEVELS.get(index) - 1);
        }
        return sum / trials;
    }

    private static int search(int inputs, Budget budget, IntToDoubleFunction agreement) throws Exception {
        LevelSearch search = new LevelSearch(
                LEVELS,
                inputs,
                levels -> new Probe.Result(
                        List.of(), new CodecCurve.Level("quant:" + levels, levels, agreement.applyAsDouble(levels))));
        return search.fewest(budget);
    }
}
