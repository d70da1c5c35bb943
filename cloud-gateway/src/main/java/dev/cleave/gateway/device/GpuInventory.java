package dev.cleave.gateway.device;

import java.util.List;

/** Tells which GPUs the machine has. */
@FunctionalInterface
public interface GpuInventory {
    /** GPUs in the driver's order; empty where there is none, or nothing that could tell. Takes a few seconds at most. */
    List<Gpu> gpus();
}
