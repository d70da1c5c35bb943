package dev.cleave.benchmarks.plan;

import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a table has to say of where its numbers come from. */
public final class Surroundings {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    /** Instructions that kernels choose by, as Linux calls them. */
    private static final List<String> TELLING =
            List.of("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm");

    private Surroundings() {}

    public static List<String> lines(Engine engine, LocalDate date) {
        Machine machine = Machine.local();
        List<String> lines = new ArrayList<>(List.of(
                "- machine: " + machine.cpu() + ", " + machine.cores() + " cores, " + machine.os() + " "
                        + machine.architecture(),
                "- software: Cleave " + ToolVersion.text() + ", " + engine.name() + " " + engine.version() + ", Java "
                        + Runtime.version(),
                "- date: " + date));
        Set<String> instructions = instructions();
        if (!instructions.isEmpty()) {
            lines.add(1, "- instructions: " + String.join(", ", instructions));
        }
        return lines;
    }

    /** Those of the list that this processor has; none where the system does not tell. */
    private static Set<String> instructions() {
        try {
            String text = Files.readString(PROCESSORS, StandardCharsets.UTF_8);
            Set<String> found = new LinkedHashSet<>(TELLING);
            found.retainAll(new HashSet<>(Arrays.asList(text.split("\\s+"))));
            return found;
        } catch (IOException notTold) {
            return Set.of();
        }
    }
}
