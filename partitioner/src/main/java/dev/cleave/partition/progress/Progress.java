package dev.cleave.partition.progress;

import java.time.Duration;

/** Hears how far a long job is. Called from the job's own thread. */
public interface Progress {
    /** Nobody listens. */
    Progress NONE = new Progress() {
        @Override
        public void begin(String what, long steps) {}

        @Override
        public void step() {}
    };

    /** A new part of the job starts; the one before is over. */
    void begin(String what, long steps);

    void step();

    /** What the job will write, once that is known. */
    default void expectBytes(long bytes) {}

    /** How long the rest of the job is likely to take, once that can be told; called when all inputs have been read. */
    default void expectTime(Duration rest) {}
}
