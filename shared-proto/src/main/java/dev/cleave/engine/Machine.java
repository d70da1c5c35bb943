package dev.cleave.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The machine that engines run on, as it calls itself: what measurements are of.
 *
 * @param name host name; empty where it has none
 * @param os operating system and its version
 * @param architecture of the processor, {@code amd64} say
 * @param cpu the processor's model; empty where it cannot be found out
 * @param cores that the process may use
 */
public record Machine(String name, String os, String architecture, String cpu, int cores) {
    private static final Path CPU_INFO = Paths.get("/proc/cpuinfo");
    private static final Path DEVICE_TREE = Paths.get("/proc/device-tree/model");
    private static final Path HOST_NAME = Paths.get("/proc/sys/kernel/hostname");

    public Machine {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(os, "os");
        Objects.requireNonNull(architecture, "architecture");
        Objects.requireNonNull(cpu, "cpu");
        if (cores < 1) {
            throw new IllegalArgumentException("machine of " + cores + " cores; expected at least 1");
        }
    }

    /** The machine that this runs on. */
    public static Machine local() {
        Map<String, String> environment = System.getenv();
        return new Machine(
                firstOf(text(HOST_NAME), environment.get("COMPUTERNAME"), environment.get("HOSTNAME")),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("os.arch"),
                firstOf(
                        cpuModel(Arrays.asList(text(CPU_INFO).split("\n"))),
                        text(DEVICE_TREE),
                        environment.get("PROCESSOR_IDENTIFIER")),
                Runtime.getRuntime().availableProcessors());
    }

    /** The model's name among the lines of Linux's {@code cpuinfo}; empty if there is none, as on many ARM boards. */
    static String cpuModel(List<String> cpuInfo) {
        for (String key : Arrays.asList("model name", "Model", "Hardware")) {
            for (String line : cpuInfo) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).trim().equals(key)) {
                    return line.substring(colon + 1).trim();
                }
            }
        }
        return "";
    }

    /** For people: {@code pi4, Raspberry Pi 4 Model B, 4 cores}. */
    public String describe() {
        String what = cpu.isEmpty() ? architecture : cpu;
        return (name.isEmpty() ? "" : name + ", ") + what + ", " + cores + (cores == 1 ? " core" : " cores");
    }

    private static String firstOf(String... found) {
        for (String text : found) {
            if (text != null && !text.trim().isEmpty()) {
                return text;
            }
        }
        return "";
    }

    /** A small text file without what ends it; empty if it cannot be read. */
    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .replace("\0", "")
                    .trim();
        } catch (IOException elsewhere) {
            return "";
        }
    }
}
