package dev.cleave.benchmarks.policy;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.CostTable;
import dev.cleave.edge.policy.CostTable.LevelCost;
import dev.cleave.edge.policy.CostTable.PointCost;
import dev.cleave.edge.policy.Demand;
import dev.cleave.edge.policy.DeviceTimes;
import dev.cleave.edge.policy.KnownCosts;
import dev.cleave.edge.policy.Objective;
import dev.cleave.edge.policy.PlanPolicy;
import dev.cleave.edge.policy.Situation;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does one decision of the agent take, its reason in words included, while the link wanders?
 *
 * <pre>
 * mvn -q -pl benchmarks -am -DskipTests package
 * CLASSPATH=benchmarks/target/classes:$(cat benchmarks/target/classpath) java org.openjdk.jmh.Main PolicyBenchmark
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PolicyBenchmark {
    private static final double MILLI = 1e6;
    private static final long FRAME_NANOS = 33_000_000;

    /** Split points of the ladder. */
    @Param({"4", "16"})
    int points;

    private final Random random = new Random(1);
    private Situation situation;
    private DeviceTimes device;
    private PlanPolicy policy;
    private LinkConditions[] links;
    private int frame;

    @Setup
    public void prepare() {
        double[] segments = new double[points + 1];
        Arrays.fill(segments, 10 * MILLI);
        List<PointCost> costs =
                IntStream.rangeClosed(0, points).mapToObj(this::point).toList();
        policy = new PlanPolicy(new KnownCosts(new CostTable(costs, segments, 8)), Objective.LATENCY, null);
        List<Integer> served = IntStream.rangeClosed(0, points).boxed().toList();
        situation = new Situation(served, true, points + 1);
        device = new DeviceTimes(segments);
        links = IntStream.range(0, 1024).mapToObj(i -> link()).toArray(LinkConditions[]::new);
    }

    private PointCost point(int point) {
        double bytes = 150_000.0 / (1 + 4 * point);
        List<LevelCost> levels = List.of(
                new LevelCost("default", bytes), new LevelCost("coarse", bytes / 2), new LevelCost("raw", 4 * bytes));
        return new PointCost(MILLI, MILLI, (points + 1 - point) * MILLI, 2000, levels);
    }

    /** Around 5.85 Mbit/s, now and then elsewhere. */
    private LinkConditions link() {
        double megabits = (random.nextInt(50) == 0 ? 1.1 : 5.85) * Math.exp(0.1 * random.nextGaussian());
        double nanosPerByte = 8e3 / megabits;
        return new LinkConditions(nanosPerByte, nanosPerByte, 0.1, 50_000_000, 2_000_000, 1_000_000, 1)
                .withInFlight(random.nextInt(3) * 20_000L);
    }

    @Benchmark
    public Choice choose() {
        frame++;
        Demand demand = new Demand(1, 200_000_000, frame * FRAME_NANOS);
        return policy.choose(situation, device, links[frame % links.length], demand);
    }
}
