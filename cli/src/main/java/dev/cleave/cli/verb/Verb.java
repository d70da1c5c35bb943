package dev.cleave.cli.verb;

import dev.cleave.cli.failure.ExitCodes;
import dev.cleave.cli.output.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * A verb of the {@code cleave} command. It prints its result to the terminal it is given, and ends normally, with
 * {@link dev.cleave.cli.failure.UserException} (exit code 1), with {@link #usage} (2), with
 * {@link dev.cleave.cli.failure.CheckFailedException} (3), or with any other exception: all become one line.
 *
 * <p>Subclasses are annotated with {@code @Command} and end their help with an example that works.
 */
public abstract class Verb implements Callable<Integer> {
    @Mixin
    private GlobalOptions global;

    @Spec
    private CommandSpec spec;

    @Override
    public final Integer call() throws Exception {
        Logging.configure(global.verbosity.length, global.stackTrace);
        CommandLine commandLine = spec.commandLine();
        run(new Terminal(
                commandLine.getOut(),
                commandLine.getErr(),
                global.json,
                StandardStreams.outShowsColour(),
                StandardStreams.errIsTerminal()));
        return ExitCodes.DONE;
    }

    /** Does the work. Whatever was opened here is closed here, interrupted or not. */
    protected abstract void run(Terminal terminal) throws Exception;

    /** The exception for options that do not go together: exit code 2, with a pointer to the help. */
    protected final ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
