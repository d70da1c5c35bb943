package dev.cleave.cli.model;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.partition.verify.ModelSource;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long a whole model takes on this machine: the median of a few runs after one that is not counted. */
final class WholeTime {
    private static final int RUNS = 5;

    private WholeTime() {}

    static double medianMillis(OnnxModel model, ProbedModel probed, Engine engine) throws EngineException, IOException {
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (TensorSpec input : probed.inputs()) {
            types.put(input.name(), input.type());
            shapes.put(input.name(), probed.facts().seen().get(input.name()));
        }
        Map<String, Tensor> inputs = new RandomInputs(probed.graph(), 0, Map.of()).next(types, shapes);
        GraphSource source = ModelSource.of(model);
        try (Session session = engine.load(source, SessionOptions.defaults())) {
            session.run(inputs);
            double[] millis = new double[RUNS];
            for (int run = 0; run < RUNS; run++) {
                long start = System.nanoTime();
                session.run(inputs);
                millis[run] = (System.nanoTime() - start) / 1e6;
            }
            Arrays.sort(millis);
            return millis[RUNS / 2];
        }
    }
}
