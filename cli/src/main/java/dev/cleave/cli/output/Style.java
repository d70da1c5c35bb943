package dev.cleave.cli.output;

/** Colours for a terminal, or none. */
public enum Style {
    PLAIN,
    ANSI;

    private static final String RESET = "\u001B[0m";

    public String bold(String text) {
        return wrap("\u001B[1m", text);
    }

    public String faint(String text) {
        return wrap("\u001B[2m", text);
    }

    public String good(String text) {
        return wrap("\u001B[32m", text);
    }

    public String bad(String text) {
        return wrap("\u001B[31m", text);
    }

    private String wrap(String code, String text) {
        return this == PLAIN ? text : code + text + RESET;
    }
}
