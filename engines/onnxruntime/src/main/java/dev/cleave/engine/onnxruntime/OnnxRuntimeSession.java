package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.RunCheck;
import dev.cleave.engine.RunLimit;
import dev.cleave.engine.RunTimeoutException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SpareOutputs;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A graph loaded by ONNX Runtime. Owns the native session; {@link #close} frees it as soon as no run is in progress,
 * without waiting for that.
 *
 * <p>Tensors are shared with the native side, not copied, except: inputs of type uint16, uint32 and uint64
 * ({@link UnsignedTensors}), outputs of these types, outputs that no node computes ({@link DeclaredValues}), and outputs
 * whose shape cannot be predicted ({@link OutputShapes}).
 */
final class OnnxRuntimeSession implements Session {
    private static final Logger LOG = Logger.getLogger(OnnxRuntimeSession.class.getName());

    private final String label;
    private final OrtEnvironment environment;
    private final UnsignedTensors unsigned;
    private final OrtSession session;
    private final OrtSession.SessionOptions settings;
    private final HeldWeights held;
    private final Signature inputs;
    private final Signature outputs;
    private final OutputShapes shapes;
    private final SpareOutputs spares = new SpareOutputs();
    private final String provider;
    private final List<String> refused;
    private volatile boolean predicting = true;
    private int running;
    private boolean closed;

    private OnnxRuntimeSession(
            String label,
            OrtEnvironment environment,
            UnsignedTensors unsigned,
            OrtSession session,
            OrtSession.SessionOptions settings,
            HeldWeights held,
            Signature inputs,
            Signature outputs,
            String provider,
            List<String> refused) {
        this.label = label;
        this.environment = environment;
        this.unsigned = unsigned;
        this.session = session;
        this.settings = settings;
        this.held = held;
        this.inputs = inputs;
        this.outputs = outputs;
        this.shapes = new OutputShapes(inputs.infos(), outputs.infos());
        this.provider = provider;
        this.refused = refused;
    }

    /**
     * Takes over a native session, its settings and the weights in memory that it reads, which must live as long; on failure
     * the session is closed.
     *
     * @throws EngineException naming an input or output that is no tensor of a usable type and rank
     */
    static OnnxRuntimeSession open(
            String label,
            OrtEnvironment environment,
            UnsignedTensors unsigned,
            OrtSession session,
            OrtSession.SessionOptions settings,
            HeldWeights held,
            DeclaredValues declared,
            List<String> providers,
            Map<String, String> refused)
            throws EngineException, OrtException {
        try {
            List<String> reasons = new ArrayList<>();
            refused.forEach((name, reason) -> reasons.add(name + ": " + reason));
            return new OnnxRuntimeSession(
                    label,
                    environment,
                    unsigned,
                    session,
                    settings,
                    held,
                    Signature.of(label, "input", session.getInputInfo(), declared),
                    Signature.of(label, "output", session.getOutputInfo(), declared),
                    providers.isEmpty() ? ExecutionProviders.CPU : providers.get(0),
                    Collections.unmodifiableList(reasons));
        } catch (EngineException | OrtException | RuntimeException e) {
            closeQuietly(session);
            throw e;
        }
    }

    @Override
    public List<TensorSpec> inputs() {
        return inputs.specs();
    }

    @Override
    public List<TensorSpec> outputs() {
        return outputs.specs();
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
        enter();
        try {
            RunCheck.check(label, inputs.specsFor(given), given, outputs.specsFor(pinned), pinned);
            if (timeoutNanos < 0) {
                throw new RunTimeoutException(
                        label + ": no time left for a run; it was up " + -timeoutNanos + " ns ago");
            }
            if (timeoutNanos == 0) {
                return run(given, pinned, null, null, 0);
            }
            try (OrtSession.RunOptions options = new OrtSession.RunOptions();
                    RunLimit limit = RunLimit.of(timeoutNanos, () -> terminate(options))) {
                return run(given, pinned, options, limit, timeoutNanos);
            }
        } catch (OrtException | IllegalArgumentException | IllegalStateException e) {
            throw new EngineException(label + ": " + OneLine.of(e.getMessage()), e);
        } finally {
            leave();
        }
    }

    private Map<String, Tensor> run(
            Map<String, Tensor> given,
            Map<String, Tensor> pinned,
            OrtSession.RunOptions options,
            RunLimit limit,
            long timeoutNanos)
            throws EngineException, OrtException {
        Map<String, Tensor> targets = predicting ? predicted(given, pinned) : pinned;
        try {
            return attempt(given, targets, options);
        } catch (OrtException e) {
            if (limit != null && limit.isExpired()) {
                throw new RunTimeoutException(label + ": run took longer than " + timeoutNanos / 1_000_000.0 + " ms");
            }
            explainPinnedShapes(given, pinned);
            if (targets.size() == pinned.size()) {
                throw e;
            }
            // Perhaps only the graph's word about its output shapes was wrong.
            Map<String, Tensor> result = attempt(given, pinned, options);
            predicting = false;
            return result;
        }
    }

    /** Stops at the next operator; one that has started is not interrupted. */
    private static void terminate(OrtSession.RunOptions options) {
        try {
            options.setTerminate(true);
        } catch (OrtException e) {
            throw new IllegalStateException("a run cannot be told to stop", e);
        }
    }

    /** The pinned tensors and, as far as their shapes can be predicted, spare or new ones for the other outputs. */
    private Map<String, Tensor> predicted(Map<String, Tensor> given, Map<String, Tensor> pinned) {
        Map<String, Tensor> targets = new LinkedHashMap<>(pinned);
        Map<String, Long> sizes = shapes.sizes(given);
        for (TensorSpec output : outputs.specs()) {
            if (targets.containsKey(output.name()) || !outputs.isPinnable(output) || outputs.isUnranked(output)) {
                continue;
            }
            Shape shape = shapes.predict(output.name(), sizes);
            if (shape != null) {
                try {
                    targets.put(output.name(), spares.takeOrAllocate(output.name(), output.type(), shape));
                } catch (IllegalArgumentException tooLarge) {
                    // Left to ONNX Runtime: the claim may be false, and if it is true the run says so.
                    continue;
                }
            }
        }
        return targets;
    }

    private Map<String, Tensor> attempt(
            Map<String, Tensor> given, Map<String, Tensor> targets, OrtSession.RunOptions options)
            throws EngineException, OrtException {
        try (NativeTensors tensors = new NativeTensors(environment, unsigned)) {
            Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
            for (TensorSpec input : inputs.specs()) {
                feeds.put(input.name(), tensors.wrapInput(given.get(input.name())));
            }
            Map<String, OnnxValue> fetches = new LinkedHashMap<>();
            Set<String> allocated = new LinkedHashSet<>();
            for (TensorSpec output : outputs.specs()) {
                Tensor target = targets.get(output.name());
                if (target != null && outputs.isPinnable(output)) {
                    fetches.put(output.name(), tensors.wrapOutput(target));
                } else {
                    allocated.add(output.name());
                }
            }
            try (OrtSession.Result result = session.run(feeds, allocated, fetches, options)) {
                return collect(result, targets, allocated);
            }
        }
    }

    private Map<String, Tensor> collect(OrtSession.Result result, Map<String, Tensor> targets, Set<String> allocated)
            throws EngineException {
        Map<String, Tensor> collected = new LinkedHashMap<>();
        for (TensorSpec output : outputs.specs()) {
            Tensor target = targets.get(output.name());
            if (allocated.contains(output.name())) {
                OnnxTensor value = (OnnxTensor) result.get(output.name())
                        .orElseThrow(() -> new IllegalStateException("output \"" + output.name() + "\" was not made"));
                if (target != null) {
                    RunCheck.checkPinnedShape(
                            label, output.name(), Shape.of(value.getInfo().getShape()), target);
                }
                target = NativeTensors.copyOf(value, target);
            }
            collected.put(output.name(), target);
        }
        return collected;
    }

    /** After a failure: names a pinned tensor that does not have the shape the graph promises. */
    private void explainPinnedShapes(Map<String, Tensor> given, Map<String, Tensor> pinned) throws EngineException {
        Map<String, Long> sizes = shapes.sizes(given);
        for (Map.Entry<String, Tensor> pin : pinned.entrySet()) {
            Shape expected = shapes.predict(pin.getKey(), sizes);
            if (expected != null) {
                RunCheck.checkPinnedShape(label, pin.getKey(), expected, pin.getValue());
            }
        }
    }

    @Override
    public void recycle(String output, Tensor tensor) {
        spares.give(output, tensor);
    }

    private synchronized void enter() throws EngineException {
        if (closed) {
            throw new EngineException(label + ": session is closed");
        }
        running++;
    }

    private synchronized void leave() {
        running--;
        freeIfUnused();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            freeIfUnused();
        }
    }

    // Holds once per session: after close() no run enters, so that running reaches 0 once.
    private void freeIfUnused() {
        if (closed && running == 0) {
            closeQuietly(session);
            settings.close();
            held.close();
        }
    }

    static void closeQuietly(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            LOG.log(Level.WARNING, "a native session could not be freed: {0}", OneLine.of(e.getMessage()));
        }
    }
}
