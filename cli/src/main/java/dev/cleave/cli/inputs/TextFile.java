package dev.cleave.cli.inputs;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** A text file that an option names. */
public final class TextFile {
    private static final long MAX_BYTES = 256L << 20;

    private TextFile() {}

    /**
     * Reads all of it.
     *
     * @param expected what it should hold, for messages
     * @throws UserException naming the file, if it is none, too large or not text
     */
    public static String read(Path file, String expected) throws IOException {
        requireFile(file, expected);
        try {
            return Files.readString(file);
        } catch (CharacterCodingException binary) {
            throw new UserException(file + ": is no UTF-8 text; expected " + expected, binary);
        }
    }

    /** {@link #read}, as lines. */
    public static List<String> lines(Path file, String expected) throws IOException {
        return read(file, expected).lines().toList();
    }

    private static void requireFile(Path file, String expected) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (Files.isDirectory(file)) {
            throw new UserException(file + ": is a folder; expected a file with " + expected);
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new UserException(
                    file + ": has " + Files.size(file) + " bytes; expected at most " + MAX_BYTES + " of " + expected);
        }
    }
}
