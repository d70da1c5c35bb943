package dev.cleave.cli.verb;

import picocli.CommandLine.Option;

/** Options that every verb takes. */
final class GlobalOptions {
    @Option(names = "--json", description = "Print one JSON document on standard output, all else on standard error.")
    boolean json;

    @Option(names = "-v", description = "Log what is being done to standard error; -vv logs more.")
    boolean[] verbosity = new boolean[0];

    @Option(names = "--stacktrace", description = "Print the stack trace of a failure, too.")
    boolean stackTrace;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Print this help.")
    boolean help;
}
