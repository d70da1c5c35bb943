package dev.cleave.cli.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How this program starts another one of itself. */
public final class Launch {
    private static final String MAIN = "dev.cleave.cli.Cleave";

    private Launch() {}

    /** A verb in a JVM like this one; the class path goes by the environment, where its length does not matter. */
    public static ProcessBuilder verb(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xlog:disable",
                "-Xlog:all=warning:stderr",
                "-XX:-UsePerfData",
                "-Djava.awt.headless=true",
                "-Dcleave.stdout.terminal=false",
                "-Dcleave.stderr.terminal=false"));
        command.add(MAIN);
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        return builder;
    }
}
