package dev.cleave.benchmarks.process;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A main class in a JVM of its own, with this one's class path. Owns the process. */
public final class JavaChild implements AutoCloseable {
    private final String name;
    private final Path log;
    private final Process process;

    private JavaChild(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    /**
     * Starts one.
     *
     * @param log where its standard error goes
     * @param options of the JVM
     */
    public static JavaChild start(Path log, List<String> options, Class<?> main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add(main.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return new JavaChild(main.getSimpleName(), log, builder.start());
    }

    /** Waits for its end, and returns what it printed. */
    public String finish() throws IOException, InterruptedException {
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            List<String> said = Files.readAllLines(log);
            throw new UserException(name + " ended with " + process.exitValue() + ": "
                    + (said.isEmpty() ? "it said nothing" : said.get(0)));
        }
        return printed;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
