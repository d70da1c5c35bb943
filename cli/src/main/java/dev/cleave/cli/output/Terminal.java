package dev.cleave.cli.output;

import java.io.PrintWriter;

/**
 * Where a verb prints. With {@code --json} standard output belongs to {@link #json()} alone, and what is meant for
 * people goes to standard error. Thread-safe.
 */
public final class Terminal {
    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean jsonAskedFor;
    private final Style style;
    private final boolean errIsTerminal;
    private final JsonOut json;

    /**
     * A terminal over two streams.
     *
     * @param outShowsColour whether {@code out} is a terminal with colours
     * @param errIsTerminal whether {@code err} is one, and shows progress bars
     */
    public Terminal(
            PrintWriter out, PrintWriter err, boolean jsonAskedFor, boolean outShowsColour, boolean errIsTerminal) {
        this.out = out;
        this.err = err;
        this.jsonAskedFor = jsonAskedFor;
        this.style = outShowsColour && !jsonAskedFor ? Style.ANSI : Style.PLAIN;
        this.errIsTerminal = errIsTerminal;
        this.json = new JsonOut(out);
    }

    public boolean isJson() {
        return jsonAskedFor;
    }

    /** Colours for {@link #print}; {@link Style#PLAIN} unless that is a terminal. */
    public Style style() {
        return style;
    }

    /** Prints a line of the result for people. */
    public void print(String line) {
        PrintWriter writer = jsonAskedFor ? err : out;
        writer.println(line);
        writer.flush();
    }

    public void print(Table table) {
        table.lines(style).forEach(this::print);
    }

    /** Prints a line that is not part of the result: always standard error. */
    public void note(String line) {
        err.println(line);
        err.flush();
    }

    /** For the result with {@code --json}. */
    public JsonOut json() {
        return json;
    }

    /**
     * Starts a progress bar, to be closed by the caller.
     *
     * @param steps how many there will be, or -1 if that is not known
     */
    public Progress progress(String task, long steps) {
        return errIsTerminal && !jsonAskedFor ? Progress.visible(task, steps, err) : Progress.hidden();
    }
}
