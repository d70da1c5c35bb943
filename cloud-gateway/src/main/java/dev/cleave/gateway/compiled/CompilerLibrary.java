package dev.cleave.gateway.compiled;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which version of TensorRT the machine has, by the name of its library's file: nothing in Java tells it. TensorRT refuses code of
 * another version by itself; this only keeps it from being asked.
 */
public final class CompilerLibrary {
    private static final String NAME = "libnvinfer.so.10";
    private static final Pattern VERSION = Pattern.compile("libnvinfer\\.so\\.(\\d+(\\.\\d+)+)");
    private static final List<String> USUAL = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib64",
            "/usr/lib",
            "/usr/local/lib",
            "/usr/local/tensorrt/lib");

    private CompilerLibrary() {}

    /** Folders in which the system's loader looks, {@code LD_LIBRARY_PATH} first. */
    public static List<Path> folders(Map<String, String> environment) {
        List<Path> folders = new ArrayList<>();
        for (String folder : environment.getOrDefault("LD_LIBRARY_PATH", "").split(":")) {
            if (!folder.isEmpty()) {
                folders.add(Path.of(folder));
            }
        }
        USUAL.forEach(folder -> folders.add(Path.of(folder)));
        return folders;
    }

    /** The version of the first library found; empty if there is none, or its file is not named after its version. */
    public static String version(List<Path> folders) {
        for (Path folder : folders) {
            Path library = folder.resolve(NAME);
            if (Files.exists(library)) {
                try {
                    Matcher name =
                            VERSION.matcher(library.toRealPath().getFileName().toString());
                    return name.matches() && !name.group(1).equals("10") ? name.group(1) : "";
                } catch (IOException unreadable) {
                    return "";
                }
            }
        }
        return "";
    }
}
