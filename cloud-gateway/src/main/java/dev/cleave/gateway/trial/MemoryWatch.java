package dev.cleave.gateway.trial;

/** Tells by how much this process has grown. One thread. */
interface MemoryWatch {
    /** For a process that does other things as well, of which nothing can be told. */
    MemoryWatch NONE = new MemoryWatch() {
        @Override
        public void begin() {}

        @Override
        public long grown() {
            return 0;
        }
    };

    /** From here on. */
    void begin();

    /** Bytes by which this process had grown at its largest since {@link #begin}; 0 where nobody says. */
    long grown();
}
