package dev.cleave.engine.tflite;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunCheck;
import dev.cleave.engine.RunLimit;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SpareOutputs;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A graph loaded by TensorFlow Lite. Owns its native memory; {@link #close} frees it as soon as no run is in progress.
 *
 * <p>An interpreter serves one thread, so each run borrows one. Inputs and outputs are copied between the caller's tensors
 * and the interpreter's memory: its kernels want both aligned to 64 bytes and read a little past the end of what they are
 * given, neither of which holds for a {@link Tensor}.
 *
 * <p>A run is stopped between operators. A delegate is one operator, however much of the graph it has taken over.
 */
public final class InterpreterSession implements Session {
    private static final double NANOS_PER_MILLI = 1e6;

    private final String label;
    private final TfLiteGraph graph;
    private final InterpreterPool pool;
    private final SpareOutputs spares = new SpareOutputs();
    private final String provider;
    private final List<String> refused;

    private InterpreterSession(
            String label, TfLiteGraph graph, InterpreterPool pool, String provider, List<String> refused) {
        this.label = label;
        this.graph = graph;
        this.pool = pool;
        this.provider = provider;
        this.refused = refused;
    }

    /**
     * Takes over a model, of which it makes the first interpreter at once; on failure the model is closed.
     *
     * @throws EngineException in one line that begins with the label, if there can be no interpreter
     */
    public static InterpreterSession open(
            String label, TfLiteGraph graph, LoadedModel model, String provider, List<String> refused)
            throws EngineException {
        InterpreterPool pool = new InterpreterPool(model);
        InterpreterSession session = new InterpreterSession(
                label, graph, pool, provider, Collections.unmodifiableList(new ArrayList<>(refused)));
        try {
            InterpreterPool.Lent first = pool.take();
            boolean sound = false;
            try {
                session.planIfStatic(first);
                sound = true;
            } finally {
                session.giveBack(first, sound);
            }
            return session;
        } catch (EngineException e) {
            pool.close();
            throw session.named(e);
        } catch (RuntimeException | Error e) {
            pool.close();
            throw e;
        }
    }

    private void planIfStatic(InterpreterPool.Lent lent) throws EngineException {
        List<Shape> shapes = new ArrayList<>();
        for (TensorSpec input : graph.inputs()) {
            shapes.add(input.shape());
        }
        if (shapes.stream().allMatch(Shape::isStatic)) {
            lent.shaped(shapes);
        }
    }

    @Override
    public List<TensorSpec> inputs() {
        return graph.inputs();
    }

    @Override
    public List<TensorSpec> outputs() {
        return graph.outputs();
    }

    @Override
    public String provider() {
        return provider;
    }

    @Override
    public List<String> refusedProviders() {
        return refused;
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> given, Map<String, Tensor> pinned, long timeoutNanos)
            throws EngineException {
        RunCheck.check(label, graph.inputs(), given, graph.outputs(), pinned);
        if (timeoutNanos < 0) {
            throw new RunTimeoutException(label + ": no time left for a run; it was up " + -timeoutNanos + " ns ago");
        }
        List<Shape> shapes = new ArrayList<>();
        List<ByteBuffer> buffers = new ArrayList<>();
        for (TensorSpec input : graph.inputs()) {
            shapes.add(given.get(input.name()).shape());
            buffers.add(given.get(input.name()).data());
        }
        InterpreterPool.Lent lent = take();
        boolean sound = false;
        try {
            run(lent.shaped(shapes), buffers, timeoutNanos);
            sound = true;
            return collect(lent.interpreter(), pinned);
        } catch (RunTimeoutException e) {
            sound = true;
            throw e;
        } catch (EngineException e) {
            throw named(e);
        } finally {
            giveBack(lent, sound);
        }
    }

    private void run(Interpreter interpreter, List<ByteBuffer> inputs, long timeoutNanos) throws EngineException {
        RunLimit limit = RunLimit.of(timeoutNanos, interpreter::stop);
        try {
            interpreter.run(inputs);
        } catch (EngineException e) {
            if (limit.isExpired()) {
                throw new RunTimeoutException(
                        label + ": run took longer than " + timeoutNanos / NANOS_PER_MILLI + " ms");
            }
            throw e;
        } finally {
            limit.close();
            if (limit.isExpired()) {
                interpreter.unstop();
            }
        }
    }

    private Map<String, Tensor> collect(Interpreter interpreter, Map<String, Tensor> pinned) throws EngineException {
        Map<String, Tensor> collected = new LinkedHashMap<>();
        for (int i = 0; i < graph.outputs().size(); i++) {
            TensorSpec output = graph.outputs().get(i);
            Shape shape = interpreter.outputShape(i);
            Tensor target = pinned.get(output.name());
            if (target != null) {
                RunCheck.checkPinnedShape(label, output.name(), shape, target);
            } else {
                target = allocate(output, shape);
            }
            if (target.elements() > 0) {
                interpreter.read(i, target.data());
            }
            collected.put(output.name(), target);
        }
        return collected;
    }

    private Tensor allocate(TensorSpec output, Shape shape) throws EngineException {
        try {
            return spares.takeOrAllocate(output.name(), output.type(), shape);
        } catch (IllegalArgumentException tooLarge) {
            throw new EngineException("output \"" + output.name() + "\": " + tooLarge.getMessage(), tooLarge);
        }
    }

    @Override
    public void recycle(String output, Tensor tensor) {
        spares.give(output, tensor);
    }

    private InterpreterPool.Lent take() throws EngineException {
        try {
            return pool.take();
        } catch (EngineException e) {
            throw named(e);
        }
    }

    private void giveBack(InterpreterPool.Lent lent, boolean sound) {
        if (!sound) {
            lent.interpreter().close();
        }
        pool.back(sound ? lent : null);
    }

    private EngineException named(EngineException e) {
        return e.getMessage().startsWith(label + ": ")
                ? e
                : new EngineException(label + ": " + e.getMessage(), e.getCause());
    }

    @Override
    public void close() {
        pool.close();
    }
}
