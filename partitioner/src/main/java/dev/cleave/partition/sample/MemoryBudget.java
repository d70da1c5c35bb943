package dev.cleave.partition.sample;

import dev.cleave.tensor.Tensor;
import java.util.Collection;

/**
 * How much memory may be spent on keeping what could be made again. Whoever keeps something takes its bytes first, and
 * makes it again where there are none left; so a budget changes how long a job takes and nothing else. One thread.
 */
public final class MemoryBudget {
    /** Of the JVM's limit, which holds for the heap and for direct buffers alike. */
    private static final int SHARE = 4;

    private long left;

    private MemoryBudget(long bytes) {
        this.left = bytes;
    }

    public static MemoryBudget ofBytes(long bytes) {
        return new MemoryBudget(bytes);
    }

    /** A quarter of what the JVM may use. */
    public static MemoryBudget ofJvm() {
        return new MemoryBudget(Runtime.getRuntime().maxMemory() / SHARE);
    }

    /** Takes these bytes if they are there. */
    public boolean take(long bytes) {
        boolean granted = bytes <= left;
        left -= granted ? bytes : 0;
        return granted;
    }

    /** Gives back what was taken. */
    public void give(long bytes) {
        left += bytes;
    }

    /** Bytes of tensors; one that is there twice counts twice. */
    public static long bytes(Collection<Tensor> tensors) {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }
}
