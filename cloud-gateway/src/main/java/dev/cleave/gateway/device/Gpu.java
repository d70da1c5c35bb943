package dev.cleave.gateway.device;

import java.util.List;

/**
 * A GPU as the driver knows it.
 *
 * @param index as the driver counts, which need not be as CUDA does
 * @param uuid {@code GPU-..}
 * @param computeCapability {@code 9.0}, say; what compiled code is for
 * @param memoryBytes all it has
 * @param isDivided whether it is used in MIG instances, of which CUDA shows a process one
 * @param instances ids of those that this process may see, in the driver's order; empty where it is not divided, or nothing tells
 */
public record Gpu(
        int index,
        String uuid,
        String name,
        String computeCapability,
        String driver,
        long memoryBytes,
        boolean isDivided,
        List<String> instances) {
    public Gpu {
        instances = List.copyOf(instances);
    }

    /** One that is used as a whole. */
    public Gpu(int index, String uuid, String name, String computeCapability, String driver, long memoryBytes) {
        this(index, uuid, name, computeCapability, driver, memoryBytes, false, List.of());
    }

    /** The same in MIG instances. */
    Gpu divided(List<String> into) {
        return new Gpu(index, uuid, name, computeCapability, driver, memoryBytes, true, into);
    }
}
