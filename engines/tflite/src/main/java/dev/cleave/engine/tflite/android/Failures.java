package dev.cleave.engine.tflite.android;

/** What TensorFlow Lite throws, as text that fits into a message of one line. */
final class Failures {
    private static final int MAX_CHARS = 400;

    private Failures() {}

    static String oneLine(Throwable failure) {
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").trim();
        return line.length() <= MAX_CHARS ? line : line.substring(0, MAX_CHARS) + "...";
    }
}
