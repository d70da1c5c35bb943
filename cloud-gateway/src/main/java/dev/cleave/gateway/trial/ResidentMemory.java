package dev.cleave.gateway.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process has in memory now, as Linux counts it. */
public final class ResidentMemory {
    private static final String NOW = "VmRSS:";
    private static final String PEAK = "VmHWM:";
    private static final Path SELF = Path.of("/proc/self/status");

    private ResidentMemory() {}

    /** Bytes of this process, native ones and mapped files included; -1 where nobody says. */
    public static long bytes() {
        return bytes(SELF, NOW);
    }

    /** The most that this process ever had, or has had since that was set back; -1 where nobody says. */
    static long peakBytes() {
        return bytes(SELF, PEAK);
    }

    /** What another process has now; -1 if it has ended, too. */
    static long bytes(long pid) {
        return bytes(Path.of("/proc/" + pid + "/status"), NOW);
    }

    private static long bytes(Path status, String key) {
        try {
            for (String line : Files.readAllLines(status, StandardCharsets.US_ASCII)) {
                if (line.startsWith(key)) {
                    String kilobytes =
                            line.substring(key.length()).replace("kB", "").strip();
                    return Long.parseLong(kilobytes) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return -1; // Not Linux, or gone.
        }
        return -1;
    }
}
