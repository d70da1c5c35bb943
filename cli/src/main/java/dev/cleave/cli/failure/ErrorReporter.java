package dev.cleave.cli.failure;

import java.io.PrintWriter;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reports every failure as {@code cleave VERB: one line} on standard error and chooses the exit code. */
public final class ErrorReporter implements IExecutionExceptionHandler, IParameterExceptionHandler {
    private static final String STACKTRACE_FLAG = "--stacktrace";

    @Override
    public int handleExecutionException(Exception failure, CommandLine verb, ParseResult parsed) {
        ParseResult innermost = parsed;
        while (innermost.hasSubcommand()) {
            innermost = innermost.subcommand();
        }
        boolean stackTrace = innermost.hasMatchedOption(STACKTRACE_FLAG);
        return report(failure, verb, stackTrace);
    }

    /** Also for errors that picocli does not catch, out of memory for one. */
    public static int report(Throwable failure, CommandLine verb, boolean stackTrace) {
        PrintWriter err = verb.getErr();
        err.println(name(verb) + ": " + OneLine.of(failure));
        if (stackTrace) {
            failure.printStackTrace(err);
        }
        err.flush();
        return OneLine.unwrap(failure) instanceof CheckFailedException ? ExitCodes.CHECK_FAILED : ExitCodes.FAILED;
    }

    @Override
    public int handleParseException(ParameterException failure, String[] args) {
        CommandLine verb = failure.getCommandLine();
        PrintWriter err = verb.getErr();
        String message = OneLine.of(new UserException(message(failure)));
        err.println(name(verb) + ": " + message + " (see " + name(verb) + " --help)");
        err.flush();
        return ExitCodes.USAGE;
    }

    /** picocli's message in our words. */
    private static String message(ParameterException failure) {
        CommandLine verb = failure.getCommandLine();
        if (failure instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            String first = "'" + unmatched.getUnmatched().get(0) + "'";
            return verb.getSubcommands().isEmpty()
                    ? "unexpected argument " + first + "; expected only "
                            + verb.getCommandSpec().positionalParameters().stream()
                                    .map(parameter -> parameter.paramLabel() + " and ")
                                    .collect(Collectors.joining())
                            + "options"
                    : "unknown verb " + first + "; expected one of "
                            + String.join(", ", verb.getSubcommands().keySet());
        }
        return decapitalized(failure.getMessage())
                .replace("value for option option", "value for option")
                .replace(" (case-insensitive) but was ", " instead of ")
                .replaceFirst(
                        "should be in KEY=VALUE format but was (.*)", "is '$1'; expected a name, '=' and a value");
    }

    private static String name(CommandLine verb) {
        return verb.getCommandSpec().qualifiedName();
    }

    private static String decapitalized(String message) {
        boolean sentence = message.length() > 1 && Character.isLowerCase(message.charAt(1));
        return sentence ? Character.toLowerCase(message.charAt(0)) + message.substring(1) : message;
    }
}
