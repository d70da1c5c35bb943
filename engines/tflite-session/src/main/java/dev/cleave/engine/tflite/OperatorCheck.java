package dev.cleave.engine.tflite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Refuses operators of one subgraph that would end the process: kernels count on inputs that are there and on an order in
 * which each finds what it reads, delegates on operators that somebody needs, some divide by their options ({@link
 * OptionRule}), and some by scales: where these are 0, the same library ends the process on arm64 and goes on on x86-64. To be
 * asked in the subgraph's order.
 */
final class OperatorCheck {
    private static final int CODE_OLD = 0;
    private static final int CODE_CUSTOM = 1;
    private static final int CODE_VERSION = 2;
    private static final int CODE = 3;
    private static final int OPERATOR_CODE_INDEX = 0;
    private static final int OPERATOR_INPUTS = 1;
    private static final int OPERATOR_OUTPUTS = 2;
    private static final int OPTIONS = 4;
    private static final int CUSTOM_OFFSET = 9;
    private static final int CUSTOM_SIZE = 10;
    private static final int OPTIONS_2 = 12;

    private static final int CUSTOM = 32;
    private static final int IF = 118;
    private static final int WHILE = 119;
    private static final int CALL_ONCE = 129;
    private static final int ABSENT = -1;

    /** The operators whose second input may be absent. */
    private static final Set<Integer> LSTMS = new HashSet<>(Arrays.asList(16, 44, 52));

    /**
     * The operators that bring integers to another scale: ADD, CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, LOGISTIC, MUL, RELU,
     * RELU_N1_TO_1, RELU6, SOFTMAX, TANH, MEAN, SUB, DIV, PRELU, LESS, GREATER, GREATER_EQUAL, LESS_EQUAL, TRANSPOSE_CONV, EQUAL,
     * NOT_EQUAL, SUM, LEAKY_RELU, SQUARED_DIFFERENCE, QUANTIZE, HARD_SWISH, BATCH_MATMUL.
     */
    private static final Set<Integer> RESCALING = new HashSet<>(Arrays.asList(
            0, 3, 4, 9, 14, 18, 19, 20, 21, 25, 28, 40, 41, 42, 54, 58, 61, 62, 63, 67, 71, 72, 74, 98, 99, 114, 117,
            126));

    private final List<FlatTable> codes;
    private final List<GraphTensor> tensors;
    private final boolean[] known;
    private final boolean[] read;
    private final List<int[]> made = new ArrayList<>();
    private final Set<Integer> called = new HashSet<>();

    /** @param inputs the tensors that are fed, to which what the operators make is added */
    OperatorCheck(List<FlatTable> codes, List<GraphTensor> tensors, int[] inputs) throws MalformedGraphException {
        this.codes = codes;
        this.tensors = tensors;
        this.known = new boolean[tensors.size()];
        this.read = new boolean[tensors.size()];
        for (int i = 0; i < known.length; i++) {
            known[i] = tensors.get(i).hasValue();
        }
        for (int input : inputs) {
            requireTensor("the subgraph's inputs have", input);
            known[input] = true;
        }
    }

    /** The subgraphs that the operators checked so far run. */
    Set<Integer> called() {
        return called;
    }

    /** The next operator; messages call it by its number in {@code BuiltinOperator}. */
    void check(FlatTable operator) throws MalformedGraphException {
        int index = operator.intAt(OPERATOR_CODE_INDEX, 0);
        if (index < 0 || index >= codes.size()) {
            throw new MalformedGraphException("operator code " + index + "; expected one of " + codes.size());
        }
        FlatTable code = codes.get(index);
        int kind = Math.max(code.byteAt(CODE_OLD, 0), code.intAt(CODE, 0));
        if (kind == CUSTOM) {
            throw new MalformedGraphException(
                    "operator \"" + code.string(CODE_CUSTOM) + "\" is not TensorFlow Lite's own");
        }
        if (operator.has(OPTIONS_2)) {
            throw new MalformedGraphException("operator " + kind + " is one of StableHLO's");
        }
        if (code.intAt(CODE_VERSION, 1) < 1 || operator.has(CUSTOM_OFFSET) || operator.has(CUSTOM_SIZE)) {
            throw new MalformedGraphException("operator " + kind + " has data behind the graph, or version 0");
        }
        requireInputs(kind, operator.ints(OPERATOR_INPUTS));
        addOutputs(kind, operator.ints(OPERATOR_OUTPUTS));
        OptionRule.check(kind, operator);
        if (RESCALING.contains(kind)) {
            requireScales(kind, operator.ints(OPERATOR_INPUTS));
            requireScales(kind, operator.ints(OPERATOR_OUTPUTS));
        }
        FlatTable options = operator.table(OPTIONS);
        if (kind == IF || kind == WHILE || kind == CALL_ONCE) {
            called.add(options == null ? 0 : options.intAt(0, 0));
        }
        if (kind == IF || kind == WHILE) {
            called.add(options == null ? 0 : options.intAt(1, 0));
        }
    }

    private void requireInputs(int kind, int[] inputs) throws MalformedGraphException {
        if (inputs.length == 0 && kind != CALL_ONCE) {
            throw new MalformedGraphException("operator " + kind + " has no inputs; expected at least one");
        }
        for (int i = 0; i < inputs.length; i++) {
            if (inputs[i] == ABSENT && (i > 1 || i == 1 && LSTMS.contains(kind))) {
                continue;
            }
            requireTensor("operator " + kind + " reads", inputs[i]);
            if (!known[inputs[i]]) {
                throw new MalformedGraphException("operator " + kind + " reads tensor " + inputs[i] + " \""
                        + tensors.get(inputs[i]).name() + "\", which nothing before it makes");
            }
            read[inputs[i]] = true;
        }
    }

    private void requireScales(int kind, int[] operands) throws MalformedGraphException {
        for (int operand : operands) {
            if (operand != ABSENT && !tensors.get(operand).canBeRescaled()) {
                throw new MalformedGraphException("operator " + kind + " computes with the scale of tensor " + operand
                        + " \"" + tensors.get(operand).name() + "\"; expected a positive one");
            }
        }
    }

    private void addOutputs(int kind, int[] outputs) throws MalformedGraphException {
        if (outputs.length == 0 && kind != CALL_ONCE) {
            throw new MalformedGraphException("operator " + kind + " has no outputs; expected at least one");
        }
        for (int output : outputs) {
            requireTensor("operator " + kind + " makes", output);
            if (known[output]) {
                throw new MalformedGraphException("operator " + kind + " makes tensor " + output + " \""
                        + tensors.get(output).name() + "\", which is there already");
            }
            known[output] = true;
        }
        made.add(outputs);
    }

    /** To be asked after the last operator. A delegate that takes over operators which nobody reads has no outputs. */
    void end(int[] outputs) throws MalformedGraphException {
        for (int output : outputs) {
            requireTensor("the subgraph's outputs have", output);
            if (!known[output]) {
                throw new MalformedGraphException(
                        "output \"" + tensors.get(output).name() + "\" is made by no operator");
            }
            read[output] = true;
        }
        for (int[] results : made) {
            if (results.length > 0 && Arrays.stream(results).noneMatch(result -> read[result])) {
                throw new MalformedGraphException(
                        "tensor \"" + tensors.get(results[0]).name() + "\" is made, but nothing reads it");
            }
        }
    }

    private void requireTensor(String who, int index) throws MalformedGraphException {
        if (index < 0 || index >= known.length) {
            throw new MalformedGraphException(who + " tensor " + index + "; expected one of " + known.length);
        }
    }
}
