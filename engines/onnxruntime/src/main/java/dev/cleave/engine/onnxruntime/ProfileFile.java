package dev.cleave.engine.onnxruntime;

import com.google.gson.stream.JsonReader;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.OperatorTime;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The file in which ONNX Runtime writes down a session's runs when the session ends. Owns a temporary folder; one
 * thread.
 */
final class ProfileFile implements AutoCloseable {
    private final String label;
    private final Path folder;

    private ProfileFile(String label, Path folder) {
        this.label = label;
        this.folder = folder;
    }

    static ProfileFile create(String label) throws EngineException {
        try {
            return new ProfileFile(label, Files.createTempDirectory("cleave-profile"));
        } catch (IOException refused) {
            throw new EngineException(
                    label + ": no temporary folder for a profile: " + OneLine.of(refused.toString()), refused);
        }
    }

    /** What the file's name is to begin with; the rest is up to ONNX Runtime. */
    Path prefix() {
        return folder.resolve("run");
    }

    /**
     * The operators of each run.
     *
     * @param skipped runs at the beginning that do not count
     * @param wanted runs after these
     * @throws EngineException if there are fewer, or the file is not what was expected
     */
    List<List<OperatorTime>> read(int skipped, int wanted) throws EngineException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder);
                Reader text = Files.newBufferedReader(files.iterator().next(), StandardCharsets.UTF_8)) {
            List<List<OperatorTime>> runs = ProfileEvents.read(new JsonReader(text));
            if (runs.size() != skipped + wanted) {
                throw new EngineException(label + ": ONNX Runtime's profile holds " + runs.size() + " runs; expected "
                        + (skipped + wanted));
            }
            return runs.subList(skipped, runs.size());
        } catch (IOException | RuntimeException unreadable) {
            throw new EngineException(
                    label + ": ONNX Runtime's profile is not readable: " + OneLine.of(unreadable.toString()),
                    unreadable);
        }
    }

    @Override
    public void close() throws EngineException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException refused) {
            throw new EngineException(
                    label + ": the profile in " + folder + " cannot be deleted: " + OneLine.of(refused.toString()),
                    refused);
        }
    }
}
