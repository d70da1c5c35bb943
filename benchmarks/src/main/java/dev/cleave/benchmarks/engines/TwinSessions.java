package dev.cleave.benchmarks.engines;

import dev.cleave.answer.Values;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;

/** Both forms of a model, each loaded by its engine. Owns the sessions. */
final class TwinSessions implements AutoCloseable {
    private final Session onnx;
    private final Session tflite;

    private TwinSessions(Session onnx, Session tflite) {
        this.onnx = onnx;
        this.tflite = tflite;
    }

    static TwinSessions load(Path onnx, Path tflite, Engine onnxEngine, Engine tfliteEngine, SessionOptions options)
            throws IOException, EngineException {
        Session first = load(onnxEngine, onnx, options);
        try {
            return new TwinSessions(first, load(tfliteEngine, tflite, options));
        } catch (IOException | EngineException | RuntimeException e) {
            first.close();
            throw e;
        }
    }

    static Session load(Engine engine, Path graph, SessionOptions options) throws IOException, EngineException {
        return engine.load(new GraphSource(graph.getFileName().toString(), Files.readAllBytes(graph)), options);
    }

    Session onnx() {
        return onnx;
    }

    Session tflite() {
        return tflite;
    }

    /** The largest difference of two outputs at the same place, in the largest magnitude of the ONNX graph's output. */
    double relativeDifference(TwinInputs inputs) throws EngineException {
        Map<String, Tensor> made = tflite.run(inputs.tflite());
        Iterator<Tensor> others = made.values().iterator();
        double worst = 0;
        for (Tensor expected : onnx.run(inputs.onnx()).values()) {
            worst = Math.max(worst, Values.difference(others.next(), expected).relative());
        }
        return worst;
    }

    @Override
    public void close() {
        tflite.close();
        onnx.close();
    }
}
