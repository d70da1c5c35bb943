package dev.cleave.gateway.trial;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How the gateway starts a JVM like its own for a trial: the same {@code java} and class path, a heap for one model, nothing
 * of its arguments, and of its environment only what finds libraries and devices. Neither agents nor debuggers come along, no file
 * that is open, no port.
 */
final class ChildCommand {
    private static final long LEAST_HEAP = 96L << 20;
    private static final int GRAPH_COPIES = 3;
    private static final Set<String> ENVIRONMENT = Set.of(
            "PATH",
            "HOME",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
            "LD_LIBRARY_PATH",
            "DYLD_LIBRARY_PATH",
            "CUDA_VISIBLE_DEVICES",
            "CUDA_DEVICE_ORDER");
    /** Where native libraries lie. */
    private static final String LIBRARY_PATH = "java.library.path";

    private static final String ENGINE_PROPERTIES = "onnxruntime.";

    private ChildCommand() {}

    /**
     * @param graphBytes that it reads into its heap
     * @param memoryBytes that it may take in all
     * @param scratch its temporary folder
     */
    static ProcessBuilder of(long graphBytes, long memoryBytes, Path scratch) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-Xmx" + (LEAST_HEAP + GRAPH_COPIES * graphBytes),
                "-XX:MaxDirectMemorySize=" + memoryBytes,
                "-XX:+IgnoreUnrecognizedVMOptions",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:+DisplayVMOutputToStderr",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=/dev/null",
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + scratch));
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.equals(LIBRARY_PATH) || name.startsWith(ENGINE_PROPERTIES)) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.add(TrialChild.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().retainAll(ENVIRONMENT);
        builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
        // Not an argument: ONNX Runtime 1.29 does not take long command lines.
        builder.environment().put("CLASSPATH", classPath());
        return builder;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static String classPath() throws IOException {
        String path = System.getProperty("java.class.path", "");
        if (path.isEmpty()) {
            throw new IOException("this JVM has no class path for another one; expected one, or tryModels none");
        }
        List<String> entries = new ArrayList<>();
        for (String entry : path.split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}
