package dev.cleave.benchmarks.process;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What memory a process has, as Linux and its JVM see it. */
public final class ProcessMemory {
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final int KIB = 1024;
    private static final Duration STILL = Duration.ofMillis(50);
    private static final Duration MOST_WAIT = Duration.ofSeconds(2);

    private ProcessMemory() {}

    /** Bytes of a process that are in memory, whoever allocated them: heap, buffers, native libraries. */
    public static long residentBytes(long processId) throws IOException {
        Path status = Path.of("/proc/" + processId + "/status");
        if (!Files.exists(status)) {
            throw new UserException(status + " is absent; expected Linux, and process " + processId + " to run");
        }
        Matcher line = RESIDENT.matcher(Files.readString(status));
        if (!line.find()) {
            throw new UserException(status + " has no VmRSS");
        }
        return Long.parseLong(line.group(1)) * KIB;
    }

    /** {@link #residentBytes(long)} of this process. */
    public static long residentBytes() throws IOException {
        return residentBytes(ProcessHandle.current().pid());
    }

    /** Bytes of this process' heap that are in use once what is garbage is collected. */
    public static long liveHeapBytes() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /**
     * Bytes of this process' direct buffers that the JVM counts, those that nobody uses any more included: their memory goes
     * back some time after a collection of garbage has found them.
     */
    public static long directBytes() {
        return direct().getMemoryUsed();
    }

    /**
     * The same without those. Collects garbage, then waits until the JVM's thread that gives the memory back has nothing left to
     * give: the buffers have stayed as many for a while.
     */
    public static long liveDirectBytes() throws InterruptedException {
        System.gc();
        long end = System.nanoTime() + MOST_WAIT.toNanos();
        long before = Long.MAX_VALUE;
        long count = direct().getCount();
        while (count < before && System.nanoTime() - end < 0) {
            Thread.sleep(STILL.toMillis());
            before = count;
            count = direct().getCount();
        }
        return directBytes();
    }

    private static BufferPoolMXBean direct() {
        List<BufferPoolMXBean> pools = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
        return pools.stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
    }

    /** Has another JVM collect its garbage. */
    public static void collect(long processId) throws IOException, InterruptedException {
        Jcmd.run(processId, "GC.run");
    }
}
