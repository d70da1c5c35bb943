package dev.cleave.cli.samples;

import dev.cleave.bundle.Contract;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.Labels;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Where a verb's inputs come from; the same options for every verb that reads inputs. */
public final class SampleOptions {
    @Option(
            names = "--inputs",
            paramLabel = "DIR",
            description = "Inputs: pictures (JPEG, PNG), .npy, .npz or ONNX .pb tensors.")
    private Path inputs;

    @Option(names = "--random", paramLabel = "N", description = "N random inputs instead.")
    private Integer random;

    @Option(names = "--seed", paramLabel = "S", description = "Seed of --random. Default 0.")
    private long seed;

    @Option(
            names = "--dim",
            paramLabel = "NAME=SIZE",
            description = "Size of an open dimension, by its name or INPUT:AXIS. Default 1.")
    private Map<String, Long> dims = new LinkedHashMap<>();

    @Option(
            names = "--preprocess",
            paramLabel = "FILE|PRESET",
            description = "How pictures become tensors: a JSON file, or imagenet, tf, unit, caffe.")
    private String preprocess;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "The right classes: lines of file-name<TAB>class-index.")
    private Path labels;

    /** Sizes of open dimensions. */
    public Map<String, Long> dims() {
        dims.forEach((name, size) -> {
            if (size < 1) {
                throw new UserException("--dim " + name + "=" + size + ": expected a size of at least 1");
            }
        });
        return dims;
    }

    /** Whether there are any inputs. */
    public boolean areGiven() {
        return inputs != null || random != null;
    }

    /** The preprocessing asked for, or null. */
    public Preprocessing preprocessing() throws IOException {
        return PreprocessOption.read(preprocess);
    }

    /** The right class of an input by name; null where it is not known. */
    public Function<String, Integer> labels() throws IOException {
        if (labels == null) {
            return name -> null;
        }
        Labels known = Labels.read(labels);
        return name -> known.classOf(name).isPresent() ? known.classOf(name).getAsInt() : null;
    }

    /** Opens inputs for a model that was looked into. */
    public Samples open(ProbedModel model, Preprocessing preprocessing) throws IOException {
        return isRandom() ? RandomSamples.of(model, seed, random) : files(model.inputs(), preprocessing);
    }

    /** Opens inputs for a bundle. */
    public Samples open(Contract contract) throws IOException {
        return isRandom()
                ? RandomSamples.of(contract.inputs(), dims(), seed, random)
                : files(contract.inputs(), contract.preprocessing());
    }

    /** {@link #open(Contract)}, or random inputs if none are given. */
    public Samples openOrRandom(Contract contract, int count) throws IOException {
        return areGiven() ? open(contract) : RandomSamples.of(contract.inputs(), dims(), seed, count);
    }

    private boolean isRandom() {
        if (inputs != null && random != null) {
            throw new UserException("--inputs and --random are both given; expected one of the two");
        }
        if (random != null && random < 1) {
            throw new UserException("--random " + random + ": expected at least 1");
        }
        return random != null;
    }

    private Samples files(List<TensorSpec> specs, Preprocessing preprocessing) throws IOException {
        if (inputs == null) {
            throw new UserException("no inputs; expected --inputs DIR or --random N");
        }
        return FolderSamples.open(inputs, specs, preprocessing);
    }
}
