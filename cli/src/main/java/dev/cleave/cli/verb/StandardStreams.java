package dev.cleave.cli.verb;

/**
 * Whether the standard streams are terminals. Java 17 can only tell for input and output together, so the launcher
 * tells each by a system property; without it (a JVM started by hand) the console's presence decides.
 */
final class StandardStreams {
    private StandardStreams() {}

    static boolean outShowsColour() {
        String term = System.getenv("TERM");
        return isTerminal("cleave.stdout.terminal")
                && System.getenv("NO_COLOR") == null
                && term != null
                && !term.equals("dumb");
    }

    static boolean errIsTerminal() {
        return isTerminal("cleave.stderr.terminal");
    }

    private static boolean isTerminal(String property) {
        String told = System.getProperty(property);
        return told == null ? System.console() != null : Boolean.parseBoolean(told);
    }
}
