package dev.cleave.partition.graph;

import java.io.IOException;

/** A model cannot be used. The message is one line that names the thing, the value and the expectation. */
public final class ModelException extends IOException {
    private static final long serialVersionUID = 1L;

    private static final int LONGEST = 400;

    public ModelException(String message) {
        super(oneLine(message));
    }

    public ModelException(String message, Throwable cause) {
        super(oneLine(message), cause);
    }

    /** Names come from files: control characters and line breaks must not reach a terminal, nor names of any length. */
    public static String oneLine(String message) {
        StringBuilder line = new StringBuilder(Math.min(message.length(), LONGEST));
        for (int i = 0; i < message.length() && line.length() < LONGEST; i++) {
            char c = message.charAt(i);
            line.append(Character.isISOControl(c) ? ' ' : c);
        }
        return line.length() < LONGEST ? line.toString() : line.append(" ...").toString();
    }
}
