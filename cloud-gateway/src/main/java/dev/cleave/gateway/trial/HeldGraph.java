package dev.cleave.gateway.trial;

import dev.cleave.engine.GraphSource;

/** A plain model's graph in the heap, to make a session of. Holds its room there until closed; not thread-safe. */
public final class HeldGraph implements AutoCloseable {
    private final GraphSource source;
    private final GraphMemory memory;
    private boolean closed;

    /** @param memory in which as many bytes were taken as the graph has */
    HeldGraph(GraphSource source, GraphMemory memory) {
        this.source = source;
        this.memory = memory;
    }

    /** Not to be kept beyond this. */
    public GraphSource source() {
        return source;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            memory.release(source.graph().length);
        }
    }
}
