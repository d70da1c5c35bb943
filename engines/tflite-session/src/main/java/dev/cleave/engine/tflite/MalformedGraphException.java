package dev.cleave.engine.tflite;

/** A graph breaks a rule; the message says which, without the graph's label. */
final class MalformedGraphException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedGraphException(String message) {
        super(message);
    }
}
