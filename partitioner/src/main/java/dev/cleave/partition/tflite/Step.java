package dev.cleave.partition.tflite;

import java.util.List;
import org.tensorflow.lite.schema.ActivationFunctionType;

/**
 * What is written for one node: of a float node between DequantizeLinear and QuantizeLinear, one operator on integers.
 * Immutable.
 *
 * @param node whose operator it is
 * @param inputs names of the tensors that are read: the integers, where the operator is one on integers
 * @param outputs names of the tensors that are made
 * @param activation of {@code ActivationFunctionType}, of a Relu or Clip that the step takes in
 * @param isInteger whether operators on integers stand for the node and the conversions around it
 * @param scaling of the result, taken in from the node behind; null for none
 */
record Step(
        SourceNode node,
        List<String> inputs,
        List<String> outputs,
        byte activation,
        boolean isInteger,
        ChannelScaling scaling) {
    /** A node as it is. */
    static Step of(SourceNode node) {
        return new Step(node, node.inputs(), node.outputs(), ActivationFunctionType.NONE, false, null);
    }

    /** An operator on integers. */
    static Step ofIntegers(SourceNode node, List<String> inputs, String output, byte activation) {
        return new Step(node, inputs, List.of(output), activation, true, null);
    }

    /** The same, scaled, under another name. */
    Step scaled(ChannelScaling factors, String output) {
        return new Step(node, inputs, List.of(output), activation, isInteger, factors);
    }
}
