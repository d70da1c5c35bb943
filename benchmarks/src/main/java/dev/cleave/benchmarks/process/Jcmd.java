package dev.cleave.benchmarks.process;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The JDK's {@code jcmd}: diagnostic commands to a JVM of this machine. */
final class Jcmd {
    private Jcmd() {}

    /** What it printed. */
    static String run(long processId, String... command) throws IOException, InterruptedException {
        Stream<String> program = Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(processId));
        List<String> all = Stream.concat(program, Stream.of(command)).toList();
        ProcessBuilder builder = new ProcessBuilder(all).redirectErrorStream(true);
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process jcmd = builder.start();
        String printed = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new UserException("jcmd " + processId + " " + String.join(" ", command) + " ended with "
                    + jcmd.exitValue() + ": " + printed.lines().findFirst().orElse("it said nothing")
                    + "; expected 0");
        }
        return printed;
    }
}
