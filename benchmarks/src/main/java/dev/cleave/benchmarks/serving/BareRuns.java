package dev.cleave.benchmarks.serving;

import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.engine.EngineException;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The segments behind a point, run on this thread without anything around them. */
final class BareRuns {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final double NANOS_PER_MILLI = 1e6;

    private final SegmentChain chain;
    private final int point;
    private final Map<String, Tensor> row;

    /** @param row what crosses the point, one row */
    BareRuns(SegmentChain chain, int point, Map<String, Tensor> row) {
        this.chain = chain;
        this.point = point;
        this.row = row;
    }

    /**
     * @param cpuMillis processor time for each row, mean
     * @param wallMillis time of a run, median
     */
    record Times(double cpuMillis, double wallMillis) {}

    /** Runs until so many rows have been run. */
    Times time(int rows, int count) throws EngineException {
        Map<String, Tensor> batch = new HashMap<>();
        row.forEach((name, tensor) -> batch.put(name, repeated(tensor, rows)));
        List<Double> walls = new ArrayList<>();
        int runs = Math.max(1, count / rows);
        long cpu = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < runs; i++) {
            long start = System.nanoTime();
            chain.run(point, chain.to(), batch, 0);
            walls.add((System.nanoTime() - start) / NANOS_PER_MILLI);
        }
        double millis = (THREADS.getCurrentThreadCpuTime() - cpu) / NANOS_PER_MILLI;
        return new Times(millis / runs / rows, Statistics.quantile(walls, 0.5));
    }

    private static Tensor repeated(Tensor tensor, int rows) {
        Tensor all = Tensor.allocate(tensor.type(), tensor.shape().withDim(0, rows));
        for (int i = 0; i < rows; i++) {
            all.rows(i, 1).data().put(tensor.data().duplicate().clear());
        }
        return all;
    }
}
