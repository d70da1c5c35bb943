package dev.cleave.gateway.repository;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process has in memory now, as Linux counts it. */
final class ResidentMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String KEY = "VmRSS:";

    private ResidentMemory() {}

    /** Bytes, native ones and mapped files included; -1 where nobody says. */
    static long bytes() {
        try {
            for (String line : Files.readAllLines(STATUS, StandardCharsets.US_ASCII)) {
                if (line.startsWith(KEY)) {
                    String kilobytes =
                            line.substring(KEY.length()).replace("kB", "").strip();
                    return Long.parseLong(kilobytes) << 10;
                }
            }
        } catch (IOException | NumberFormatException e) {
            return -1; // Not Linux: estimates stay as they are.
        }
        return -1;
    }
}
