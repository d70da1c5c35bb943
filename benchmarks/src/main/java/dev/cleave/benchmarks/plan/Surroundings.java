package dev.cleave.benchmarks.plan;

import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Machine;
import java.time.LocalDate;
import java.util.List;

/** What a table has to say of where its numbers come from. */
public final class Surroundings {
    private Surroundings() {}

    public static List<String> lines(Engine engine, LocalDate date) {
        Machine machine = Machine.local();
        return List.of(
                "- machine: " + machine.cpu() + ", " + machine.cores() + " cores, " + machine.os() + " "
                        + machine.architecture(),
                "- software: Cleave " + ToolVersion.text() + ", " + engine.name() + " " + engine.version() + ", Java "
                        + Runtime.version(),
                "- date: " + date);
    }
}
