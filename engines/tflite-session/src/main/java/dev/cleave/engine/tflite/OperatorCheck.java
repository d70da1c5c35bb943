package dev.cleave.engine.tflite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Refuses operators of one subgraph that would end the process: kernels divide by strides and block sizes, and count on
 * inputs that are there and on operators in an order in which each finds what it reads. To be asked in the subgraph's order.
 *
 * <p>Numbers are those of {@code BuiltinOperator} and of the options' fields in TensorFlow Lite's schema.
 */
final class OperatorCheck {
    private static final int CODE_OLD = 0;
    private static final int CODE_CUSTOM = 1;
    private static final int CODE_VERSION = 2;
    private static final int CODE = 3;
    private static final int OPERATOR_CODE_INDEX = 0;
    private static final int OPERATOR_INPUTS = 1;
    private static final int OPERATOR_OUTPUTS = 2;
    private static final int OPTIONS_TYPE = 3;
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

    /** Operator, kind of options, then the numbers of those of their fields that must be positive, and their widths. */
    private static final int[][] POSITIVE = {
        {1, 5, 1, 2, 3, 4}, // AVERAGE_POOL_2D: strides and filter
        {17, 5, 1, 2, 3, 4}, // MAX_POOL_2D
        {12, 5, 1, 2, 3, 4}, // L2_POOL_2D
        {3, 1, 1, 2, 4, 5}, // CONV_2D: strides and dilations
        {4, 2, 1, 2, 3, 5, 6}, // DEPTHWISE_CONV_2D: strides, multiplier, dilations
        {67, 49, 1, 2}, // TRANSPOSE_CONV: strides
        {5, 94, 0}, // DEPTH_TO_SPACE: block
        {26, 19, 0} // SPACE_TO_DEPTH: block
    };

    /** The operators among them whose first field says how to pad: 0 or 1. */
    private static final Set<Integer> PADDED = new HashSet<>(Arrays.asList(1, 17, 12, 3, 4, 67));

    /** Those of the fields above whose default is 1. */
    private static int absent(int operator, int field) {
        boolean dilation = operator == 3 && field >= 4 || operator == 4 && field >= 5;
        return dilation ? 1 : 0;
    }

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
        requirePositive(kind, operator);
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

    private static void requirePositive(int kind, FlatTable operator) throws MalformedGraphException {
        for (int[] rule : POSITIVE) {
            if (rule[0] != kind) {
                continue;
            }
            FlatTable options = operator.table(OPTIONS);
            if (options == null || operator.byteAt(OPTIONS_TYPE, 0) != rule[1]) {
                throw new MalformedGraphException("operator " + kind + " has no options of its kind");
            }
            int padding = PADDED.contains(kind) ? options.byteAt(0, 0) : 0;
            if (padding != 0 && padding != 1) {
                throw new MalformedGraphException("operator " + kind + " has padding " + padding + "; expected 0 or 1");
            }
            for (int i = 2; i < rule.length; i++) {
                int value = options.intAt(rule[i], absent(kind, rule[i]));
                if (value < 1) {
                    throw new MalformedGraphException("operator " + kind + " has " + value + " in field " + rule[i]
                            + " of its options; expected at least 1");
                }
            }
        }
    }
}
