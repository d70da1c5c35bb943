package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One {@code cleave} command in a JVM of its own, with the class path of this test. Owns the process: {@link #close} kills
 * it if it still runs.
 */
final class CleaveProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path errors;
    private final JsonParser out;

    private CleaveProcess(Process process, Path errors) throws IOException {
        this.process = process;
        this.errors = errors;
        this.out = JSON.createParser(process.getInputStream());
    }

    /** Starts {@code cleave} with these arguments; its standard error is kept in a new file of the folder. */
    static CleaveProcess start(Path folder, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:-UsePerfData",
                "-Djava.awt.headless=true",
                "dev.cleave.cli.Cleave"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        // In the environment, not on the command line, which ONNX Runtime does not like to be long.
        builder.environment().put("CLASSPATH", classPath());
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        Path errors = Files.createTempFile(folder, "cleave-", ".stderr");
        Process process = builder.redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        return new CleaveProcess(process, errors);
    }

    /** Surefire starts a JVM with a jar that only refers to the class path, and tells the real one here. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** The next JSON document on its standard output; fails with what it said on standard error if there is none. */
    JsonNode document() throws IOException {
        JsonNode document = out.readValueAsTree();
        if (document == null) {
            throw new AssertionError("no JSON document on standard output; standard error says: " + errors());
        }
        return document;
    }

    /** All that it wrote to standard error so far. */
    String errors() throws IOException {
        return Files.readString(errors, StandardCharsets.UTF_8);
    }

    /** Waits until it ends by itself. */
    int awaitExit() throws IOException, InterruptedException {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("process has ended; standard error says: %s", errors())
                .isTrue();
        return process.exitValue();
    }

    /** SIGTERM. */
    void terminate() {
        process.destroy();
    }

    /** SIGKILL, and waits until it is gone. */
    @Override
    public void close() {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
