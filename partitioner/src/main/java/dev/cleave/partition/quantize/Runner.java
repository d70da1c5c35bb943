package dev.cleave.partition.quantize;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** A model on an engine, run on samples. Owns its session. */
final class Runner implements AutoCloseable {
    private final Session session;
    private final Duration limit;

    private Runner(Session session, Duration limit) {
        this.session = session;
        this.limit = limit;
    }

    static Runner of(OnnxModel model, Engine engine, SessionOptions options, Duration limit)
            throws IOException, EngineException {
        return new Runner(engine.load(ModelSource.of(model), options), limit);
    }

    /** With these tensors beside the outputs. */
    static Runner watching(
            OnnxModel model, Collection<String> tensors, Engine engine, SessionOptions options, Duration limit)
            throws IOException, EngineException {
        GraphProto.Builder graph = model.proto().getGraph().toBuilder();
        Set<String> known = new HashSet<>();
        graph.getOutputList().forEach(output -> known.add(output.getName()));
        graph.getInputList().forEach(input -> known.add(input.getName()));
        tensors.stream()
                .filter(known::add)
                .forEach(name -> graph.addOutput(ValueInfoProto.newBuilder().setName(name)));
        ModelProto watched = model.proto().toBuilder().setGraph(graph).build();
        return of(model.with(watched), engine, options, limit);
    }

    Map<String, Tensor> run(Sample sample) throws EngineException {
        return session.run(inputs(sample, session), Map.of(), limit.toNanos());
    }

    /** Gives tensors of a run back. */
    void recycle(Map<String, Tensor> made) {
        made.forEach(session::recycle);
    }

    private static Map<String, Tensor> inputs(Sample sample, Session session) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (TensorSpec input : session.inputs()) {
            if (sample.inputs().containsKey(input.name())) {
                inputs.put(input.name(), sample.inputs().get(input.name()));
            }
        }
        return inputs;
    }

    /** How the engine gets a model. */
    static GraphSource source(OnnxModel model) throws IOException {
        return ModelSource.of(model);
    }

    @Override
    public void close() {
        session.close();
    }
}
