package dev.cleave.cli.samples;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.TextFile;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The value of {@code --preprocess}: a file, or the name of a preset. */
public final class PreprocessOption {
    private PreprocessOption() {}

    /**
     * @param value may be null
     * @return null for null
     * @throws UserException naming the value, if it is neither a file that is understood nor a preset
     */
    public static Preprocessing read(String value) throws IOException {
        if (value == null) {
            return null;
        }
        Path file = Path.of(value);
        try {
            return Files.exists(file)
                    ? Preprocessing.parse(TextFile.read(file, "preprocessing as JSON"))
                    : Preprocessing.named(value);
        } catch (IllegalArgumentException malformed) {
            throw new UserException("--preprocess " + value + ": " + malformed.getMessage()
                    + (looksLikeFile(value) && !Files.exists(file) ? "; and there is no such file" : ""));
        }
    }

    private static boolean looksLikeFile(String value) {
        return value.indexOf('.') >= 0 || value.indexOf('/') >= 0;
    }
}
