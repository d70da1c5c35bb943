package dev.cleave.cli.process;

import dev.cleave.cli.failure.UserException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A process beside this one, most of all a {@code cleave} verb in a JVM of its own. Owns the process: closing ends it. */
public final class ChildProcess implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 5;

    private final String name;
    private final Path log;
    private final Process process;
    private final BufferedReader out;

    private ChildProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /**
     * Starts a verb.
     *
     * @param log where its standard error goes
     */
    public static ChildProcess start(Path log, List<String> arguments) throws IOException {
        return start("cleave " + arguments.get(0), log, Launch.verb(arguments));
    }

    /**
     * Starts any program, with nothing to read.
     *
     * @param name in what is said of its failure
     * @param log where its standard error goes
     */
    public static ChildProcess start(String name, Path log, ProcessBuilder program) throws IOException {
        Process process = program.redirectError(log.toFile()).start();
        process.getOutputStream().close();
        return new ChildProcess(name, log, process);
    }

    /** Reads its output up to a line, for a process that goes on after it. */
    public String readUntil(String lastLine) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            text.append(line).append('\n');
            if (line.equals(lastLine)) {
                return text.toString();
            }
        }
        throw failure();
    }

    /** The next line of its output, for a process that goes on after it. */
    public String readLine() throws IOException {
        String line = out.readLine();
        if (line == null) {
            throw failure();
        }
        return line;
    }

    /** Reads its output to the end and waits for it. */
    public List<String> finish() throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            lines.add(line);
        }
        if (process.waitFor() != 0) {
            throw failure();
        }
        return lines;
    }

    /** As the operating system knows it. */
    public long processId() {
        return process.pid();
    }

    private UserException failure() throws IOException {
        List<String> said = Files.readAllLines(log);
        return new UserException(
                name + " ended early: " + (said.isEmpty() ? "it said nothing" : said.get(said.size() - 1)));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
