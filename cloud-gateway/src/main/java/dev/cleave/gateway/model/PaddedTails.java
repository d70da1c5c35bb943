package dev.cleave.gateway.model;

import dev.cleave.engine.EngineException;
import dev.cleave.gateway.batch.PaddedSizes;
import dev.cleave.gateway.exec.Tail;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Tails that tell how many rows to run, from the times of their own runs. Those that take their place, with another provider, begin to
 * learn anew. For tails of one session a point: a run that others join on its way cannot be padded at its end.
 */
final class PaddedTails implements LoadedTails {
    private final LoadedTails tails;
    private final LongSupplier clock;
    /** By point; guarded by itself. */
    private final Map<Integer, PaddedSizes> sizes = new HashMap<>();

    /** @param tails owned from now on */
    PaddedTails(LoadedTails tails, LongSupplier clock) {
        this.tails = tails;
        this.clock = clock;
    }

    @Override
    public int rowsToRun(int point, int rows) {
        synchronized (sizes) {
            return sizes(point).of(rows);
        }
    }

    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException {
        long before = clock.getAsLong();
        Map<String, Tensor> outputs = tails.run(point, boundary, limitNanos);
        long nanos = clock.getAsLong() - before;
        int rows = rows(boundary);
        if (rows > 0) {
            synchronized (sizes) {
                sizes(point).ran(rows, nanos);
            }
        }
        return outputs;
    }

    /** Nobody can join on the way, so that the border is never asked. */
    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos, Tail.Border border)
            throws EngineException {
        return run(point, boundary, limitNanos);
    }

    private PaddedSizes sizes(int point) {
        return sizes.computeIfAbsent(point, any -> new PaddedSizes());
    }

    /** Rows of what came, or 0 where it has none. */
    private static int rows(Map<String, Tensor> boundary) {
        if (boundary.isEmpty()) {
            return 0;
        }
        Shape first = boundary.values().iterator().next().shape();
        return first.rank() == 0 ? 0 : Math.toIntExact(first.dim(0));
    }

    @Override
    public String precision() {
        return tails.precision();
    }

    @Override
    public String provider() {
        return tails.provider();
    }

    @Override
    public List<String> refusedProviders() {
        return tails.refusedProviders();
    }

    @Override
    public List<Integer> warmUpPoints() {
        return tails.warmUpPoints();
    }

    @Override
    public void close() {
        tails.close();
    }
}
