package dev.cleave.benchmarks.field;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.benchmarks.field.StepTrace.Passage;
import dev.cleave.benchmarks.field.StepTrace.Phase;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.Decision;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.events.Waterfall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class StepTraceTest {
    private static final int PER_PHASE = 10;
    private static final List<Phase> PHASES = List.of(new Phase(0, 10, "fast"), new Phase(10, 20, "slow"));

    /** A request a second. */
    private static List<Request> requests(IntFunction<Integer> point, IntFunction<Double> millis) {
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < PHASES.size() * PER_PHASE; i++) {
            requests.add(new Request(i, i * 1_000_000_000L, millis.apply(i), result(point.apply(i)), null));
        }
        return requests;
    }

    private static InferenceResult result(int point) {
        return new InferenceResult(
                Map.of(),
                List.of(),
                Source.SPLIT,
                point,
                new Waterfall(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
                0,
                1,
                true,
                new Decision(point, "", 0, "because"),
                null,
                false);
    }

    private static boolean isFast(int i) {
        return i < PER_PHASE;
    }

    private static final Map<Integer, List<Request>> FIXED = Map.of(
            0, requests(i -> 0, i -> isFast(i) ? 20.0 : 100.0),
            1, requests(i -> 1, i -> isFast(i) ? 40.0 : 50.0));

    @Test
    void theOracleUsesTheBestPointOfEachPhase() {
        StepTrace trace = new StepTrace(PHASES, FIXED.get(0), FIXED);
        assertThat(trace.oracle())
                .extracting(Request::millis)
                .contains(20.0, 50.0)
                .doesNotContain(100.0, 40.0);
        assertThat(trace.passages()).extracting(Passage::bestPoint).containsExactly(0, 1);
        assertThat(trace.passages()).extracting(Passage::bestMedian).containsExactly(20.0, 50.0);
    }

    @Test
    void aPointIsInForceFromWhereNoOtherFollows() {
        List<Request> agent = requests(i -> i < 12 || i == 13 ? 0 : 1, i -> isFast(i) ? 20.0 : i < 14 ? 100.0 : 50.0);
        Passage step = new StepTrace(PHASES, agent, FIXED).passages().get(1);
        assertThat(step.settledPoint()).isEqualTo(1);
        assertThat(step.framesToForce()).isEqualTo(4);
        assertThat(step.secondsToForce()).isEqualTo(4.0);
        assertThat(step.switches()).isEqualTo(3);
        assertThat(step.settledMedian()).isEqualTo(50.0);
    }

    @Test
    void aStepThatChangesNothingIsNoSwitch() {
        Passage step = new StepTrace(PHASES, FIXED.get(0), FIXED).passages().get(1);
        assertThat(step.framesToForce()).isZero();
        assertThat(step.switches()).isZero();
    }
}
