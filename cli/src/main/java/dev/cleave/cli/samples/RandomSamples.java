package dev.cleave.cli.samples;

import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

/** Seeded random inputs of a model's types and shapes, batch 1. The n-th is the same in every call and every run. */
final class RandomSamples implements Samples {
    private final LongFunction<RandomInputs> generator;
    private final Map<String, ElementType> types = new LinkedHashMap<>();
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final long seed;
    private final int count;

    private RandomSamples(LongFunction<RandomInputs> generator, long seed, int count) {
        this.generator = generator;
        this.seed = seed;
        this.count = count;
    }

    /** Of the sizes at which a model was run. */
    static Samples of(ProbedModel model, long seed, int count) {
        RandomSamples samples = new RandomSamples(each -> new RandomInputs(model.graph(), each, Map.of()), seed, count);
        for (TensorSpec input : model.inputs()) {
            samples.types.put(input.name(), input.type());
            samples.shapes.put(input.name(), model.facts().seen().get(input.name()));
        }
        return samples;
    }

    /** @param dims sizes of open dimensions as {@code INPUT:AXIS}; 1 for others */
    static Samples of(List<TensorSpec> inputs, Map<String, Long> dims, long seed, int count) {
        RandomSamples samples = new RandomSamples(RandomInputs::new, seed, count);
        for (TensorSpec input : inputs) {
            Shape shape = input.shape().withRows(1);
            for (int axis = 0; axis < shape.rank(); axis++) {
                if (shape.dim(axis) < 0) {
                    shape = shape.withDim(axis, dims.getOrDefault(input.name() + ":" + axis, 1L));
                }
            }
            samples.types.put(input.name(), input.type());
            samples.shapes.put(input.name(), shape);
        }
        return samples;
    }

    @Override
    public int size() {
        return count;
    }

    @Override
    public Sample get(int index) {
        return new Sample(
                "random-" + index, generator.apply(seed * 1_000_003 + index).next(types, shapes));
    }
}
