package dev.cleave.cli.inputs;

import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads {@code .npy}, {@code .npz}, {@code .pb} and folders of them as the inputs of one model. */
final class TensorFiles {
    /** The convention of ONNX's own test data. */
    private static final Pattern NUMBERED = Pattern.compile("(input|output)_(\\d{1,4})");

    private final List<TensorSpec> inputs;

    TensorFiles(List<TensorSpec> inputs) {
        this.inputs = List.copyOf(inputs);
    }

    static boolean isFolderOfTensors(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(TensorFiles::isSingleTensor);
        } catch (IOException | UncheckedIOException unreadable) {
            return false;
        }
    }

    /** One checked tensor for each input of the model, in the model's order. */
    Map<String, Tensor> read(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return complete(readFolder(path));
        }
        return switch (InputReader.extension(path)) {
            case NPZ -> complete(readArchive(path));
            case NPY -> complete(onlyInput(NpyFile.read(path)));
            default -> complete(onlyInput(OnnxTensorFile.read(path).tensor()));
        };
    }

    private Map<String, Tensor> onlyInput(Tensor tensor) throws IOException {
        if (inputs.size() != 1) {
            throw new MalformedInputException("holds one tensor, and the model has the inputs " + names()
                    + "; expected an .npz, or a folder with one file for each");
        }
        return Map.of(inputs.get(0).name(), tensor);
    }

    private Map<String, Tensor> readArchive(Path path) throws IOException {
        List<String> wanted = inputs.stream().map(TensorSpec::name).toList();
        Map<String, Tensor> found = NpzFile.read(path, wanted);
        // A lone array needs no name: numpy calls it arr_0.
        return found.isEmpty() && wanted.size() == 1 ? onlyInput(NpzFile.readOnlyArray(path)) : found;
    }

    private Map<String, Tensor> readFolder(Path folder) throws IOException {
        Map<String, Tensor> found = new LinkedHashMap<>();
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(TensorFiles::isSingleTensor).sorted().collect(Collectors.toList());
        }
        for (Path file : files) {
            String stem = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
            if (isOutput(stem)) {
                continue;
            }
            try {
                putNamed(found, file, stem);
            } catch (MalformedInputException malformed) {
                throw new MalformedInputException(file.getFileName() + ": " + malformed.getMessage(), malformed);
            }
        }
        return found;
    }

    private void putNamed(Map<String, Tensor> found, Path file, String stem) throws IOException {
        Tensor tensor;
        String input = inputOf(stem);
        if (InputReader.extension(file) == InputReader.Extension.PB) {
            OnnxTensorFile.Named named = OnnxTensorFile.read(file);
            tensor = named.tensor();
            input = spec(named.name()) != null ? named.name() : input;
        } else {
            tensor = NpyFile.read(file);
        }
        if (input == null) {
            throw new MalformedInputException("belongs to no input of the model, which has " + names());
        }
        if (found.put(input, tensor) != null) {
            throw new MalformedInputException("is the second file for the input \"" + input + "\"");
        }
    }

    /** The input that a file's name speaks of, or null. */
    private String inputOf(String stem) {
        if (spec(stem) != null) {
            return stem;
        }
        Matcher numbered = NUMBERED.matcher(stem);
        int index = numbered.matches() ? Integer.parseInt(numbered.group(2)) : -1;
        return index >= 0 && index < inputs.size() ? inputs.get(index).name() : null;
    }

    /** An output that lies beside the inputs, unless the model has an input of that name. */
    private boolean isOutput(String stem) {
        return spec(stem) == null
                && stem.startsWith("output_")
                && NUMBERED.matcher(stem).matches();
    }

    private Map<String, Tensor> complete(Map<String, Tensor> found) throws IOException {
        Map<String, Tensor> ordered = new LinkedHashMap<>();
        for (TensorSpec input : inputs) {
            Tensor tensor = found.get(input.name());
            if (tensor == null) {
                throw new MalformedInputException("has nothing for the input \"" + input.name() + "\"; expected "
                        + input.type().jsonName() + input.shape());
            }
            String mismatch = input.mismatch(tensor);
            if (mismatch != null) {
                throw new MalformedInputException(mismatch);
            }
            ordered.put(input.name(), tensor);
        }
        return ordered;
    }

    private TensorSpec spec(String name) {
        return inputs.stream()
                .filter(input -> input.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    private String names() {
        return inputs.stream().map(input -> "\"" + input.name() + "\"").collect(Collectors.joining(", "));
    }

    private static boolean isSingleTensor(Path path) {
        InputReader.Extension extension = InputReader.extension(path);
        boolean named = extension == InputReader.Extension.NPY || extension == InputReader.Extension.PB;
        return named && Files.isRegularFile(path);
    }
}
