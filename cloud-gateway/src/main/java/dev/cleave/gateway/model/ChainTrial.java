package dev.cleave.gateway.model;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.exec.Tail;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Measures which form of a model's tails answers one request at each of its points sooner: a chain of segments, in which they share one run, or a
 * session for each point, which runs once for each. Sessions win where borders cost more than sharing saves: a border keeps operators apart that would
 * be fused, and its tensors go back to the host.
 *
 * <p>A chain has one copy of the weights, so it is taken unless sessions are clearly faster. Sessions are loaded one after another, and run in turn with the chain,
 * so that a slow moment of the machine is in both. One thread.
 */
final class ChainTrial {
    /** Of the chain's time, what sessions may take to be worth their weights. */
    private static final double CLEARLY_FASTER = 0.9;

    private static final int ROUNDS = 5;
    /** A point's rounds end after it: a large model is told apart by fewer. */
    private static final long ENOUGH_NANOS = 500_000_000;
    /** Runs that are over sooner are nobody's wait, and nothing is compared. */
    private static final long SHORT_NANOS = 100_000;

    private static final double NANOS_PER_MILLI = 1e6;

    private final Contract contract;
    private final int first;
    private final long limitNanos;
    private final long maxBytes;
    private final LongSupplier clock;

    /**
     * @param first the first point that is served
     * @param limitNanos of a run
     * @param maxBytes of the inputs of a run
     */
    ChainTrial(Contract contract, int first, long limitNanos, long maxBytes, LongSupplier clock) {
        this.contract = contract;
        this.first = first;
        this.limitNanos = limitNanos;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** Loads the session of one point. */
    interface PointLoader {
        /** @return the caller's to close */
        LoadedTails load(int point) throws EngineException, IOException;
    }

    /**
     * What was found.
     *
     * @param chain whether the chain is to serve
     * @param why in words, with both times where they were measured
     */
    record Verdict(boolean chain, String why) {}

    /** A run that fails says nothing for sessions: zeros are no legal input of some models, and the chain is what is loaded. */
    Verdict of(Tail chain, PointLoader sessions) throws IOException {
        String incomparable = incomparable();
        if (!incomparable.isEmpty()) {
            return new Verdict(true, incomparable);
        }
        try {
            together(chain); // The first run allocates, and chooses kernels.
            return together(chain) < SHORT_NANOS
                    ? new Verdict(true, "a run of all points takes less than 0.1 ms")
                    : compared(chain, sessions);
        } catch (EngineException | IllegalArgumentException e) {
            return new Verdict(true, "not compared: " + e.getMessage());
        }
    }

    private Verdict compared(Tail chain, PointLoader sessions) throws EngineException, IOException {
        List<Long> shared = new ArrayList<>();
        long apart = 0;
        for (int point = first; point < contract.local(); point++) {
            List<Long> own = new ArrayList<>();
            try (LoadedTails session = sessions.load(point)) {
                alone(session, point);
                long begin = clock.getAsLong();
                do {
                    shared.add(together(chain));
                    own.add(alone(session, point));
                } while (own.size() < ROUNDS && clock.getAsLong() - begin < ENOUGH_NANOS);
            }
            apart += median(own);
        }
        boolean better = apart >= CLEARLY_FASTER * median(shared);
        return new Verdict(
                better,
                String.format(
                        Locale.ROOT,
                        "a request at each of %d points takes %.2f ms in one run, %.2f ms in a session for each",
                        contract.local() - first,
                        median(shared) / NANOS_PER_MILLI,
                        apart / NANOS_PER_MILLI));
    }

    /** Why there is nothing to compare; empty if there is. */
    private String incomparable() {
        int points = contract.local() - first;
        if (points < 2) {
            return "one point is served";
        }
        for (LadderPoint point : contract.points().subList(first, contract.local())) {
            ZeroInputs zeros = zeros(point.index());
            if (!point.isBatched() || contract.maxBatch() == 1) {
                return "requests are not joined";
            }
            if (zeros.open() != null || zeros.bytes(points) > maxBytes) {
                return "point " + point.index() + " has no row of fixed size within maxBatchBytes to try it with";
            }
        }
        return contract.state().isEmpty() ? "" : "requests of a model with state do not join others";
    }

    /** Nanoseconds of one request at each point in the chain: those of later points join where they can, and run apart where they cannot. */
    private long together(Tail chain) throws EngineException {
        List<Integer> left = new ArrayList<>();
        long begin = clock.getAsLong();
        chain.run(first, zeros(first).rows(1), limitNanos, (point, crossing) -> {
            Map<String, Tensor> joined = joined(point, crossing);
            if (joined == crossing) {
                left.add(point);
            }
            return joined;
        });
        for (int point : left) {
            chain.run(point, zeros(point).rows(1), limitNanos);
        }
        return clock.getAsLong() - begin;
    }

    /** With a row more, copied as a batch's is; the same where frames of the point do not hold all that crosses. */
    private Map<String, Tensor> joined(int point, Map<String, Tensor> crossing) {
        List<TensorSpec> specs = contract.points().get(point).specs();
        if (crossing.size() != specs.size() || !specs.stream().allMatch(spec -> crossing.containsKey(spec.name()))) {
            return crossing;
        }
        Map<String, Tensor> joined = new LinkedHashMap<>();
        for (TensorSpec spec : specs) {
            Tensor there = crossing.get(spec.name());
            int rows = Math.toIntExact(there.shape().dim(0));
            Tensor more = Tensor.allocate(spec.type(), there.shape().withDim(0, rows + 1));
            more.rows(0, rows).data().put(there.data().duplicate().clear());
            joined.put(spec.name(), more);
        }
        return joined;
    }

    private long alone(Tail session, int point) throws EngineException {
        long begin = clock.getAsLong();
        session.run(point, zeros(point).rows(1), limitNanos);
        return clock.getAsLong() - begin;
    }

    private ZeroInputs zeros(int point) {
        return ZeroInputs.of(contract, contract.points().get(point));
    }

    private static long median(List<Long> nanos) {
        return nanos.stream().sorted().toList().get(nanos.size() / 2);
    }
}
