package dev.cleave.cli.daemon.watch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which files of a folder are whole: those whose size and time have stayed the same for a while. Java is not
 * told when a writer closes a file, so nothing better is known of one that is written in place; where files are renamed
 * into the folder the while can be 0. Pure; not thread-safe. Remembers what the last listing showed and no more.
 */
final class Settling {
    private record Seen(Found file, long sinceNanos) {}

    private final long settleNanos;
    private Map<String, Seen> seen = new HashMap<>();

    Settling(long settleNanos) {
        this.settleNanos = settleNanos;
    }

    /**
     * Takes a new listing.
     *
     * @return the files that are whole, in the listing's order
     */
    List<Found> whole(List<Found> listing, long nowNanos) {
        Map<String, Seen> still = new HashMap<>();
        List<Found> whole = new ArrayList<>();
        for (Found file : listing) {
            Seen before = seen.get(file.name());
            Seen now = before != null && before.file.equals(file) ? before : new Seen(file, nowNanos);
            still.put(file.name(), now);
            if (nowNanos - now.sinceNanos >= settleNanos) {
                whole.add(file);
            }
        }
        seen = still;
        return whole;
    }
}
