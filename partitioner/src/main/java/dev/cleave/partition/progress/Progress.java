package dev.cleave.partition.progress;

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
}
