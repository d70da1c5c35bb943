package dev.cleave.gateway.device;

/**
 * What code that is compiled for a GPU depends on; the same of two equal cards of a machine.
 *
 * @param name of the card; of a MIG instance its id as well, as instances of a card differ in size
 * @param computeCapability {@code 9.0}, say
 */
public record GpuKind(String name, String computeCapability, String driver) {}
