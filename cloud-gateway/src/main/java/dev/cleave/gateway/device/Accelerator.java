package dev.cleave.gateway.device;

/**
 * A device that models are run on.
 *
 * @param name as it was asked for, an index or an id
 * @param index as execution providers count
 */
public record Accelerator(String name, int index) {}
