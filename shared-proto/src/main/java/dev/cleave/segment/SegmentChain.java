package dev.cleave.segment;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Consecutive segments of a bundle, one session each, run one after another: one copy of the weights for every split
 * point. Owns its sessions; thread-safe as sessions are.
 *
 * <p>A segment's graph lists only what it reads. What crosses it unread (pass-through tensors, early outputs) is
 * carried here, per run. What no later segment reads goes back to the session that made it, for its next run: new
 * memory for every boundary costs a small network some percent of its time.
 */
public final class SegmentChain implements AutoCloseable {
    /** Follows one run; called on its thread. */
    public interface Watch {
        /** Asked before each segment; false ends the run. */
        default boolean mayBegin(int segment) {
            return true;
        }

        /** A segment is done. */
        default void ended(int segment) {}

        /**
         * Shown what crosses a point within the run, before the segment behind it reads that.
         *
         * @return the same, or other tensors of the same names in its place, of more rows say
         */
        default Map<String, Tensor> atBorder(int point, Map<String, Tensor> crossing) {
            return crossing;
        }
    }

    /** Makes the session of a segment. */
    public interface Loader {
        /** @throws IOException if the bundle's view does not hold it */
        Session load(int segment) throws EngineException, IOException;
    }

    private static final Watch UNWATCHED = new Watch() {};

    private final Borders borders;
    private final String label;
    private final int from;
    private final List<Session> sessions;
    private final LongSupplier nanoClock;

    private SegmentChain(Borders borders, String label, int from, List<Session> sessions, LongSupplier nanoClock) {
        this.borders = borders;
        this.label = label;
        this.from = from;
        this.sessions = sessions;
        this.nanoClock = nanoClock;
    }

    /**
     * Loads segments {@code from .. to-1}, in the format that the engine reads.
     *
     * @param from 0..k
     * @param to 1..k+1
     * @throws IllegalArgumentException if {@code from} and {@code to} are not such a range
     * @throws EngineException if the engine refuses a segment; those loaded before it are closed
     * @throws IOException if the bundle's view does not hold a segment; those loaded before it are closed
     */
    public static SegmentChain load(
            Bundle bundle, Engine engine, SessionOptions options, String precision, int from, int to)
            throws EngineException, IOException {
        return load(bundle, engine, options, precision, from, to, System::nanoTime);
    }

    /**
     * The same, with a clock of the caller's for time limits.
     *
     * @param nanoClock as {@link System#nanoTime()}
     */
    public static SegmentChain load(
            Bundle bundle,
            Engine engine,
            SessionOptions options,
            String precision,
            int from,
            int to,
            LongSupplier nanoClock)
            throws EngineException, IOException {
        return load(
                bundle,
                segment -> engine.load(bundle.graph(precision, "segment-" + segment, engine.format()), options),
                precision,
                from,
                to,
                nanoClock);
    }

    /**
     * The same, each segment by whichever engine the loader gives it to: what crosses between them is the same tensors.
     *
     * @param loader called for each segment once, in order
     */
    public static SegmentChain load(
            Bundle bundle, Loader loader, String precision, int from, int to, LongSupplier nanoClock)
            throws EngineException, IOException {
        Contract contract = bundle.contract();
        requireRange(from < to, from, to, 0, contract.local());
        List<Session> sessions = new ArrayList<>(to - from);
        SegmentChain chain = new SegmentChain(
                new Borders(contract, precision),
                bundle.file() + " " + precision,
                from,
                Collections.unmodifiableList(sessions),
                nanoClock);
        boolean complete = false;
        try {
            for (int segment = from; segment < to; segment++) {
                sessions.add(loader.load(segment));
            }
            complete = true;
            return chain;
        } finally {
            if (!complete) {
                chain.close();
            }
        }
    }

    /** The execution provider of the first segment. */
    public String provider() {
        return provider(from);
    }

    /** The execution provider of a segment. */
    public String provider(int segment) {
        return session(segment).provider();
    }

    /** One line for each provider that some segment was refused, without repetition. */
    public List<String> refusedProviders() {
        Set<String> refused = new LinkedHashSet<>();
        for (Session session : sessions) {
            refused.addAll(session.refusedProviders());
        }
        return new ArrayList<>(refused);
    }

    /** The first point at which a run can begin. */
    public int from() {
        return from;
    }

    /** The last point at which a run can end. */
    public int to() {
        return from + sessions.size();
    }

    /**
     * Runs from one point to another.
     *
     * @param live the boundary of point {@code from} (for 0 the model's inputs), outputs made earlier allowed beside it
     * @param timeoutNanos for all segments together; 0 for no limit
     * @return the boundary of point {@code to} and every model output made so far; for k+1 exactly the outputs
     *     that are known
     * @throws IllegalArgumentException if the chain does not reach from one to the other
     * @throws RunTimeoutException if the time was up
     * @throws EngineException if a tensor is missing at a point or does not fit the contract, or a segment failed
     */
    public Map<String, Tensor> run(int from, int to, Map<String, Tensor> live, long timeoutNanos)
            throws EngineException {
        return run(from, to, live, timeoutNanos, UNWATCHED);
    }

    /**
     * {@link #run(int, int, Map, long)} under the eyes of somebody who may end it between two segments.
     *
     * @return null if it was ended
     */
    public Map<String, Tensor> run(int from, int to, Map<String, Tensor> live, long timeoutNanos, Watch watch)
            throws EngineException {
        requireRange(from <= to, from, to, this.from, to());
        long start = nanoClock.getAsLong();
        Map<String, Session> makers = new HashMap<>();
        Map<String, Tensor> crossing = borders.cross(from, live);
        for (int segment = from; segment < to; segment++) {
            if (!watch.mayBegin(segment)) {
                return null;
            }
            long left = timeoutNanos == 0 ? 0 : timeoutNanos - (nanoClock.getAsLong() - start);
            if (timeoutNanos != 0 && left <= 0) {
                throw new RunTimeoutException(
                        label + " segment-" + segment + " was not begun: " + timeoutNanos + " ns were up before it");
            }
            Map<String, Tensor> made = run(segment, crossing, left);
            for (String name : made.keySet()) {
                makers.put(name, session(segment));
            }
            Map<String, Tensor> known = new LinkedHashMap<>(crossing);
            known.putAll(made);
            crossing = borders.cross(segment + 1, known);
            recycleOthers(known, crossing, makers);
            watch.ended(segment);
            if (segment + 1 < to) {
                Map<String, Tensor> shown = crossing;
                crossing = watch.atBorder(segment + 1, shown);
                recycleReplaced(shown, crossing, makers);
            }
        }
        return crossing;
    }

    /** What somebody has put another tensor in the place of is no more needed. */
    private static void recycleReplaced(
            Map<String, Tensor> shown, Map<String, Tensor> crossing, Map<String, Session> makers) {
        for (Map.Entry<String, Tensor> tensor : shown.entrySet()) {
            if (crossing.get(tensor.getKey()) != tensor.getValue()) {
                Session maker = makers.remove(tensor.getKey());
                if (maker != null) {
                    maker.recycle(tensor.getKey(), tensor.getValue());
                }
            }
        }
    }

    /** What was made in this run and crosses no more goes back to its maker; what the caller gave stays the caller's. */
    private static void recycleOthers(
            Map<String, Tensor> known, Map<String, Tensor> crossing, Map<String, Session> makers) {
        for (Map.Entry<String, Tensor> tensor : known.entrySet()) {
            Session maker = makers.get(tensor.getKey());
            if (maker != null && !crossing.containsKey(tensor.getKey())) {
                maker.recycle(tensor.getKey(), tensor.getValue());
            }
        }
    }

    private Session session(int segment) {
        return sessions.get(segment - from);
    }

    private Map<String, Tensor> run(int segment, Map<String, Tensor> live, long timeoutNanos) throws EngineException {
        Session session = session(segment);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (TensorSpec input : session.inputs()) {
            Tensor tensor = live.get(input.name());
            if (tensor == null) {
                throw new EngineException(label + " segment-" + segment + " reads tensor \"" + input.name()
                        + "\", which does not cross point " + segment);
            }
            inputs.put(input.name(), tensor);
        }
        return session.run(inputs, Collections.emptyMap(), timeoutNanos);
    }

    private static void requireRange(boolean ordered, int from, int to, int low, int high) {
        if (!ordered || from < low || to > high) {
            throw new IllegalArgumentException(
                    "segments from point " + from + " to " + to + "; expected a range within " + low + " to " + high);
        }
    }

    /** Closes every session; a second call does nothing. */
    @Override
    public void close() {
        for (Session session : sessions) {
            session.close();
        }
    }
}
