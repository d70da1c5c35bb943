package dev.cleave.cli.samples;

import dev.cleave.bundle.Contract;
import dev.cleave.cli.failure.UserException;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.split.SampleSource;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Where a verb's inputs come from; the same options for every verb that reads inputs. */
public final class SampleOptions extends DimOptions {
    @Option(
            names = "--inputs",
            paramLabel = "DIR",
            description = "Inputs: pictures (JPEG, PNG), .npy, .npz or ONNX .pb tensors.")
    private Path inputs;

    @Option(names = "--seed", paramLabel = "S", description = "Seed of --random. Default 0.")
    private long seed;

    @Option(
            names = "--preprocess",
            paramLabel = "FILE|PRESET",
            description = "How pictures become tensors: a JSON file, or imagenet, tf, unit, caffe.")
    private String preprocess;

    private Integer random;

    @Option(names = "--random", paramLabel = "N", description = "N random inputs instead.")
    void setRandom(Integer count) {
        if (count != null && count < 1) {
            throw usage("--random " + count + ": expected at least 1");
        }
        random = count;
    }

    /**
     * Whether there are any inputs.
     *
     * @throws ParameterException if two kinds of them are given
     */
    public boolean areGiven() {
        if (inputs != null && random != null) {
            throw usage("--inputs and --random are both given; expected one of the two");
        }
        return inputs != null || random != null;
    }

    /** @throws ParameterException unless there are inputs */
    public void requireGiven() {
        if (!areGiven()) {
            throw usage("no inputs; expected --inputs DIR or --random N");
        }
    }

    /** Whether the inputs have names of their own, by which labels know them. */
    public boolean areFiles() {
        return inputs != null;
    }

    /** The preprocessing asked for, or null. */
    public Preprocessing preprocessing() throws IOException {
        return PreprocessOption.read(preprocess);
    }

    /** Opens inputs for a model that was looked into. */
    public Samples open(ProbedModel model, Preprocessing preprocessing) throws IOException {
        requireGiven();
        return random != null
                ? RandomSamples.of(model, seed, random)
                : FolderSamples.open(inputs, model.inputs(), preprocessing);
    }

    /** Opens inputs for a model of which some are carried from one to the next. */
    public SampleSource source() {
        return new SampleSource() {
            @Override
            public Samples open(ProbedModel model, Preprocessing preprocessing) throws IOException {
                return SampleOptions.this.open(model, preprocessing);
            }

            @Override
            public Samples open(ProbedModel model, Set<String> state, Preprocessing preprocessing) throws IOException {
                List<TensorSpec> given = new ArrayList<>(model.inputs());
                given.removeIf(input -> state.contains(input.name()));
                return random != null ? open(model, preprocessing) : FolderSamples.open(inputs, given, preprocessing);
            }
        };
    }

    /** {@link #open(ProbedModel, Preprocessing)} with the preprocessing asked for, or random inputs if none are given. */
    public Samples openOrRandom(ProbedModel model, int count) throws IOException {
        if (!areGiven()) {
            return RandomSamples.of(model, seed, count);
        }
        return open(model, PictureInput.bound(preprocessing(), model.inputs()));
    }

    /** Opens inputs for a bundle. */
    public Samples open(Contract contract) throws IOException {
        requireGiven();
        return random != null
                ? RandomSamples.of(contract.inputsWithoutState(), knownDims(contract), seed, random)
                : FolderSamples.open(inputs, contract.inputsWithoutState(), preprocessing(contract));
    }

    /** {@link #open(Contract)}, or random inputs if none are given. */
    public Samples openOrRandom(Contract contract, int count) throws IOException {
        return areGiven()
                ? open(contract)
                : RandomSamples.of(contract.inputsWithoutState(), knownDims(contract), seed, count);
    }

    /** What the bundle says counts; where it says nothing the option does. */
    private Preprocessing preprocessing(Contract contract) throws IOException {
        Preprocessing asked = preprocessing();
        Preprocessing own = contract.preprocessing();
        if (asked == null) {
            return own;
        }
        if (own == null) {
            return PictureInput.bound(asked, contract.inputs());
        }
        if (!asked.withInput(own.input()).equals(own)) {
            throw new UserException("--preprocess " + preprocess + ": the bundle has a preprocessing of its own, " + own
                    + "; expected the same, or no --preprocess");
        }
        return own;
    }

    /** A bundle's open dimensions have no names of their own. */
    private Map<String, Long> knownDims(Contract contract) {
        List<String> open = OpenDims.of(contract.inputs());
        for (String name : dims().keySet()) {
            if (!open.contains(name)) {
                throw new UserException("--dim " + name + ": the bundle has no such open dimension; expected "
                        + (open.isEmpty() ? "none, all are fixed" : "one of " + open));
            }
        }
        return dims();
    }
}
