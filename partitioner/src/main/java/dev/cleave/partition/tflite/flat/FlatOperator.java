package dev.cleave.partition.tflite.flat;

import org.tensorflow.lite.schema.ActivationFunctionType;

/**
 * An operator of the flatbuffer under construction. Its activation is set while the graph is built, when a Relu behind it
 * turns out to be its only reader.
 */
public final class FlatOperator {
    private final int code;
    private final Options options;
    private final int[] inputs;
    private final int[] outputs;
    private byte activation = ActivationFunctionType.NONE;

    /**
     * @param code of {@code BuiltinOperator}
     * @param inputs indices of tensors; -1 for one that is absent
     */
    public FlatOperator(int code, Options options, int[] inputs, int[] outputs) {
        this.code = code;
        this.options = options;
        this.inputs = inputs.clone();
        this.outputs = outputs.clone();
    }

    public int code() {
        return code;
    }

    public Options options() {
        return options;
    }

    public int[] inputs() {
        return inputs.clone();
    }

    public int[] outputs() {
        return outputs.clone();
    }

    public byte activation() {
        return activation;
    }

    /** Whether an activation can be part of this operator, and none is yet. */
    public boolean canActivate() {
        return options.hasActivation() && activation == ActivationFunctionType.NONE;
    }

    public void activate(byte function) {
        activation = function;
    }
}
