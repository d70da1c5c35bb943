package dev.cleave.gateway.trial;

import dev.cleave.bundle.Contract;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * Measures which form of a model's tails answers one request at each of its points sooner: a chain of segments, in which they share one run, or a
 * session for each point, which runs once for each. Sessions win where borders cost more than sharing saves: a border keeps operators apart that would
 * be fused, and its tensors go back to the host.
 *
 * <p>A chain has one copy of the weights, so it is taken unless sessions are clearly faster. Sessions are loaded one after another, and run in turn with the chain,
 * so that a slow moment of the machine is in both. The first row is made up; what crosses the points is what the chain makes of it. One thread.
 */
final class FormTrial {
    /** Of the chain's time, what sessions may take to be worth their weights. */
    private static final double CLEARLY_FASTER = 0.9;

    /** Runs of a JVM that has just begun take a multiple of what they take in a gateway. */
    private static final long WARM_UP_NANOS = 300_000_000;

    private static final int ROUNDS = 100;
    /** A point's rounds end after it: a large model is told apart by fewer. */
    private static final long ENOUGH_NANOS = 250_000_000;
    /** Runs that are over sooner are nobody's wait, and nothing is compared. */
    private static final long SHORT_NANOS = 100_000;

    private static final double NANOS_PER_MILLI = 1e6;

    private final Contract contract;
    private final int first;
    private final Chain chain;
    private final PointLoader sessions;
    private final LongSupplier clock;

    /** The chain, from a point to the end. */
    interface Chain {
        void run(int point, Map<String, Tensor> row, SegmentChain.Watch watch) throws EngineException;
    }

    /** Loads the session of one point. */
    interface PointLoader {
        /** @return the caller's to close */
        Session load(int point) throws EngineException, IOException;
    }

    /** @param first the first of several points that are served, whose rows are independent and leave no state */
    FormTrial(Contract contract, int first, Chain chain, PointLoader sessions, LongSupplier clock) {
        this.contract = contract;
        this.first = first;
        this.chain = chain;
        this.sessions = sessions;
        this.clock = clock;
    }

    /**
     * What came of it. A chain that does not take what is made up says nothing for sessions.
     *
     * @throws EngineException if a session cannot be loaded or run
     */
    FormReport report() throws EngineException, IOException {
        SortedMap<Integer, Map<String, Tensor>> rows;
        try {
            rows = rows();
        } catch (EngineException | IllegalArgumentException e) {
            return FormReport.notCompared("no run on made-up inputs succeeded (" + e.getMessage() + ")");
        }
        return warm(rows) < SHORT_NANOS
                ? FormReport.notCompared("a run of all points takes less than 0.1 ms")
                : compared(rows);
    }

    /** A row for each point: a run of the chain makes them, the first that succeeds. */
    private SortedMap<Integer, Map<String, Tensor>> rows() throws EngineException {
        List<TensorSpec> specs = contract.points().get(first).specs();
        long[] sizes = RowProbe.sizes(specs);
        for (int tried = 0; ; tried++) {
            SortedMap<Integer, Map<String, Tensor>> rows = new TreeMap<>();
            rows.put(first, new MadeUpInputs(TrialJob.SEED).row(specs, sizes[tried]));
            try {
                chain.run(first, rows.get(first), atBorders((point, crossing) -> {
                    rows.put(point, copied(point, crossing));
                    return crossing;
                }));
                return rows;
            } catch (EngineException | IllegalArgumentException e) {
                if (tried == sizes.length - 1) {
                    throw e;
                }
            }
        }
    }

    /** @return nanoseconds of the quickest run */
    private long warm(SortedMap<Integer, Map<String, Tensor>> rows) throws EngineException {
        long end = clock.getAsLong() + WARM_UP_NANOS;
        long quickest = Long.MAX_VALUE;
        do {
            quickest = Math.min(quickest, together(rows));
        } while (clock.getAsLong() - end < 0);
        return quickest;
    }

    /** A session's run is compared with the chain's beside it, and not with another moment's: the machine has other work as well. */
    private FormReport compared(SortedMap<Integer, Map<String, Tensor>> rows) throws EngineException, IOException {
        List<Double> shared = new ArrayList<>();
        double ratio = 0;
        for (int point : rows.keySet()) {
            List<Double> ofShared = new ArrayList<>();
            try (Session session = sessions.load(point)) {
                alone(session, rows.get(point)); // The first run allocates, and chooses kernels.
                long begin = clock.getAsLong();
                do {
                    double chained = together(rows);
                    shared.add(chained);
                    ofShared.add(alone(session, rows.get(point)) / chained);
                } while (ofShared.size() < ROUNDS && clock.getAsLong() - begin < ENOUGH_NANOS);
            }
            ratio += median(ofShared);
        }
        double millis = median(shared) / NANOS_PER_MILLI;
        return new FormReport(
                ratio >= CLEARLY_FASTER,
                String.format(
                        Locale.ROOT,
                        "a request at each of %d points takes %.2f ms in one run, %.2f ms in a session for each",
                        rows.size(),
                        millis,
                        ratio * millis));
    }

    /** Nanoseconds of one request at each point in the chain: those of later points join where they can, and run apart where they cannot. */
    private long together(SortedMap<Integer, Map<String, Tensor>> rows) throws EngineException {
        List<Integer> left = new ArrayList<>();
        long begin = clock.getAsLong();
        chain.run(first, rows.get(first), atBorders((point, crossing) -> {
            boolean joins = crossing.size() == rows.get(point).size();
            if (!joins) {
                left.add(point);
            }
            return joins ? joined(crossing, rows.get(point)) : crossing;
        }));
        for (int point : left) {
            chain.run(point, rows.get(point), atBorders((there, crossing) -> crossing));
        }
        return clock.getAsLong() - begin;
    }

    /** With a row more behind those there are, copied as a batch's is. */
    private static Map<String, Tensor> joined(Map<String, Tensor> crossing, Map<String, Tensor> row) {
        Map<String, Tensor> joined = new LinkedHashMap<>();
        row.forEach((name, last) -> {
            Tensor there = crossing.get(name);
            int rows = Math.toIntExact(there.shape().dim(0));
            Tensor more = Tensor.allocate(there.type(), there.shape().withDim(0, rows + 1));
            more.rows(0, rows).data().put(there.data().duplicate().clear());
            more.rows(rows, 1).data().put(last.data().duplicate().clear());
            joined.put(name, more);
        });
        return joined;
    }

    /** What a frame of the point holds, of what crosses it; the chain takes its own tensors back. */
    private Map<String, Tensor> copied(int point, Map<String, Tensor> crossing) {
        Map<String, Tensor> row = new LinkedHashMap<>();
        for (TensorSpec spec : contract.points().get(point).specs()) {
            Tensor there = crossing.get(spec.name());
            Tensor copy = Tensor.allocate(there.type(), there.shape());
            copy.data().duplicate().clear().put(there.data().duplicate().clear());
            row.put(spec.name(), copy);
        }
        return row;
    }

    private static SegmentChain.Watch atBorders(BiFunction<Integer, Map<String, Tensor>, Map<String, Tensor>> border) {
        return new SegmentChain.Watch() {
            @Override
            public Map<String, Tensor> atBorder(int point, Map<String, Tensor> crossing) {
                return border.apply(point, crossing);
            }
        };
    }

    private long alone(Session session, Map<String, Tensor> row) throws EngineException {
        long begin = clock.getAsLong();
        Map<String, Tensor> read = new LinkedHashMap<>(row);
        read.keySet().retainAll(session.inputs().stream().map(TensorSpec::name).toList());
        session.run(read);
        return clock.getAsLong() - begin;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
