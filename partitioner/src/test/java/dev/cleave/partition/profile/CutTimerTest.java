package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutTimerTest {
    private static final Map<String, Tensor> INPUTS = Map.of("x", Tensor.ofFloats(Shape.of(1, 64), new float[64]));
    private static final TimingLimits LIMITS = TimingLimits.defaults().withRuns(4, 4);

    @TempDir
    Path folder;

    private CutGraphs graphs;
    private List<Cut> cuts;

    /** A chain of eight nodes with weights of 16 KiB in every second one, and three cuts of it. */
    @BeforeEach
    void makeModel() throws Exception {
        ModelBuilder builder = new ModelBuilder().input("x", "N", 64);
        String last = "x";
        for (int layer = 1; layer <= 4; layer++) {
            builder.weights("w" + layer, 64, 64)
                    .node("MatMul", last + " w" + layer, "m" + layer)
                    .node("Sigmoid", "m" + layer, "s" + layer);
            last = "s" + layer;
        }
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary summary = ModelSummary.of(builder.output("s4").read(folder), engine, ProbeSettings.defaults());
            graphs = new CutGraphs(summary.model().flow(), summary.model().facts(), folder.resolve("weights.bin"));
            cuts = List.of(
                    summary.cuts().at(List.of("s1")),
                    summary.cuts().at(List.of("s2")),
                    summary.cuts().at(List.of("s3")));
        }
    }

    @Test
    void tellsTheMediansOfHeadsAndTailsAndOfTheWhole() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> run % 9 == 0 ? 10 : 1)) {
            CutTimes times = timer(engine, LIMITS.withRuns(9, 9)).time(graphs, cuts, INPUTS);
            assertThat(times.wholeMillis()).isEqualTo(8);
            assertThat(times.cuts()).extracting(CutTime::cut).isEqualTo(cuts);
            assertThat(times.cuts()).extracting(CutTime::headMillis).containsExactly(2.0, 4.0, 6.0);
            assertThat(times.cuts()).extracting(CutTime::tailMillis).containsExactly(6.0, 4.0, 2.0);
            assertThat(times.cuts()).extracting(CutTime::runs).containsOnly(9);
            assertThat(times.of(cuts.get(1)).headMillis()).isEqualTo(4);
            assertThat(engine.openSessions()).isZero();
        }
    }

    @Test
    void runsEverythingInTurn() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            timer(engine, LIMITS).time(graphs, cuts.subList(0, 2), INPUTS);
            List<String> runs =
                    engine.runs().stream().map(ClockedEngine.Run::what).toList();
            List<String> round = List.of("whole[s4]", "head[s1]", "tail[s4]", "head[s2]", "tail[s4]");
            assertThat(runs.subList(runs.size() - 20, runs.size()))
                    .isEqualTo(Collections.nCopies(4, round).stream()
                            .flatMap(List::stream)
                            .toList());
        }
    }

    @Test
    void feedsTailsWithWhatTheirHeadsMade() throws Exception {
        Tensor x = Tensor.ofFloats(Shape.of(1, 64), new float[64]);
        for (int i = 0; i < 64; i++) {
            x.data().putFloat(4 * i, i / 64f);
        }
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            timer(engine, LIMITS).time(graphs, cuts, Map.of("x", x));
            List<Tensor> answers = engine.runs().stream()
                    .filter(run -> run.outputs().containsKey("s4"))
                    .map(run -> run.outputs().get("s4"))
                    .toList();
            assertThat(answers).hasSizeGreaterThan(20).allSatisfy(answer -> {
                for (int at = 0; at < answer.bytes(); at += 4) {
                    assertThat(answer.data().getFloat(at))
                            .isEqualTo(answers.get(0).data().getFloat(at), within(1e-5f));
                }
            });
        }
    }

    @Test
    void opensAsManySessionsAsFitAndScalesGroupsToTheWhole() throws Exception {
        long each = MemoryEstimate.ofWhole(graphs.flow(), graphs.facts()).totalBytes();
        assertThat(each).isGreaterThan(4 * 64 * 64 * 4);
        int runsOfFirstGroup = 30;
        try (ClockedEngine engine = new ClockedEngine(run -> run < runsOfFirstGroup ? 1 : 3)) {
            CutTimes times = timer(engine, LIMITS.withSessionBytes(1)).time(graphs, cuts, INPUTS);
            assertThat(engine.mostOpenSessions()).isEqualTo(3);
            assertThat(engine.openSessions()).isZero();
            for (CutTime time : times.cuts()) {
                assertThat(time.headMillis() / times.wholeMillis())
                        .isEqualTo(time.cut().size() / 8.0, within(1e-6));
                assertThat(time.head().plus(time.tail()).median()).isEqualTo(times.wholeMillis(), within(1e-6));
            }
        }
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            timer(engine, LIMITS.withSessionBytes(3 * each)).time(graphs, cuts, INPUTS);
            assertThat(engine.mostOpenSessions()).isEqualTo(5);
        }
    }

    @Test
    void stopsWhenTheTimeIsUpButNotBeforeTheFewestRuns() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            TimingLimits limits = LIMITS.withRuns(3, 100);
            // A round takes 3 x 8 ms + 8 ms.
            assertThat(runs(engine, limits.withTime(Duration.ofMillis(320)))).isEqualTo(10);
            assertThat(runs(engine, limits.withTime(Duration.ZERO))).isEqualTo(3);
            assertThat(runs(engine, limits.withTime(Duration.ofHours(1)))).isEqualTo(100);
        }
    }

    @Test
    void timesTheWholeAloneWhenThereAreNoCuts() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 2)) {
            CutTimes times = timer(engine, LIMITS).time(graphs, List.of(), INPUTS);
            assertThat(times.wholeMillis()).isEqualTo(16);
            assertThat(times.cuts()).isEmpty();
            assertThatThrownBy(() -> times.of(cuts.get(0)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("cut at s1 was not timed");
        }
    }

    @Test
    void namesTheInputThatIsMissingAndLeavesNoSessionOpen() throws Exception {
        try (ClockedEngine engine = new ClockedEngine(run -> 1)) {
            assertThatThrownBy(() -> timer(engine, LIMITS).time(graphs, cuts, Map.of()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("input \"x\" is missing");
            assertThat(engine.openSessions()).isZero();
        }
    }

    private int runs(ClockedEngine engine, TimingLimits limits) throws Exception {
        return timer(engine, limits).time(graphs, cuts, INPUTS).cuts().get(0).runs();
    }

    private static CutTimer timer(ClockedEngine engine, TimingLimits limits) {
        return new CutTimer(engine, SessionOptions.defaults(), limits, engine.clock(), Progress.NONE);
    }
}
