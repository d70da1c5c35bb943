package dev.cleave.gateway.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/**
 * In which order files were used, kept in their modification times across restarts. An order and no time: whatever is used is later than all others
 * are, so that no clock is asked, and one that jumps makes nothing older than what was used before it.
 */
public final class UseOrder {
    /** File systems that know less than a second are no place for this. */
    private static final Duration STEP = Duration.ofSeconds(1);
    /** Nothing is put behind what claims to be from later, for few file systems can. */
    private static final long LATEST_MILLIS =
            Instant.parse("2200-01-01T00:00:00Z").toEpochMilli();

    private UseOrder() {}

    /**
     * A file is used now.
     *
     * @param all those that it is compared with, itself or not; some may be gone
     */
    public static void markLast(Path file, Collection<Path> all) throws IOException {
        long newest = Long.MIN_VALUE;
        for (Path other : all) {
            if (!other.equals(file)) {
                newest = Math.max(newest, millis(other));
            }
        }
        if (millis(file) <= newest) {
            long next = Math.min(newest, LATEST_MILLIS) + STEP.toMillis();
            Files.setLastModifiedTime(file, FileTime.fromMillis(next));
        }
    }

    private static long millis(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toMillis();
        } catch (NoSuchFileException gone) {
            return Long.MIN_VALUE;
        }
    }
}
