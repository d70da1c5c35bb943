package dev.cleave.gateway.model;

import dev.cleave.gateway.trial.GraphMemory;

/**
 * What graphs of plain models may take of the heap, apart for what keeps a model waiting and for what is built in the background: a build holds
 * its graph for minutes, and no load waits for that.
 */
record HeapShares(GraphMemory loading, GraphMemory building) {
    /** Together three quarters of the heap. */
    static HeapShares usual() {
        return new HeapShares(GraphMemory.ofHeap(2), GraphMemory.ofHeap(4));
    }
}
