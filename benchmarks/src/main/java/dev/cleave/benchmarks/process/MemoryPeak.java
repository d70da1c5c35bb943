package dev.cleave.benchmarks.process;

import java.io.IOException;

/**
 * The most memory that this process has had in use, beyond what it had when this began. Looks several times a second, on a thread of its
 * own: collects garbage, waits until direct buffers that nobody uses have been given back, then takes what is resident beside the
 * heap, whose size is fixed, and what lives in it. What those dead buffers came to, and would until the JVM collects by itself,
 * is kept apart.
 */
public final class MemoryPeak implements AutoCloseable {
    private static final long PAUSE_MILLIS = 250;

    private final Thread thread;
    private final long heapBefore;
    private final long residentBefore;
    private volatile boolean ended;
    private volatile Exception failure;
    private volatile long mostHeap;
    private volatile long mostResident;
    private volatile long mostDead;

    public MemoryPeak() throws IOException, InterruptedException {
        ProcessMemory.liveDirectBytes();
        heapBefore = ProcessMemory.liveHeapBytes();
        residentBefore = ProcessMemory.residentBytes();
        mostHeap = heapBefore;
        mostResident = residentBefore;
        thread = new Thread(this::watch, "memory-peak");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (!ended) {
                Thread.sleep(PAUSE_MILLIS);
                long direct = ProcessMemory.directBytes();
                mostDead = Math.max(mostDead, direct - ProcessMemory.liveDirectBytes());
                mostResident = Math.max(mostResident, ProcessMemory.residentBytes());
                mostHeap = Math.max(mostHeap, ProcessMemory.liveHeapBytes());
            }
        } catch (IOException | InterruptedException e) {
            failure = e;
        }
    }

    /** Heap and all else, at their highest. Not before it is closed. */
    public long grownBytes() {
        return mostResident - residentBefore + grownHeapBytes();
    }

    /** Of that, what lives in the heap. */
    public long grownHeapBytes() {
        return mostHeap - heapBefore;
    }

    /** The most in direct buffers that nobody used any more, not counted in {@link #grownBytes}. */
    public long deadBytes() {
        return mostDead;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = e;
        }
        if (failure != null) {
            throw new IOException("memory was not looked at to the end", failure);
        }
    }
}
