package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * One session for each point's tail: nothing goes back to the host between segments, and every session has its own copy of the
 * weights. Failures name the bundle's file without its directory.
 */
final class TailSessions implements LoadedTails {
    static final String HALF = "fp16";

    private final String precision;
    private final Path file;
    private final SortedMap<Integer, Session> sessions = new TreeMap<>();

    private TailSessions(String precision, Path file) {
        this.precision = precision;
        this.file = file;
    }

    /** Whether this view of a bundle has the tails in 16 bits of all points from one on, beside those of its own precision. */
    static boolean hasHalves(Bundle bundle, int first) {
        return !bundle.contract().precision().equals(HALF) && has(bundle, HALF, first);
    }

    /** Whether this view of a bundle has the tails of all points from one on in a precision. */
    static boolean has(Bundle bundle, String precision, int first) {
        return IntStream.range(first, bundle.contract().local())
                .allMatch(point -> bundle.hasGraph(precision, bundle.contract().tailGraph(precision, point)));
    }

    /** Loads the tails of some points. */
    static TailSessions load(Bundle bundle, GraphLoader graphs, String precision, List<Integer> points)
            throws EngineException, IOException {
        return load(bundle, graphs, precision, points, false);
    }

    /**
     * Loads the tails in 16 bits.
     *
     * @param onlyOnGpu load none if the engine does not run the last one, the smallest, on a GPU
     * @return null if there was no GPU
     */
    static TailSessions loadHalves(Bundle bundle, GraphLoader graphs, int first, boolean onlyOnGpu)
            throws EngineException, IOException {
        int local = bundle.contract().local();
        List<Integer> lastFirst = IntStream.range(first, local)
                .map(point -> local - 1 - (point - first))
                .boxed()
                .toList();
        return load(bundle, graphs, HALF, lastFirst, onlyOnGpu);
    }

    private static TailSessions load(
            Bundle bundle, GraphLoader graphs, String precision, List<Integer> points, boolean onlyOnGpu)
            throws EngineException, IOException {
        TailSessions tails = new TailSessions(precision, bundle.file());
        boolean complete = false;
        try {
            for (int point : points) {
                tails.sessions.put(
                        point, graphs.load(precision, bundle.contract().tailGraph(precision, point)));
                if (onlyOnGpu && !Providers.isGpu(tails.sessions.get(point).provider())) {
                    return null;
                }
            }
            complete = true;
            return tails;
        } finally {
            if (!complete) {
                tails.close();
            }
        }
    }

    @Override
    public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos) throws EngineException {
        Session session = sessions.get(point);
        Map<String, Tensor> read = new LinkedHashMap<>();
        for (TensorSpec input : session.inputs()) {
            Tensor tensor = boundary.get(input.name());
            if (tensor == null) {
                throw new EngineException(file.getFileName() + " " + precision + " tail-" + point + " reads tensor \""
                        + input.name() + "\", which does not cross point " + point);
            }
            read.put(input.name(), tensor);
        }
        try {
            return session.run(read, Map.of(), limitNanos);
        } catch (EngineException e) {
            throw ChainTail.withoutDirectory(e, file);
        }
    }

    @Override
    public String precision() {
        return precision;
    }

    @Override
    public String provider() {
        return sessions.get(sessions.firstKey()).provider();
    }

    @Override
    public List<String> refusedProviders() {
        Set<String> refused = new LinkedHashSet<>();
        sessions.values().forEach(session -> refused.addAll(session.refusedProviders()));
        return List.copyOf(refused);
    }

    @Override
    public List<Integer> warmUpPoints() {
        return new ArrayList<>(sessions.keySet());
    }

    @Override
    public void close() {
        sessions.values().forEach(Session::close);
    }
}
