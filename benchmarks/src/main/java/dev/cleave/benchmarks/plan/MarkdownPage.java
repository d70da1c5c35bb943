package dev.cleave.benchmarks.plan;

import dev.cleave.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** What a command found, as Markdown that names the machine. One thread. */
public final class MarkdownPage {
    private final List<String> lines = new ArrayList<>();

    /** @param how the numbers were found, a line each */
    public MarkdownPage(String title, Engine engine, List<String> how) {
        lines.add("# " + title);
        lines.add("");
        lines.addAll(Surroundings.lines(engine, LocalDate.now()));
        how.forEach(line -> lines.add("- " + line));
    }

    /** Adds a table, and a sentence before it. */
    public void add(String about, MarkdownTable table) {
        lines.addAll(List.of("", about, ""));
        lines.addAll(table.lines());
    }

    /** Adds what the tables come to, a line each. */
    public void add(List<String> items) {
        lines.add("");
        lines.addAll(items);
    }

    /** Prints the page, and writes it to a file unless that is null. */
    public void publish(Path file) throws IOException {
        lines.forEach(System.out::println);
        if (file != null) {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            Files.write(file, lines);
        }
    }
}
