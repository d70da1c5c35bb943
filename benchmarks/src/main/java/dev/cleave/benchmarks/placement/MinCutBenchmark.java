package dev.cleave.benchmarks.placement;

import dev.cleave.partition.placement.MinCut;
import dev.cleave.partition.placement.Placement;
import dev.cleave.partition.placement.PlacementProblem;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
 * How long does it take to find the cheapest placement of a network, at a link that is fast, middling and slow for it?
 *
 * <pre>
 * mvn -q -pl benchmarks -am -DskipTests package
 * CLASSPATH=benchmarks/target/classes:$(cat benchmarks/target/classpath) java org.openjdk.jmh.Main MinCut
 * </pre>
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MinCutBenchmark {
    /** Of the dearest tensor; the dearest node costs 2,000. */
    @Param({"10", "300", "10000"})
    int largestShipCost;

    private PlacementProblem inception;
    private PlacementProblem longSkips;
    private PlacementProblem chain;

    @Setup
    public void prepare() {
        inception = NetworkShape.INCEPTION.problem(1_000, largestShipCost);
        longSkips = NetworkShape.LONG_SKIPS.problem(1_000, largestShipCost);
        chain = NetworkShape.CHAIN.problem(5_000, largestShipCost);
    }

    @Benchmark
    public Optional<Placement> inceptionOf1000() {
        return MinCut.solve(inception);
    }

    @Benchmark
    public Optional<Placement> longSkipsOf1000() {
        return MinCut.solve(longSkips);
    }

    @Benchmark
    public Optional<Placement> chainOf5000() {
        return MinCut.solve(chain);
    }
}
