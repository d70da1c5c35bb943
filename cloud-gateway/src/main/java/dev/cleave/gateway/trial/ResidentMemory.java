package dev.cleave.gateway.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process has in memory now, as Linux counts it. */
public final class ResidentMemory {
    private static final String KEY = "VmRSS:";

    private ResidentMemory() {}

    /** Bytes of this process, native ones and mapped files included; -1 where nobody says. */
    public static long bytes() {
        return bytes(Path.of("/proc/self/status"));
    }

    /** The same of another process; -1 if it has ended, too. */
    static long bytes(long pid) {
        return bytes(Path.of("/proc/" + pid + "/status"));
    }

    private static long bytes(Path status) {
        try {
            for (String line : Files.readAllLines(status, StandardCharsets.US_ASCII)) {
                if (line.startsWith(KEY)) {
                    String kilobytes =
                            line.substring(KEY.length()).replace("kB", "").strip();
                    return Long.parseLong(kilobytes) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return -1; // Not Linux, or gone.
        }
        return -1;
    }
}
