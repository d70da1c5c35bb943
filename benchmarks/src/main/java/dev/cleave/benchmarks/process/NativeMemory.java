package dev.cleave.benchmarks.process;

import dev.cleave.cli.failure.UserException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Memory that a JVM has had from the system since it was marked, by what for, as its native memory tracking counts it. That is not all of a process: what native libraries allocate by
 * themselves is not in it. The JVM runs with {@code -XX:NativeMemoryTracking=summary}.
 *
 * @param parts by the JVM's names for them, {@link #TOTAL} among them
 */
public record NativeMemory(Map<String, Part> parts) {
    public static final String TOTAL = "Total";

    private static final int KIB = 1024;
    private static final Pattern PART =
            Pattern.compile("(?m)^(?:-\\s+(\\S.*?) \\(|Total: )reserved=\\d+KB(?: [+-]\\d+KB)?, "
                    + "committed=(\\d+)KB(?: ([+-]\\d+)KB)?");

    /**
     * Memory for one thing.
     *
     * @param committed bytes now
     * @param more than when it was marked; may be negative
     */
    public record Part(long committed, long more) {}

    public NativeMemory {
        parts = new LinkedHashMap<>(parts);
    }

    /** Marks what a JVM has now: later looks tell what is more. */
    public static void mark(long processId) throws IOException, InterruptedException {
        requireTracking(processId, Jcmd.run(processId, "VM.native_memory", "baseline"));
    }

    /** A look at a JVM that was marked. */
    public static NativeMemory since(long processId) throws IOException, InterruptedException {
        return parse(requireTracking(processId, Jcmd.run(processId, "VM.native_memory", "summary.diff", "scale=KB")));
    }

    private static String requireTracking(long processId, String printed) {
        if (printed.contains("not enabled")) {
            throw new UserException("process " + processId
                    + " does not track its native memory; expected -XX:NativeMemoryTracking=summary");
        }
        return printed;
    }

    /** Reads what {@code summary.diff} prints in KB. */
    static NativeMemory parse(String printed) {
        Map<String, Part> parts = new LinkedHashMap<>();
        Matcher part = PART.matcher(printed);
        while (part.find()) {
            String name = part.group(1) == null ? TOTAL : part.group(1);
            long more = part.group(3) == null ? 0 : Long.parseLong(part.group(3));
            parts.put(name, new Part(Long.parseLong(part.group(2)) * KIB, more * KIB));
        }
        if (!parts.containsKey(TOTAL)) {
            throw new UserException("native memory is told as \"" + printed.strip() + "\"; expected a total");
        }
        return new NativeMemory(parts);
    }

    /** Of one thing; nothing where the JVM does not name it. */
    public Part part(String name) {
        return parts.getOrDefault(name, new Part(0, 0));
    }
}
