package dev.cleave.bundle;

import java.io.IOException;

/** A bundle cannot be read. The message is one line that names the file, the entry, the value and the expectation. */
public final class BundleException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_QUOTED = 120;

    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Text that came out of a file, made fit for a message: quoted, on one line, of bounded length. */
    static String quote(String text) {
        StringBuilder line = new StringBuilder("\"");
        for (int i = 0; i < text.length() && i < MAX_QUOTED; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return line.append(text.length() > MAX_QUOTED ? "...\"" : "\"").toString();
    }
}
