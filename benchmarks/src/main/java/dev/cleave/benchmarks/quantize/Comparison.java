package dev.cleave.benchmarks.quantize;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Values;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A quantised model beside the float one.
 *
 * @param floatTop1 percent of the labelled inputs that the float model gets right; NaN without labels
 * @param integerTop1 the same of the quantised one
 * @param agreement percent of the inputs with the same answer
 */
record Comparison(double floatTop1, double integerTop1, double agreement) {
    private static final int WARM_UP_RUNS = 5;
    private static final double NANOS_PER_MILLI = 1e6;

    static Comparison of(Int8Model model, OnnxModel quantized, Engine engine, SessionOptions options)
            throws IOException, EngineException {
        List<TensorSpec> outputs = model.probed().outputs();
        Agreement agreement = Agreement.forOutputs(outputs);
        int agreeing = 0;
        int floatRight = 0;
        int integerRight = 0;
        int count = model.report().size();
        try (Session floats = load(model.probed().graph().model(), engine, options);
                Session integers = load(quantized, engine, options)) {
            for (int i = 0; i < count; i++) {
                Sample sample = model.report().get(i);
                Map<String, Tensor> expected = floats.run(sample.inputs());
                Map<String, Tensor> actual = integers.run(sample.inputs());
                agreeing += agreement.agrees(outputs, actual, expected) ? 1 : 0;
                if (model.labels().length > 0) {
                    String scores = outputs.get(0).name();
                    floatRight += Values.argmax(expected.get(scores)) == model.labels()[i] ? 1 : 0;
                    integerRight += Values.argmax(actual.get(scores)) == model.labels()[i] ? 1 : 0;
                }
            }
        }
        boolean labelled = model.labels().length > 0;
        return new Comparison(
                labelled ? 100.0 * floatRight / count : Double.NaN,
                labelled ? 100.0 * integerRight / count : Double.NaN,
                100.0 * agreeing / count);
    }

    /** Medians of runs of both in turn: of the float model, and of the quantised one. */
    static double[] millis(Int8Model model, OnnxModel quantized, Engine engine, SessionOptions options, int runs)
            throws IOException, EngineException {
        Map<String, Tensor> inputs = model.report().get(0).inputs();
        double[][] times = new double[2][runs];
        try (Session floats = load(model.probed().graph().model(), engine, options);
                Session integers = load(quantized, engine, options)) {
            List<Session> both = List.of(floats, integers);
            for (int run = -WARM_UP_RUNS; run < runs; run++) {
                for (int which = 0; which < 2; which++) {
                    long start = System.nanoTime();
                    both.get(which).run(inputs);
                    if (run >= 0) {
                        times[which][run] = (System.nanoTime() - start) / NANOS_PER_MILLI;
                    }
                }
            }
        }
        return new double[] {median(times[0]), median(times[1])};
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static Session load(OnnxModel model, Engine engine, SessionOptions options)
            throws IOException, EngineException {
        return engine.load(ModelSource.of(model), options);
    }
}
