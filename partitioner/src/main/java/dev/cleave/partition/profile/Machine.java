package dev.cleave.partition.profile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The machine that something was measured on, as it calls itself.
 *
 * @param name host name; empty where it has none
 * @param os operating system and its version
 * @param architecture of the processor, {@code amd64} say
 * @param cpu the processor's model; empty where it cannot be found out
 * @param cores that the process may use
 */
public record Machine(String name, String os, String architecture, String cpu, int cores) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final Path DEVICE_TREE = Path.of("/proc/device-tree/model");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

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
                        cpuModel(text(CPU_INFO).lines().toList()),
                        text(DEVICE_TREE),
                        environment.get("PROCESSOR_IDENTIFIER")),
                Runtime.getRuntime().availableProcessors());
    }

    /** The model's name among the lines of Linux's {@code cpuinfo}; empty if there is none, as on many ARM boards. */
    static String cpuModel(List<String> cpuInfo) {
        for (String key : List.of("model name", "Model", "Hardware")) {
            for (String line : cpuInfo) {
                int colon = line.indexOf(':');
                if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
                    return line.substring(colon + 1).strip();
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
        return Stream.of(found)
                .filter(Objects::nonNull)
                .filter(text -> !text.isBlank())
                .findFirst()
                .orElse("");
    }

    /** A small text file without what ends it; empty if it cannot be read. */
    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .replace("\0", "")
                    .strip();
        } catch (IOException elsewhere) {
            return "";
        }
    }
}
