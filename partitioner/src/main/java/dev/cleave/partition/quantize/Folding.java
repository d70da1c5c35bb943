package dev.cleave.partition.quantize;

import dev.cleave.onnx.NodeProto;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.Shape;
import java.util.List;

/**
 * Takes out of a graph what would stand between an operator and its quantisation: steps that do nothing (Identity,
 * Dropout), and arithmetic by channel behind a convolution or a matrix product, which goes into its weights and bias
 * (Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference, 2018,
 * section 3.2). A tensor keeps its name wherever it keeps its values.
 */
final class Folding {
    private final Rewriting graph;
    private final TensorFacts facts;

    Folding(Rewriting graph, TensorFacts facts) {
        this.graph = graph;
        this.facts = facts;
    }

    void run() {
        for (int index = 0; index < graph.size(); index++) {
            if (graph.node(index) != null) {
                simplify(index);
            }
        }
        for (int index = 0; index < graph.size(); index++) {
            if (graph.node(index) != null) {
                foldFollowers(index);
            }
        }
    }

    private void simplify(int index) {
        NodeProto node = graph.node(index);
        if (isNothing(node)) {
            graph.remove(index);
            graph.redirect(node.getOutput(0), node.getInput(0));
        } else if (isOnnx(node, "Sum") && node.getInputCount() == 2) {
            graph.replace(index, node.toBuilder().setOpType("Add").build());
        }
    }

    private boolean isNothing(NodeProto node) {
        boolean idle = isOnnx(node, "Identity")
                || isOnnx(node, "Dropout")
                        && node.getInputList().stream().skip(2).allMatch(String::isEmpty)
                        && node.getOutputList().stream().skip(1).allMatch(this::isUnread);
        return idle && !graph.isFixed(node.getOutput(0));
    }

    private boolean isUnread(String name) {
        return name.isEmpty() || graph.isUnread(name);
    }

    /** Folds as many of the nodes behind a linear one as can be. */
    private void foldFollowers(int index) {
        while (true) {
            NodeProto linear = graph.node(index);
            String made = linear.getOutputCount() == 1 ? linear.getOutput(0) : "";
            int reader = made.isEmpty() ? -1 : graph.onlyReader(made);
            NodeProto folded = reader < 0 ? null : folded(linear, graph.node(reader));
            if (folded == null) {
                return;
            }
            graph.remove(reader);
            graph.replace(index, folded);
        }
    }

    /** A linear node with the follower's arithmetic in its weights, making the follower's output; null if impossible. */
    private NodeProto folded(NodeProto linear, NodeProto follower) {
        Shape shape = facts.seen().get(linear.getOutput(0));
        float[] weights = linear.getInputCount() < 2 ? null : graph.floats(linear.getInput(1));
        if (weights == null || shape == null || shape.rank() < 2) {
            return null;
        }
        int axis = outputAxis(linear, shape.rank());
        if (axis < 0) {
            return null;
        }
        List<Long> dims = graph.stored(linear.getInput(1)).getDimsList();
        int channels = Math.toIntExact(dims.get(axis));
        float[] bias = bias(linear, shape.rank(), channels);
        ChannelAffine affine = ChannelAffine.of(follower, linear.getOutput(0), shape.rank(), channels, graph);
        if (bias == null || affine == null || !isSameShape(linear.getOutput(0), follower.getOutput(0))) {
            return null;
        }
        String target = follower.getOutput(0);
        scale(weights, dims, axis, affine.scale());
        for (int c = 0; c < channels; c++) {
            bias[c] = bias[c] * affine.scale()[c] + affine.shift()[c];
        }
        graph.store(target + "/weights", dims, weights);
        graph.store(target + "/bias", List.of((long) channels), bias);
        return linear.toBuilder()
                .setOpType(linear.getOpType().equals("MatMul") ? "Gemm" : linear.getOpType())
                .clearInput()
                .addInput(linear.getInput(0))
                .addInput(target + "/weights")
                .addInput(target + "/bias")
                .setOutput(0, target)
                .build();
    }

    /** The axis of the weights along which the outputs lie; -1 for a node that nothing is folded into. */
    private static int outputAxis(NodeProto linear, int rank) {
        if (isOnnx(linear, "Conv")) {
            return 0;
        }
        if (isOnnx(linear, "Gemm") && isPlainGemm(linear)) {
            return Stored.integer(linear, "transB", 0) != 0 ? 0 : 1;
        }
        return isOnnx(linear, "MatMul") && rank == 2 ? 1 : -1;
    }

    /** Whether a Gemm is {@code A * B + C}, whichever way B is stored. */
    static boolean isPlainGemm(NodeProto gemm) {
        return Stored.integer(gemm, "transA", 0) == 0
                && Stored.number(gemm, "alpha", 1) == 1
                && Stored.number(gemm, "beta", 1) == 1;
    }

    /** Zeros where there is none; null where it is not known. */
    private float[] bias(NodeProto linear, int rank, int channels) {
        if (linear.getInputCount() < 3 || linear.getInput(2).isEmpty()) {
            return new float[channels];
        }
        float[] bias = linear.getOpType().equals("Conv")
                ? graph.floats(linear.getInput(2))
                : ChannelAffine.perChannel(linear.getInput(2), rank, channels, graph);
        return bias == null || bias.length != channels ? null : bias.clone();
    }

    private boolean isSameShape(String one, String other) {
        Shape shape = facts.seen().get(other);
        return shape == null ? graph.isFixed(other) : shape.equals(facts.seen().get(one));
    }

    private static void scale(float[] weights, List<Long> dims, int axis, float[] factors) {
        int inner = 1;
        for (long dim : dims.subList(axis + 1, dims.size())) {
            inner *= (int) dim;
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] *= factors[i / inner % factors.length];
        }
    }

    static boolean isOnnx(NodeProto node, String op) {
        return node.getOpType().equals(op)
                && (node.getDomain().isEmpty() || node.getDomain().equals("ai.onnx"));
    }
}
