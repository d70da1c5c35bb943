package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One {@code cleave} command in a JVM of its own, with the class path of this test. Owns the process: {@link #close} kills
 * it if it still runs.
 */
final class CleaveProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 60;

    /** No process lives longer, so nobody reads from one for ever. */
    private static final Executor AT_ITS_END = CompletableFuture.delayedExecutor(3, TimeUnit.MINUTES);

    /** For the end of a JVM whose test hung and closed nothing. */
    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final Path errors;
    private final BufferedReader out;

    private CleaveProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts {@code cleave} with these arguments; its standard error is kept in a new file of the folder. */
    static CleaveProcess start(Path folder, List<String> arguments) throws IOException {
        CleaveProcess started = startToBeAsked(folder, arguments);
        started.endInput();
        return started;
    }

    /** The same with standard input left open, for {@link #ask}. */
    static CleaveProcess startToBeAsked(Path folder, List<String> arguments) throws IOException {
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
        RUNNING.add(process);
        AT_ITS_END.execute(process::destroyForcibly);
        return new CleaveProcess(process, errors);
    }

    /** Surefire starts a JVM with a jar that only refers to the class path, and tells the real one here. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Writes a line to its standard input. */
    void ask(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
    }

    void endInput() throws IOException {
        process.getOutputStream().close();
    }

    /** The next line on its standard output, which is a JSON object. */
    JsonNode answer() throws IOException {
        return JSON.readTree(line());
    }

    /** The one JSON document on its standard output, as soon as it is whole. */
    JsonNode document() throws IOException {
        return require(JSON.createParser(out).readValueAsTree());
    }

    /** The next line on its standard output. */
    String line() throws IOException {
        return require(out.readLine());
    }

    private <T> T require(T said) throws IOException {
        if (said == null) {
            throw new AssertionError("nothing on standard output; standard error says: " + errors());
        }
        return said;
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

    /** Processes that it has started and that still run. */
    List<ProcessHandle> children() {
        return process.children().toList();
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
            RUNNING.remove(process);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
