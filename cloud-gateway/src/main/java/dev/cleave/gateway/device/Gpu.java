package dev.cleave.gateway.device;

/**
 * A GPU as the driver knows it.
 *
 * @param index as the driver counts, which need not be as CUDA does
 * @param uuid {@code GPU-..}
 * @param computeCapability {@code 9.0}, say; what compiled code is for
 * @param memoryBytes all it has
 */
public record Gpu(int index, String uuid, String name, String computeCapability, String driver, long memoryBytes) {}
