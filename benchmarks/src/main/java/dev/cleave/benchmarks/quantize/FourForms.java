package dev.cleave.benchmarks.quantize;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.tflite.TfLiteConverter;
import dev.cleave.partition.tflite.UnconvertibleException;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One model in both precisions and both formats, loaded with one thread each: what a device may run as its head. Takes and gives
 * tensors of the same names, types and shapes in all four. Owns the sessions.
 */
final class FourForms implements AutoCloseable {
    private static final int WARM_UP_RUNS = 5;
    private static final double NANOS_PER_MILLI = 1e6;

    /** Which engine, and which precision; in the order in which they are run. */
    enum Form {
        ONNX_FLOAT,
        ONNX_INT8,
        TFLITE_FLOAT,
        TFLITE_INT8
    }

    private final List<Session> sessions = new ArrayList<>();

    /**
     * Converts and loads.
     *
     * @param tflite the engine for what is converted
     */
    static FourForms load(OnnxModel floats, OnnxModel integers, Engine onnx, Engine tflite)
            throws IOException, EngineException, UnconvertibleException, ModelException {
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        TfLiteConverter converter = new TfLiteConverter(onnx);
        FourForms forms = new FourForms();
        boolean complete = false;
        try {
            for (OnnxModel model : List.of(floats, integers)) {
                forms.sessions.add(onnx.load(ModelSource.of(model), options));
            }
            for (OnnxModel model : List.of(floats, integers)) {
                byte[] converted = converter.convert(ModelSource.of(model));
                forms.sessions.add(
                        tflite.load(new GraphSource(model.file().getFileName() + ".tflite", converted), options));
            }
            complete = true;
            return forms;
        } finally {
            if (!complete) {
                forms.close();
            }
        }
    }

    Session session(Form form) {
        return sessions.get(form.ordinal());
    }

    /** Medians of runs of all forms in turn, by {@link Form#ordinal}. */
    double[] millis(Map<String, Tensor> inputs, int runs) throws EngineException {
        double[][] times = new double[sessions.size()][runs];
        for (int run = -WARM_UP_RUNS; run < runs; run++) {
            for (int which = 0; which < times.length; which++) {
                Session session = sessions.get(which);
                long start = System.nanoTime();
                session.run(inputs).forEach(session::recycle);
                times[which][Math.max(run, 0)] = (System.nanoTime() - start) / NANOS_PER_MILLI;
            }
        }
        return Arrays.stream(times).mapToDouble(Comparison::median).toArray();
    }

    @Override
    public void close() {
        sessions.forEach(Session::close);
    }
}
