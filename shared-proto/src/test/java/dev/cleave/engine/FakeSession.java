package dev.cleave.engine;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A {@link FakeGraph} that runs. Thread-safe. */
final class FakeSession implements Session {
    private final FakeEngine engine;
    private final String label;
    private final FakeGraph graph;
    private final List<String> refused;
    private final AtomicBoolean closed = new AtomicBoolean();

    FakeSession(FakeEngine engine, String label, FakeGraph graph, List<String> providers) {
        this.engine = engine;
        this.label = label;
        this.graph = graph;
        this.refused = providers.stream()
                .filter(provider -> !provider.equals("cpu"))
                .map(provider -> provider + ": the fake engine has only cpu")
                .toList();
        engine.sessionOpened();
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
        return "cpu";
    }

    @Override
    public List<String> refusedProviders() {
        return refused;
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
            throws EngineException {
        if (closed.get()) {
            throw new EngineException(label + ": session is closed");
        }
        RunCheck.check(label, graph.inputs(), inputs, graph.outputs(), pinned);
        try {
            engine.begin(label, graph, inputs.get(graph.inputs().get(0).name()), timeoutNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EngineException(label + ": run was interrupted", e);
        }
        Map<String, Tensor> values = new HashMap<>(inputs);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (FakeGraph.Step step : graph.steps()) {
            Tensor output = compute(step, values, pinned.get(step.output().name()));
            values.put(step.output().name(), output);
            outputs.put(step.output().name(), output);
        }
        return outputs;
    }

    private Tensor compute(FakeGraph.Step step, Map<String, Tensor> values, Tensor pinned) throws EngineException {
        Tensor first = values.get(step.operands().get(0));
        Tensor output = pinned != null ? pinned : Tensor.allocate(step.output().type(), first.shape());
        RunCheck.checkPinnedShape(label, step.output().name(), first.shape(), output);
        if (step.operation().equals("copy")) {
            output.data().put(first.data());
            return output;
        }
        for (int i = 0; i < output.elements(); i++) {
            double value = 0;
            for (String operand : step.operands()) {
                value += get(values.get(operand), i);
            }
            put(output, i, value * step.scale() + step.shift());
        }
        return output;
    }

    private static double get(Tensor tensor, int index) {
        ByteBuffer data = tensor.data();
        int at = index * tensor.type().bytes();
        return switch (tensor.type()) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT64 -> data.getDouble(at);
            case INT8 -> data.get(at);
            case UINT8, BOOL -> data.get(at) & 0xFF;
            case INT16 -> data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xFFFF;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xFFFFFFFFL;
            case INT64, UINT64 -> data.getLong(at);
            case FLOAT16, BFLOAT16 -> throw noArithmetic(tensor.type());
        };
    }

    private static void put(Tensor tensor, int index, double value) {
        ByteBuffer data = tensor.data();
        int at = index * tensor.type().bytes();
        switch (tensor.type()) {
            case FLOAT32 -> data.putFloat(at, (float) value);
            case FLOAT64 -> data.putDouble(at, value);
            case INT8, UINT8, BOOL -> data.put(at, (byte) (long) value);
            case INT16, UINT16 -> data.putShort(at, (short) (long) value);
            case INT32, UINT32 -> data.putInt(at, (int) (long) value);
            case INT64, UINT64 -> data.putLong(at, (long) value);
            case FLOAT16, BFLOAT16 -> throw noArithmetic(tensor.type());
        }
    }

    private static IllegalArgumentException noArithmetic(ElementType type) {
        return new IllegalArgumentException("the fake engine only copies " + type.jsonName());
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            engine.sessionClosed();
        }
    }
}
