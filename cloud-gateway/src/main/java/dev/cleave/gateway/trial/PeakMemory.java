package dev.cleave.gateway.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of a process that does nothing else, as Linux counts it. The peak that the system keeps is that of the process's whole life,
 * loading included, so it is set back first (proc(5), {@code clear_refs}); where that is not allowed, what is resident at the end
 * counts, which is little less: engines keep what they took.
 */
final class PeakMemory implements MemoryWatch {
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final String PEAK = "5";

    private boolean fromHere;
    private long before = -1;

    @Override
    public void begin() {
        fromHere = isSetBack();
        before = ResidentMemory.bytes();
    }

    private static boolean isSetBack() {
        try {
            Files.writeString(CLEAR, PEAK, StandardCharsets.US_ASCII);
            return true;
        } catch (IOException | SecurityException refused) {
            return false;
        }
    }

    @Override
    public long grown() {
        long now = fromHere ? ResidentMemory.peakBytes() : ResidentMemory.bytes();
        return before < 0 ? 0 : Math.max(0, now - before);
    }
}
