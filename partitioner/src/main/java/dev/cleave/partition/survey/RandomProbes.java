package dev.cleave.partition.survey;

import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.RandomInputs;
import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Made-up inputs for sizes and times where nobody gave samples: the same in every run. */
final class RandomProbes {
    private static final int COUNT = 3;
    private static final long SEED = 1;

    private RandomProbes() {}

    /** @param preprocessing bound, or null; with it the input it feeds is a picture of noise */
    static Samples of(ProbedModel model, Preprocessing preprocessing) {
        Map<String, ElementType> types = new LinkedHashMap<>();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (TensorSpec input : model.inputs()) {
            types.put(input.name(), input.type());
            shapes.put(input.name(), model.facts().seen().get(input.name()));
        }
        RandomInputs inputs = new RandomInputs(model.graph(), SEED, Map.of());
        SplittableRandom noise = new SplittableRandom(SEED);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            samples.add(withPicture("random-" + i, inputs.next(types, shapes), preprocessing, noise));
        }
        return Samples.of(samples);
    }

    private static Sample withPicture(
            String name, Map<String, Tensor> inputs, Preprocessing preprocessing, SplittableRandom noise) {
        if (preprocessing == null) {
            return new Sample(name, inputs);
        }
        Tensor fed = inputs.get(preprocessing.input());
        long[] dims = fed.shape().dims();
        // Either layout has its height before its width.
        int height = preprocessing.shapeOf((int) dims[3], (int) dims[2]).equals(fed.shape()) ? 2 : 1;
        Picture picture = noise((int) dims[height + 1], (int) dims[height], noise);
        Tensor normalised = Tensor.allocate(fed.type(), fed.shape());
        preprocessing.normalize(picture, normalised);
        Map<String, Tensor> pictured = new LinkedHashMap<>(inputs);
        pictured.put(preprocessing.input(), normalised);
        return new Sample(name, pictured, picture);
    }

    private static Picture noise(int width, int height, SplittableRandom random) {
        byte[] rgb = new byte[width * height * 3];
        random.nextBytes(rgb);
        return new Picture(width, height, rgb);
    }
}
