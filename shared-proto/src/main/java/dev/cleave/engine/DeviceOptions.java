package dev.cleave.engine;

import java.nio.file.Path;

/**
 * Which of a provider's devices a graph runs on, what it may take of it, and what is known of the runs to come. Of no meaning
 * on the CPU. Immutable; {@link #first()} and the {@code with} methods make variants.
 *
 * @param index of the device, from 0, as the provider counts
 * @param memoryBytes of the device that one session may take; 0: no bound
 * @param halves whether the provider may compute in 16-bit floats what the graph has in 32
 * @param usualRows rows, along axis 0, of the runs that are to be the fastest
 * @param maxRows most rows of a run; 0: not known
 * @param compiled folder of this session's own, in which a provider that compiles graphs finds what it compiled before, and
 *     leaves what it compiles; null: nowhere. There as long as the session
 */
public record DeviceOptions(int index, long memoryBytes, boolean halves, int usualRows, int maxRows, Path compiled) {
    private static final DeviceOptions FIRST = new DeviceOptions(0, 0, false, 0, 0, null);

    public DeviceOptions {
        if (index < 0 || memoryBytes < 0) {
            throw new IllegalArgumentException(
                    "device " + index + " with " + memoryBytes + " bytes; expected 0 or more of both");
        }
        if (usualRows < 0 || usualRows > maxRows) {
            throw new IllegalArgumentException(
                    "device for usually " + usualRows + " rows; expected at most the " + maxRows + " there may be");
        }
    }

    /** All of the first device, for runs of any size. */
    public static DeviceOptions first() {
        return FIRST;
    }

    public DeviceOptions withIndex(int value) {
        return new DeviceOptions(value, memoryBytes, halves, usualRows, maxRows, compiled);
    }

    public DeviceOptions withMemoryBytes(long value) {
        return new DeviceOptions(index, value, halves, usualRows, maxRows, compiled);
    }

    public DeviceOptions withHalves(boolean value) {
        return new DeviceOptions(index, memoryBytes, value, usualRows, maxRows, compiled);
    }

    public DeviceOptions withRows(int usual, int most) {
        return new DeviceOptions(index, memoryBytes, halves, usual, most, compiled);
    }

    public DeviceOptions withCompiled(Path value) {
        return new DeviceOptions(index, memoryBytes, halves, usualRows, maxRows, value);
    }
}
