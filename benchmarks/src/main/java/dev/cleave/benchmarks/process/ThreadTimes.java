package dev.cleave.benchmarks.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Processor time that the threads of a process have taken so far, by what they are there for, from Linux's {@code /proc}. A thread that has ended is not in it any
 * more.
 *
 * @param nanos of each group of threads
 */
public record ThreadTimes(SortedMap<String, Long> nanos) {
    /** The group of the JVM's compiler. */
    public static final String COMPILER = "compiler";

    /** How the names of threads begin, which Linux cuts after 15 characters, and the groups that they make. */
    private static final Map<String, String> GROUPS = Map.of(
            "C1 Comp", COMPILER,
            "C2 Comp", COMPILER,
            "G1 ", "garbage collector",
            "GC Thread", "garbage collector",
            "VM ", "virtual machine",
            "cleave-exec", "executor",
            "cleave-net", "transport",
            "cleave-", "gateway's other threads");

    public ThreadTimes {
        nanos = new TreeMap<>(nanos);
    }

    /** Of a process of this machine, now. */
    public static ThreadTimes of(long process) throws IOException {
        SortedMap<String, Long> nanos = new TreeMap<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + process + "/task"))) {
            for (Path thread : threads) {
                try {
                    String name = Files.readString(thread.resolve("comm")).strip();
                    String[] figures = Files.readString(thread.resolve("schedstat"))
                            .strip()
                            .split(" ");
                    nanos.merge(group(name), Long.parseLong(figures[0]), Long::sum);
                } catch (NoSuchFileException ended) {
                    continue;
                }
            }
        }
        return new ThreadTimes(nanos);
    }

    private static String group(String thread) {
        return GROUPS.entrySet().stream()
                .filter(group -> thread.startsWith(group.getKey()))
                .max(Map.Entry.comparingByKey(Comparator.comparingInt(String::length)))
                .map(Map.Entry::getValue)
                .orElse("others");
    }

    /** What has been taken since an earlier look. */
    public ThreadTimes since(ThreadTimes earlier) {
        SortedMap<String, Long> more = new TreeMap<>();
        nanos.forEach((group, time) -> more.put(group, time - earlier.nanos.getOrDefault(group, 0L)));
        return new ThreadTimes(more);
    }

    /** With what has been taken at another time. */
    public ThreadTimes and(ThreadTimes other) {
        SortedMap<String, Long> sum = new TreeMap<>(nanos);
        other.nanos.forEach((group, time) -> sum.merge(group, time, Long::sum));
        return new ThreadTimes(sum);
    }

    /** Of a group, in that of all together; 0 where nothing was taken. */
    public double share(String group) {
        return (double) nanos.getOrDefault(group, 0L) / Math.max(1, total());
    }

    /** Of all groups together. */
    public long total() {
        return nanos.values().stream().mapToLong(Long::longValue).sum();
    }
}
