package dev.cleave.gateway.trial;

import dev.cleave.tensor.Tensor;
import java.util.Collection;

/**
 * What a run was seen to take of the machine's memory beside the model itself: inputs, outputs and all between. Rather too high: what an
 * engine sets aside once, however many rows come, is in it, and arenas grow in large steps.
 *
 * @param rows of the run
 * @param inputBytes of its inputs
 * @param bytes by which the process grew; 0: nothing is known
 */
public record RunMemory(int rows, long inputBytes, long bytes) {
    /** Of a model that was not watched. */
    public static final RunMemory UNKNOWN = new RunMemory(0, 0, 0);

    public RunMemory {
        if (rows < 0 || inputBytes < 0 || bytes < 0 || bytes > 0 && (rows == 0 || inputBytes == 0)) {
            throw new IllegalArgumentException("a run of " + rows + " rows of " + inputBytes + " bytes that took "
                    + bytes + "; expected rows and bytes of a run");
        }
    }

    /** @param grown bytes by which the process grew; 0 if nobody said */
    static RunMemory of(int rows, Collection<Tensor> inputs, long grown) {
        long bytes = inputs.stream().mapToLong(Tensor::bytes).sum();
        return grown > 0 && bytes > 0 ? new RunMemory(rows, bytes, grown) : UNKNOWN;
    }

    public boolean isKnown() {
        return bytes > 0;
    }

    /** For each row; rounded up. */
    public long rowBytes() {
        return rows == 0 ? 0 : (bytes + rows - 1) / rows;
    }

    /** How many rows a run may have that is to take so much; at least one, as many as you like where nothing is known. */
    public int rowsWithin(long memory) {
        return isKnown() ? (int) Math.max(1, Math.min(Integer.MAX_VALUE, memory / rowBytes())) : Integer.MAX_VALUE;
    }

    /** How large inputs may be of a run that is to take so much, if what it takes grows as they do; at least a byte. */
    public long inputsWithin(long memory) {
        return isKnown() ? (long) Math.max(1, (double) memory / bytes * inputBytes) : Long.MAX_VALUE;
    }
}
