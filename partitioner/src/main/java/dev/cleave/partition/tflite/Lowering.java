package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.Extent;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import java.util.Arrays;
import org.tensorflow.lite.schema.ActivationFunctionType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** One step on its way into a draft: what the families of operators read of it and write with. One thread. */
final class Lowering {
    private final Draft draft;
    private final Step step;

    Lowering(Draft draft, Step step) {
        this.draft = draft;
        this.step = step;
    }

    /** Writes the operators of TensorFlow Lite for one node. */
    interface Family {
        void lower(Lowering lowering) throws UnconvertibleException;
    }

    SourceNode node() {
        return step.node();
    }

    Step step() {
        return step;
    }

    SourceGraph source() {
        return draft.source();
    }

    Draft draft() {
        return draft;
    }

    UnconvertibleException refusal(String found, String expected) {
        return step.node().refusal(found, expected);
    }

    void require(boolean holds, String found, String expected) throws UnconvertibleException {
        if (!holds) {
            throw refusal(found, expected);
        }
    }

    // What is read.

    String name(int input) {
        return input < step.inputs().size() ? step.inputs().get(input) : "";
    }

    boolean has(int input) {
        return !name(input).isEmpty();
    }

    int inputs() {
        return step.inputs().size();
    }

    Extent extent(int input) throws UnconvertibleException {
        return source().extent(name(input));
    }

    ElementType type(int input) throws UnconvertibleException {
        return source().type(name(input));
    }

    int[] order(int input) throws UnconvertibleException {
        return draft.order(name(input));
    }

    int in(int input, int[] order) throws UnconvertibleException {
        return draft.in(name(input), order);
    }

    /** In the ONNX graph's own order. */
    int in(int input) throws UnconvertibleException {
        return in(input, Order.given(extent(input).rank()));
    }

    /** Null where it is not known beforehand. */
    Constant constant(int input) throws UnconvertibleException {
        return has(input) ? source().constant(name(input)) : null;
    }

    Constant requireConstant(int input, String what) throws UnconvertibleException {
        Constant constant = constant(input);
        if (constant == null) {
            throw refusal(what + " is computed", "a constant");
        }
        return constant;
    }

    /** Integers that are an attribute in older operator sets and an input in later ones; null if neither is there. */
    int[] integers(String attribute, int input) throws UnconvertibleException {
        if (!has(input)) {
            return node().integers(attribute);
        }
        Constant constant = requireConstant(input, attribute);
        require(constant.isInteger(), attribute + " is " + constant.type().jsonName(), "integers");
        return constant.ints();
    }

    /** An axis that may be counted from the end. */
    int axis(int value, int rank) throws UnconvertibleException {
        require(value >= -rank && value < rank, "axis " + value, "an axis of rank " + rank);
        return value < 0 ? value + rank : value;
    }

    void requireType(int input, ElementType... types) throws UnconvertibleException {
        ElementType type = type(input);
        require(
                Arrays.asList(types).contains(type) || isByte(type) && step.isInteger(),
                "input " + input + " is " + type.jsonName(),
                "one of " + Arrays.toString(types));
    }

    static boolean isByte(ElementType type) {
        return type == ElementType.UINT8 || type == ElementType.INT8;
    }

    // What is written.

    String output(int index) {
        return index < step.outputs().size() ? step.outputs().get(index) : "";
    }

    Extent made(int output) throws UnconvertibleException {
        return source().extent(output(output));
    }

    int out(int output, int[] order) throws UnconvertibleException {
        return draft.make(output(output), order);
    }

    /** The only output in an order. */
    int out(int[] order) throws UnconvertibleException {
        return out(0, order);
    }

    int constant(String suffix, Constant constant) throws UnconvertibleException {
        return constant(suffix, constant, null);
    }

    int constant(String suffix, Constant constant, Quantization quantization) throws UnconvertibleException {
        return draft.constant(output(0) + "/" + suffix, constant, quantization);
    }

    int ints(String suffix, int... values) throws UnconvertibleException {
        return constant(suffix, Constant.ofInts(values));
    }

    int scalar(String suffix, float value) throws UnconvertibleException {
        return constant(suffix, Constant.ofFloats(new int[0], value));
    }

    /** A tensor of its own, of the type and quantisation of another. */
    int inner(String suffix, int like, Extent extent) {
        return draft.like(like, output(0) + "/" + suffix, extent);
    }

    void emit(int code, Options options, int[] inputs, int... outputs) {
        draft.emit(code, options, inputs, outputs);
        if (options.hasActivation() && step.activation() != ActivationFunctionType.NONE) {
            draft.maker(outputs[0]).activate(step.activation());
        }
    }

    /** An operator with a single input, output, and no options. */
    void emit(int code, int input, int output) {
        emit(code, Options.NONE, new int[] {input}, output);
    }

    int reshape(int from, Extent extent, String suffix) throws UnconvertibleException {
        return draft.reshape(from, extent, output(0) + "/" + suffix);
    }

    /** Gives the elements of a tensor, which lie as the output's do, the output's shape. */
    void reshapeInto(int from, int[] order) throws UnconvertibleException {
        Extent extent = made(0).in(order);
        require(extent.openAxes() <= 1, "its result has shape " + extent, "one axis that grows with the rows");
        int target = ints("shape", extent.signature());
        emit(BuiltinOperator.RESHAPE, Options.reshape(extent.signature()), new int[] {from, target}, out(order));
    }

    /** Refuses to give integers another meaning on their way. */
    void requireSameMeaning(int input) throws UnconvertibleException {
        if (isByte(type(input))) {
            for (String output : step.outputs()) {
                Quantization one = source().quantization(name(input));
                Quantization other = source().quantization(output);
                require(
                        output.isEmpty() || one.isSameAs(other),
                        "its integers have another scale or zero point than its input's",
                        "the same");
            }
        }
    }

    /**
     * An operand of an operator that broadcasts.
     *
     * @param order of the result's axes
     */
    int operand(int input, int[] order) throws UnconvertibleException {
        int rank = order.length;
        Extent extent = extent(input);
        if (extent.rank() == rank) {
            return in(input, order);
        }
        int[] given = Order.given(rank);
        boolean isSingle = extent.elements() == 1 && extent.openAxes() == 0;
        if (isSingle || Arrays.equals(order, given)) {
            return in(input);
        }
        Extent padded = extent;
        while (padded.rank() < rank) {
            padded = padded.withSingle(0);
        }
        Constant constant = constant(input);
        if (constant != null) {
            Constant moved = constant.reshaped(padded.sizes()).in(order).signed();
            Quantization quantization =
                    isByte(constant.type()) ? source().quantization(name(input)).signed(constant.type()) : null;
            return constant("operand" + input, moved, quantization);
        }
        int reshaped = reshape(in(input), padded, "operand" + input);
        return draft.permuted(reshaped, order, output(0) + "/operand" + input + "/ordered");
    }

    /** The order of the first input that has the result's rank and is no constant; else the given one. */
    int[] resultOrder() throws UnconvertibleException {
        int rank = made(0).rank();
        for (int i = 0; i < inputs(); i++) {
            if (has(i) && extent(i).rank() == rank && constant(i) == null) {
                return order(i);
            }
        }
        return Order.given(rank);
    }
}
