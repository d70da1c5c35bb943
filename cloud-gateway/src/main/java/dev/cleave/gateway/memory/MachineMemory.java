package dev.cleave.gateway.memory;

import java.lang.management.ManagementFactory;

/** The memory that this process may use. */
public final class MachineMemory {
    private MachineMemory() {}

    /** Bytes of the machine, or of the container where that has less. */
    public static long bytes() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }
}
