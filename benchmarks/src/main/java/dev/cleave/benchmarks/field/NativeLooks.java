package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.NativeMemory;
import dev.cleave.benchmarks.process.NativeMemory.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at what JVMs have had from the system since they were marked, by what for. One thread. */
final class NativeLooks {
    private static final double MEBIBYTE = 1 << 20;
    /** What has changed by less at every look is left out. */
    private static final double LEAST_MEBIBYTES = 0.1;

    private final Map<String, Long> processes;
    private final Map<String, List<NativeMemory>> looks = new LinkedHashMap<>();
    private final List<String> times = new ArrayList<>();

    /** @param processes by name */
    NativeLooks(Map<String, Long> processes) {
        this.processes = new LinkedHashMap<>(processes);
    }

    /** Marks all, so that looks tell what has come since. */
    void mark() throws IOException, InterruptedException {
        for (long process : processes.values()) {
            NativeMemory.mark(process);
        }
    }

    /** @param when for the table's head */
    void look(String when) throws IOException, InterruptedException {
        times.add(when);
        for (Map.Entry<String, Long> process : processes.entrySet()) {
            looks.computeIfAbsent(process.getKey(), any -> new ArrayList<>())
                    .add(NativeMemory.since(process.getValue()));
        }
    }

    /** How many MiB more at each look, and how many there were at the last. */
    MarkdownTable table() {
        List<String> headings = new ArrayList<>(List.of("MiB", "memory for"));
        times.forEach(when -> headings.add("more at " + when));
        headings.add("at the end");
        MarkdownTable table = new MarkdownTable(headings.toArray(String[]::new));
        looks.forEach((process, all) -> names(all).forEach(name -> row(table, process, name, all)));
        return table;
    }

    private static Set<String> names(List<NativeMemory> all) {
        Set<String> names = new LinkedHashSet<>();
        all.forEach(look -> names.addAll(look.parts().keySet()));
        names.removeIf(name -> !name.equals(NativeMemory.TOTAL)
                && all.stream().allMatch(look -> Math.abs(look.part(name).more()) < LEAST_MEBIBYTES * MEBIBYTE));
        return names;
    }

    private static void row(MarkdownTable table, String process, String name, List<NativeMemory> all) {
        List<Object> cells = new ArrayList<>(List.of(process, name));
        List<Part> parts = all.stream().map(look -> look.part(name)).toList();
        parts.forEach(part -> cells.add(part.more() / MEBIBYTE));
        cells.add(parts.get(parts.size() - 1).committed() / MEBIBYTE);
        table.row(cells.toArray());
    }
}
