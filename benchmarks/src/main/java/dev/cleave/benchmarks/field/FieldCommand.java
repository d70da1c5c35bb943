package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.Notes;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.scratch.ScratchFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What the commands of this package share: an engine, a folder for their files, a page for what they found, a verdict. */
public abstract class FieldCommand implements Callable<Integer> {
    private static final int FAILED = 3;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the Markdown there, too.")
    private Path out;

    protected final Notes notes = new Notes(System.err, System.nanoTime());
    private final List<String> verdicts = new ArrayList<>();
    private boolean failed;

    /** Measures, and makes a page of what it found. */
    protected abstract MarkdownPage measure(Engine engine, Path work) throws Exception;

    /** Ends the process: with 3 if a target was missed. */
    protected static void run(FieldCommand command, String... arguments) {
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(line.execute(arguments));
    }

    @Override
    public final Integer call() throws Exception {
        try (Engine engine = Engines.create(null);
                ScratchFolder work = ScratchFolder.create("cleave-field")) {
            MarkdownPage page = measure(engine, Files.createDirectory(work.file("lab")));
            page.add(verdicts);
            page.publish(out);
        }
        return failed ? FAILED : 0;
    }

    /** Adds a line to the page on whether a target was reached. */
    protected final void verdict(boolean reached, String what) {
        verdicts.add("- " + (reached ? "pass" : "FAIL") + ": " + what);
        failed |= !reached;
    }

    /** An agent with one thread a run. */
    protected static EdgeAgentBuilder agent(Path bundle, Engine engine) {
        return EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .sessionOptions(SessionOptions.defaults().withThreads(1));
    }

    protected static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern, arguments);
    }
}
