package dev.cleave.bundle;

import dev.cleave.codec.CodecParams;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The part of a bundle on which agent and gateway must agree; the SHA-256 of its bytes is the bundle id.
 *
 * @param modelName name under which a gateway serves it
 * @param sourceDigest SHA-256 of the model that it was cut from
 * @param precision of the graphs that define the answers: {@code fp32}, {@code fp16} or {@code int8}
 * @param edgePrecision of the graphs that devices run: {@code precision}, or {@code int8} beside a float one
 * @param inputs of the whole model
 * @param outputs of the whole model
 * @param replies how each output is coded on the way back, in their order; a frame at level {@code raw} is answered raw
 * @param labels of the classes of the first output, or empty
 * @param preprocessing of pictures, or null
 * @param maxBatch most rows that may be joined; 1 where the model's rows are not independent
 * @param batchReason why {@code maxBatch} is 1, else empty
 * @param points ladder points 0..k; {@code points.get(i).index() == i}
 * @param state tensors that loop back from an output to an input
 * @param privacyFloor the first point that may be used, by index: nothing before it leaves the device; 0 for none
 * @param files every graph and weights file, present in this view or not
 * @param weightPrefixes for each precision's weights file: how much of it the segments before each point need
 */
public record Contract(
        String modelName,
        String modelVersion,
        String sourceDigest,
        String precision,
        String edgePrecision,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        List<CodecParams> replies,
        List<String> labels,
        Preprocessing preprocessing,
        int maxBatch,
        String batchReason,
        List<LadderPoint> points,
        List<StateTensor> state,
        int privacyFloor,
        List<FileDigest> files,
        List<WeightPrefix> weightPrefixes) {
    /** Version of contract, manifest and zip layout that this release writes. */
    public static final int FORMAT_VERSION = 1;
    /** Largest graph in bytes, in any form; the weights of ONNX's lie outside. */
    public static final long MAX_GRAPH_BYTES = 256L << 20;
    /** The precision whose graphs exchange integers where a boundary tensor has an integer form. */
    public static final String INT8 = "int8";

    public Contract {
        inputs = copy(inputs);
        outputs = copy(outputs);
        replies = copy(replies);
        labels = copy(labels);
        points = copy(points);
        state = copy(state);
        files = copy(files);
        weightPrefixes = copy(weightPrefixes);
    }

    /** k: the number of split points between CLOUD and LOCAL. */
    public int splitPoints() {
        return points.size() - 1;
    }

    /** k + 1: the number that stands for LOCAL. */
    public int local() {
        return points.size();
    }

    /** The graph that runs from a point to the end: that of point 0 is all of the model, which a bundle has once in its own precision. */
    public String tailGraph(String inPrecision, int point) {
        return point == 0 && inPrecision.equals(precision) ? "whole" : "tail-" + point;
    }

    /** Outputs that a reply to a frame at this point holds, in the graph's order; state is none of them, it stays where it is made. */
    public List<TensorSpec> lateOutputs(int point) {
        List<TensorSpec> late = new ArrayList<>();
        for (TensorSpec output : outputsWithoutState()) {
            if (!points.get(point).earlyOutputs().contains(output.name())) {
                late.add(output);
            }
        }
        return late;
    }

    /** State that is made after a point, so that whoever runs the tail keeps it; none at LOCAL. */
    public List<StateTensor> stateAfter(int point) {
        List<StateTensor> after = new ArrayList<>(point == local() ? Collections.<StateTensor>emptyList() : state);
        after.removeIf(each -> points.get(point).earlyOutputs().contains(each.output()));
        return after;
    }

    /** State that is made before a point, so that whoever runs the head keeps it; all at LOCAL. */
    public List<StateTensor> stateBefore(int point) {
        List<StateTensor> before = new ArrayList<>(state);
        before.removeAll(stateAfter(point));
        return before;
    }

    /** @throws IllegalArgumentException if the model has no such input */
    public TensorSpec input(String name) {
        for (TensorSpec input : inputs) {
            if (input.name().equals(name)) {
                return input;
            }
        }
        throw new IllegalArgumentException("no input \"" + name + "\"; expected one of " + inputs);
    }

    /** What a caller gives: inputs that are not state. */
    public List<TensorSpec> inputsWithoutState() {
        List<TensorSpec> given = new ArrayList<>(inputs);
        given.removeIf(input -> state.stream().anyMatch(each -> each.input().equals(input.name())));
        return given;
    }

    /** What a caller gets: outputs that are not state. */
    public List<TensorSpec> outputsWithoutState() {
        List<TensorSpec> answers = new ArrayList<>(outputs);
        answers.removeIf(output -> state.stream().anyMatch(each -> each.output().equals(output.name())));
        return answers;
    }

    private static <T> List<T> copy(List<T> list) {
        return Collections.unmodifiableList(new ArrayList<>(list));
    }
}
