package dev.cleave.engine;

import dev.cleave.tensor.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * An engine for tests: deterministic, no native code, and under the test's control. Thread-safe.
 *
 * <p>Its graphs are a few lines of text; {@link #graph} makes one. A line is one of
 *
 * <pre>
 * input NAME TYPE SHAPE                    input x float32 [?,4]
 * output NAME TYPE SHAPE = copy IN         the same bytes
 * output NAME TYPE SHAPE = affine IN A B   A * IN + B, each element, converted to TYPE
 * output NAME TYPE SHAPE = sum IN IN ..    element by element
 * cost FIXED PER_ROW                       nanoseconds of each run, given to the {@link Sleeper}
 * endless                                  a run ends only by its time limit
 * </pre>
 *
 * IN is an input or an earlier output; the result has the (first) operand's shape. Rows are the first input's axis 0.
 *
 * <p>Nothing here sleeps by itself: costs and endless runs go to the injected {@link Sleeper}, which advances the test's
 * clock or does nothing. {@link #hold} stops runs until {@link #release}, {@link #awaitHeld} tells when they are there,
 * {@link #failNext} makes one fail, {@link #refuse} a graph's loading, {@link #runs} says what ran.
 */
public final class FakeEngine implements Engine {
    /** What a run does with its declared cost. */
    public interface Sleeper {
        void sleep(long nanos) throws InterruptedException;
    }

    /** One run that was started: the graph's label and the rows it was given. */
    public record Run(String label, int rows) {}

    private final String name;
    private final String version;
    private final GraphFormat format;
    private final Sleeper sleeper;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Run> runs = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private final AtomicInteger openSessions = new AtomicInteger();
    private volatile String refused;
    private boolean holding;
    private int held;

    /** An engine whose runs take no time whatever they declare. */
    public FakeEngine() {
        this(nanos -> {});
    }

    public FakeEngine(Sleeper sleeper) {
        this("fake", "1", GraphFormat.ONNX, sleeper);
    }

    /** One of several, that reads its lines from files of a format. */
    public FakeEngine(String name, String version, GraphFormat format, Sleeper sleeper) {
        this.name = name;
        this.version = version;
        this.format = format;
        this.sleeper = sleeper;
    }

    /** A graph of the lines above. */
    public static GraphSource graph(String label, String... lines) {
        return new GraphSource(label, String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public GraphFormat format() {
        return format;
    }

    @Override
    public Session load(GraphSource graph, SessionOptions options) throws EngineException {
        String end = refused;
        if (end != null && graph.label().endsWith(end)) {
            throw new EngineException(graph.label() + " is refused");
        }
        return new FakeSession(this, graph.label(), FakeGraph.parse(graph), options.providers());
    }

    /** Each output is an operator, named after it; they share the declared cost equally. */
    @Override
    public List<List<OperatorTime>> profile(
            GraphSource source, SessionOptions options, Map<String, Tensor> inputs, int runs) throws EngineException {
        FakeGraph graph = FakeGraph.parse(source);
        List<List<OperatorTime>> profiled = new ArrayList<>();
        try (Session session = load(source, options)) {
            for (int run = 0; run < runs; run++) {
                session.run(inputs);
                long nanos = cost(graph, inputs.get(graph.inputs().get(0).name()))
                        / graph.steps().size();
                profiled.add(graph.steps().stream()
                        .map(step -> new OperatorTime(step.output().name(), step.operation(), nanos))
                        .toList());
            }
        }
        return profiled;
    }

    private static int rows(Tensor first) {
        return first.shape().rank() == 0 ? 1 : (int) first.shape().dim(0);
    }

    private static long cost(FakeGraph graph, Tensor first) {
        return graph.endless() ? Long.MAX_VALUE : graph.fixedNanos() + graph.rowNanos() * rows(first);
    }

    /** A graph whose label ends so is not loaded from now on. */
    public void refuse(String labelEnd) {
        refused = labelEnd;
    }

    /** Runs that start from now on stop before they compute. */
    public void hold() {
        lock.lock();
        try {
            holding = true;
        } finally {
            lock.unlock();
        }
    }

    /** Lets the held runs, and those to come, go on. */
    public void release() {
        lock.lock();
        try {
            holding = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until at least {@code count} runs are held. */
    public void awaitHeld(int count) throws InterruptedException {
        lock.lock();
        try {
            while (held < count) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The next run to compute fails with this message; several calls queue up. */
    public void failNext(String message) {
        lock.lock();
        try {
            failures.add(message);
        } finally {
            lock.unlock();
        }
    }

    /** Every run started so far, in order. */
    public List<Run> runs() {
        lock.lock();
        try {
            return Collections.unmodifiableList(new ArrayList<>(runs));
        } finally {
            lock.unlock();
        }
    }

    /** Sessions loaded and not closed. */
    public int openSessions() {
        return openSessions.get();
    }

    /** Waits until no more than {@code count} sessions are open. */
    public void awaitSessions(int count) throws InterruptedException {
        lock.lock();
        try {
            while (openSessions.get() > count) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {}

    void sessionOpened() {
        openSessions.incrementAndGet();
    }

    void sessionClosed() {
        lock.lock();
        try {
            openSessions.decrementAndGet();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Everything about a run but the arithmetic: recorded, held, failed, paid for, timed out. */
    void begin(String label, FakeGraph graph, Tensor first, long timeoutNanos)
            throws EngineException, InterruptedException {
        lock.lock();
        try {
            runs.add(new Run(label, rows(first)));
            awaitRelease(label, timeoutNanos);
            if (!failures.isEmpty()) {
                throw new EngineException(label + ": " + failures.remove(0));
            }
        } finally {
            lock.unlock();
        }
        long cost = cost(graph, first);
        if (timeoutNanos != 0 && cost > timeoutNanos) {
            sleeper.sleep(Math.max(0, timeoutNanos));
            throw new RunTimeoutException(label + ": run took longer than " + timeoutNanos + " ns");
        }
        if (graph.endless()) {
            throw new EngineException(label + ": an endless graph was run without a time limit");
        }
        sleeper.sleep(cost);
    }

    private void awaitRelease(String label, long timeoutNanos) throws RunTimeoutException, InterruptedException {
        long left = timeoutNanos;
        held++;
        changed.signalAll();
        try {
            while (holding) {
                if (timeoutNanos == 0) {
                    changed.await();
                } else if ((left = changed.awaitNanos(left)) <= 0) {
                    throw new RunTimeoutException(label + ": run took longer than " + timeoutNanos + " ns");
                }
            }
        } finally {
            held--;
        }
    }
}
