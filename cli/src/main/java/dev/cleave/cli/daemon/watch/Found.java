package dev.cleave.cli.daemon.watch;

import java.util.Comparator;

/**
 * A file as a listing of the folder shows it.
 *
 * @param modifiedMillis of the file system's clock
 */
record Found(String name, long bytes, long modifiedMillis) {
    /** By the time of the last change, then by name. */
    static final Comparator<Found> OLDEST_FIRST =
            Comparator.comparingLong(Found::modifiedMillis).thenComparing(Found::name);
}
