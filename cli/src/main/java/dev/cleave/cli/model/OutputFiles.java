package dev.cleave.cli.model;

import dev.cleave.cli.failure.OneLine;
import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files that a verb is going to write: what can be known to fail after minutes of work is said at once. */
final class OutputFiles {
    private final List<Path> taken = new ArrayList<>();

    /** @param input must not be overwritten */
    OutputFiles(Path input) {
        taken.add(input);
    }

    /** @throws UserException naming the option, the file and what is wrong with it */
    void add(String option, Path file) throws IOException {
        if (file == null) {
            return;
        }
        requireWritable(option, file);
        for (Path other : taken) {
            boolean same = Files.exists(file) && Files.exists(other)
                    ? Files.isSameFile(file, other)
                    : file.toAbsolutePath()
                            .normalize()
                            .equals(other.toAbsolutePath().normalize());
            if (same) {
                throw new UserException(
                        option + " " + file + ": is the model or another output; expected a file of its own");
            }
        }
        taken.add(file);
    }

    private static void requireWritable(String option, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UserException(option + " " + file + ": there is no folder " + folder);
        }
        if (Files.isDirectory(file)) {
            throw new UserException(option + " " + file + ": is a folder; expected a file");
        }
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new UserException(option + " " + file + ": is no ordinary file; expected one, or none yet");
        }
        try {
            Files.delete(Files.createTempFile(folder, ".cleave", ".part"));
        } catch (IOException refused) {
            throw new UserException(
                    option + " " + file + ": the folder " + folder + " takes no files (" + OneLine.of(refused) + ")",
                    refused);
        }
    }
}
