package dev.cleave.partition.tflite;

import org.tensorflow.lite.schema.ActivationFunctionType;

/**
 * An operator of the flatbuffer under construction. Its activation is set while the graph is built, when a Relu behind it
 * turns out to be its only reader.
 */
final class FlatOperator {
    private final int code;
    private final Options options;
    private final int[] inputs;
    private final int[] outputs;
    private byte activation = ActivationFunctionType.NONE;

    /**
     * @param code of {@code BuiltinOperator}
     * @param inputs indices of tensors; -1 for one that is absent
     */
    FlatOperator(int code, Options options, int[] inputs, int[] outputs) {
        this.code = code;
        this.options = options;
        this.inputs = inputs.clone();
        this.outputs = outputs.clone();
    }

    int code() {
        return code;
    }

    Options options() {
        return options;
    }

    int[] inputs() {
        return inputs.clone();
    }

    int[] outputs() {
        return outputs.clone();
    }

    byte activation() {
        return activation;
    }

    /** Whether an activation can be part of this operator, and none is yet. */
    boolean canActivate() {
        return options.hasActivation() && activation == ActivationFunctionType.NONE;
    }

    void activate(byte function) {
        activation = function;
    }
}
