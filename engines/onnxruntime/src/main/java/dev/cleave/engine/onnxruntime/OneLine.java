package dev.cleave.engine.onnxruntime;

import java.util.regex.Pattern;

/** Makes text that comes from a library or from a file fit into a message of one line. */
final class OneLine {
    private static final int MAX_CHARS = 400;
    private static final String ORT_PREFIX = " - message: ";

    /** One for each level of nesting: a node inside a body, inside its control-flow node. */
    private static final Pattern FAILED_NODE = Pattern.compile(
            "Non-zero status code returned while running (\\S+) node\\." + " Name:'([^']*)' Status Message: ");

    private OneLine() {}

    /** The text without line breaks and control characters, without ONNX Runtime's error-code prefix, and not endless. */
    static String of(String text) {
        if (text == null) {
            return "no reason given";
        }
        int prefix = text.startsWith("Error code - ") ? text.indexOf(ORT_PREFIX) : -1;
        String message = prefix < 0 ? text : text.substring(prefix + ORT_PREFIX.length());
        String line = message.replaceAll("[\\s\\p{Cntrl}]+", " ").trim();
        line = FAILED_NODE.matcher(line).replaceAll("$1 \"$2\" failed: ");
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS) + "...";
    }
}
