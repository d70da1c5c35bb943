package dev.cleave.cli.inputs;

import dev.cleave.cli.failure.UserException;
import dev.cleave.picture.PictureCodec;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The inputs in a folder, sorted by name; each is read when it is asked for, and not kept.
 *
 * <table>
 * <caption>What may lie in the folder</caption>
 * <tr><td>{@code x.jpg x.jpeg x.png x.bmp}</td><td>a picture</td></tr>
 * <tr><td>{@code x.npy}, {@code x.pb}</td><td>the tensor of a model that has one input</td></tr>
 * <tr><td>{@code x.npz}</td><td>one array for each input, by name; others are ignored</td></tr>
 * <tr><td>a folder with {@code .npy} or {@code .pb} files</td><td>one input each, by file name, by the name inside the
 * {@code .pb}, or as {@code input_0}, {@code input_1}; {@code output_*} are ignored</td></tr>
 * </table>
 *
 * Anything else is ignored. Instead of a folder, one such file will do. Files are hostile: memory is bounded by the size
 * of the file. Thread-safe.
 */
public final class InputReader {
    private static final String EXPECTED = "pictures (.jpg .png .bmp), .npy, .npz or .pb files";

    private final List<Path> entries;
    private final TensorFiles tensors;
    private final PictureFiles pictures;

    private InputReader(List<Path> entries, List<TensorSpec> inputs, PictureFiles pictures) {
        this.entries = entries;
        this.tensors = new TensorFiles(inputs);
        this.pictures = pictures;
    }

    /**
     * Lists the inputs; reads none yet.
     *
     * @param inputs what the model takes; tensors are checked against it when they are read
     * @param codec for JPEG and PNG; null if this platform has none, then those are refused when they are read
     * @throws UserException if there is no such folder or nothing in it
     */
    public static InputReader open(Path place, List<TensorSpec> inputs, PictureCodec codec) throws IOException {
        return open(place, inputs, codec, PictureFiles.MAX_PIXELS);
    }

    /** The same with a limit of its own to the size of a picture. */
    public static InputReader open(Path place, List<TensorSpec> inputs, PictureCodec codec, long maxPixels)
            throws IOException {
        if (!Files.exists(place)) {
            throw new NoSuchFileException(place.toString());
        }
        List<Path> entries = Files.isDirectory(place) ? list(place) : single(place);
        return new InputReader(entries, inputs, new PictureFiles(codec, maxPixels));
    }

    /** Whether a name and a plain file are what this reads; links and folders are not. */
    public static boolean isInputFile(Path file) {
        return extension(file) != Extension.OTHER && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** At least 1. */
    public int size() {
        return entries.size();
    }

    /** What {@link #read} will call the input: its file name. */
    public String name(int index) {
        return String.valueOf(entries.get(index).getFileName());
    }

    /** Where the input lies. */
    public Path path(int index) {
        return entries.get(index);
    }

    /** @throws UserException naming the file and what is wrong with it */
    public Input read(int index) {
        Path path = entries.get(index);
        try {
            return extension(path).isPicture()
                    ? new Input.Pictured(name(index), pictures.read(path))
                    : new Input.Tensors(name(index), tensors.read(path));
        } catch (MalformedInputException malformed) {
            throw new UserException(path + ": " + malformed.getMessage(), malformed);
        } catch (IOException unreadable) {
            throw new UserException(path + ": cannot be read (" + unreadable.getMessage() + ")", unreadable);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            List<Path> entries = all.filter(InputReader::isInput)
                    .sorted(Comparator.comparing(path -> path.getFileName().toString()))
                    .collect(Collectors.toUnmodifiableList());
            if (entries.isEmpty()) {
                throw new UserException(folder + ": holds no inputs; expected " + EXPECTED);
            }
            return entries;
        }
    }

    private static List<Path> single(Path file) {
        if (!isInput(file)) {
            throw new UserException(file + ": is no input; expected a folder of " + EXPECTED + ", or one of those");
        }
        return List.of(file);
    }

    private static boolean isInput(Path path) {
        return Files.isDirectory(path) ? TensorFiles.isFolderOfTensors(path) : extension(path) != Extension.OTHER;
    }

    static Extension extension(Path path) {
        String name = path.getFileName().toString();
        return Extension.of(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** What a file's name says about its content. */
    enum Extension {
        PICTURE,
        NPY,
        NPZ,
        PB,
        OTHER;

        static Extension of(String suffix) {
            return switch (suffix) {
                case "jpg", "jpeg", "png", "bmp" -> PICTURE;
                case "npy" -> NPY;
                case "npz" -> NPZ;
                case "pb" -> PB;
                default -> OTHER;
            };
        }

        boolean isPicture() {
            return this == PICTURE;
        }
    }
}
