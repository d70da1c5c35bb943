package dev.cleave.partition;

import dev.cleave.bundle.Bundle;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.split.ModelSplitter;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Splits generated models on a real engine, and loads what came out. Owns the engine and the chains it loaded. */
public final class Splits implements AutoCloseable {
    private final Path folder;
    private final Engine engine;
    private final List<SegmentChain> chains = new ArrayList<>();

    public Splits(Path folder) throws EngineException {
        this.folder = folder;
        this.engine = Engines.create("onnxruntime");
    }

    public Engine engine() {
        return engine;
    }

    /** A request to cut a generated model at some tensors, each {@code TENSOR[+TENSOR..]}. */
    public SplitRequest request(ModelBuilder model, String... points) {
        return SplitRequest.of(model.save(folder))
                .withAt(Arrays.stream(points)
                        .map(point -> List.of(point.split("\\+")))
                        .toList());
    }

    /** Splits; {@code samples} may be null. */
    public SplitResult split(SplitRequest request, Samples samples) throws Exception {
        return split(request, samples, Map.of(), Progress.NONE);
    }

    /** Splits with what is known of some boundaries. */
    public SplitResult split(
            SplitRequest request, Samples samples, Map<List<String>, Calibrated> known, Progress progress)
            throws Exception {
        return new ModelSplitter(engine, SessionOptions.defaults(), "test", progress)
                .split(
                        request,
                        samples == null ? null : (model, preprocessing) -> samples,
                        folder.resolve("model.cleave"),
                        known);
    }

    /** The bundle of a model, its floats crossing as halves. */
    public Bundle bundle(ModelBuilder model, String... points) throws Exception {
        return bundle(request(model, points));
    }

    /** The bundle that was asked for, made without samples. */
    public Bundle bundle(SplitRequest request) throws Exception {
        return Bundle.open(split(request, null).bundle());
    }

    /** All segments of a bundle. */
    public SegmentChain chain(Bundle bundle) throws EngineException, IOException {
        SegmentChain chain = SegmentChain.load(
                bundle,
                engine,
                SessionOptions.defaults(),
                bundle.contract().precision(),
                0,
                bundle.contract().local());
        chains.add(chain);
        return chain;
    }

    /** Samples of one input named {@code x}, each made from a generator of its own. */
    public static Samples samples(int count, Function<SplittableRandom, Tensor> input) {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            samples.add(new Sample("s" + i, Map.of("x", input.apply(new SplittableRandom(i)))));
        }
        return Samples.of(samples);
    }

    /** Samples of one input {@code x}, whose numbers are normally distributed. */
    public static Samples vectors(int count, int length) {
        return samples(count, random -> {
            float[] values = new float[length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
            return Tensor.ofFloats(Shape.of(1, length), values);
        });
    }

    @Override
    public void close() {
        chains.forEach(SegmentChain::close);
        engine.close();
    }
}
