package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.VersionPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * All that the next step depends on, as it is at one moment. Immutable.
 *
 * @param policy by a model's name
 * @param labelled versions that labels point to, by model
 * @param files on disk, as the last look found them
 * @param held versions that are on their way into memory, in it, or on their way out
 * @param budget bytes that all of {@code held} may take; {@link Long#MAX_VALUE} for no bound
 * @param keepNanos time for which open streams keep a version that is not wanted any more
 * @param reconnectNanos time for which it is kept without streams, if that is less
 */
record Situation(
        LoadMode mode,
        Function<String, VersionPolicy> policy,
        Map<String, Set<String>> labelled,
        List<OnDisk> files,
        List<Held> held,
        long budget,
        long keepNanos,
        long reconnectNanos) {
    Situation {
        files = List.copyOf(files);
        held = List.copyOf(held);
    }

    /** What is known against a file. */
    enum Trouble {
        NONE,
        /** Cannot be served as it is; it has to change. */
        FAILED,
        /** Did not fit; {@link OnDisk#need} says how much it needs. */
        NO_ROOM
    }

    /**
     * A file.
     *
     * @param model empty if that is not known yet
     * @param version empty if that is not known yet
     * @param number from its folder, 0 for a file in the models directory itself
     * @param stem by which a file whose model is not known may be meant
     * @param settled whether it stood still between two looks
     * @param asked whether an operator wants it loaded
     * @param heldBack whether an operator wants it not loaded
     * @param need bytes that it is known to need; 0 if that is not known yet
     */
    record OnDisk(
            String path,
            String model,
            String version,
            long number,
            String stem,
            boolean settled,
            boolean asked,
            boolean heldBack,
            Trouble trouble,
            long need) {}

    /** Where a held version is on its way. */
    enum Phase {
        /** Being copied and checked; takes no memory that counts. */
        READING,
        /** Read; waits for room. */
        READ,
        LOADING,
        READY,
        DRAINING
    }

    /**
     * A version that is held.
     *
     * @param path of the file that it came from
     * @param current whether that file is still there as it was
     * @param bytes that are counted for it; of one that is READ what it will need
     * @param busy whether requests wait or run
     * @param pinned whether an operator asked for it
     * @param unloading whether an operator asked to be rid of it
     * @param forced whether that goes for its open streams, too
     * @param outdatedNanos for how long it has not been wanted
     * @param unusedNanos for how long it has had no stream; {@link Long#MAX_VALUE} if it never had one
     */
    record Held(
            int id,
            String path,
            boolean current,
            Phase phase,
            String model,
            String version,
            long bytes,
            int streams,
            boolean busy,
            boolean pinned,
            boolean unloading,
            boolean forced,
            long outdatedNanos,
            long unusedNanos) {
        /** Whether it takes memory. */
        boolean counts() {
            return phase == Phase.LOADING || phase == Phase.READY || phase == Phase.DRAINING;
        }
    }

    /** The same with these held. */
    Situation with(List<Held> others) {
        return new Situation(mode, policy, labelled, files, others, budget, keepNanos, reconnectNanos);
    }

    /** Bytes that are taken. */
    long used() {
        return held.stream().filter(Held::counts).mapToLong(Held::bytes).sum();
    }

    boolean isLabelled(String model, String version) {
        return labelled.getOrDefault(model, Set.of()).contains(version);
    }
}
