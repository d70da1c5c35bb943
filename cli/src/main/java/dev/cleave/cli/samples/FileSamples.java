package dev.cleave.cli.samples;

import dev.cleave.answer.Values;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.Input;
import dev.cleave.cli.inputs.InputReader;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/** Inputs on disk as a model takes them; read, and preprocessed, when they are asked for. */
final class FileSamples implements Samples {
    private final InputReader reader;
    private final List<TensorSpec> specs;
    private final Preprocessing preprocessing;

    FileSamples(InputReader reader, List<TensorSpec> specs, Preprocessing preprocessing) {
        this.reader = reader;
        this.specs = specs;
        this.preprocessing = preprocessing;
    }

    @Override
    public int size() {
        return reader.size();
    }

    @Override
    public Sample get(int index) throws SampleException {
        try {
            Input input = reader.read(index);
            if (input instanceof Input.Tensors tensors) {
                requireNumbers(tensors.tensors(), index);
                return new Sample(input.name(), tensors.tensors());
            }
            return ofPicture((Input.Pictured) input, index);
        } catch (UserException refused) {
            throw new SampleException(refused.getMessage(), refused);
        }
    }

    /** One NaN makes every measurement over the inputs meaningless; an infinity may be meant, as in a mask. */
    private void requireNumbers(Map<String, Tensor> tensors, int index) throws SampleException {
        for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            int element = Values.firstNaN(tensor.getValue());
            if (element >= 0) {
                throw new SampleException(reader.path(index) + ": tensor \"" + tensor.getKey() + "\" is NaN at element "
                        + element + "; expected numbers");
            }
        }
    }

    private Sample ofPicture(Input.Pictured input, int index) throws SampleException {
        if (preprocessing == null) {
            throw new SampleException(reader.path(index)
                    + ": is a picture, and nothing says how it becomes a tensor; expected --preprocess FILE|PRESET");
        }
        TensorSpec spec = specs.stream()
                .filter(any -> any.name().equals(preprocessing.input()))
                .findFirst()
                .orElseThrow(() -> new SampleException(
                        "preprocessing feeds input \"" + preprocessing.input() + "\"; the model has " + specs));
        if (specs.size() > 1) {
            throw new SampleException(reader.path(index) + " is a picture, and the model has " + specs.size()
                    + " inputs; expected a folder with a file for each");
        }
        try {
            Picture picture = preprocessing.geometry(input.picture());
            return new Sample(
                    input.name(),
                    Map.of(spec.name(), preprocessing.apply(input.picture(), spec)),
                    picture,
                    input.picture());
        } catch (IllegalArgumentException misfit) {
            throw new SampleException(reader.path(index) + ": " + misfit.getMessage(), misfit);
        }
    }
}
