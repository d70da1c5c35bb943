package dev.cleave.partition.tflite;

import dev.cleave.partition.graph.ModelException;

/**
 * A graph has something that TensorFlow Lite does not do, or does otherwise. The message is one line that names the
 * operator, the node, what was found and what is expected.
 */
public final class UnconvertibleException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String operator;

    /**
     * @param operator by its ONNX name, with its domain where that is not ONNX's own; empty where it is the graph itself
     */
    public UnconvertibleException(String operator, String message) {
        super(ModelException.oneLine(message));
        this.operator = operator;
    }

    /** The operator's ONNX name, with its domain where that is not ONNX's own; empty where it is the graph itself. */
    public String operator() {
        return operator;
    }
}
