package dev.cleave.partition.half;

import dev.cleave.partition.graph.GraphNode;
import java.util.Set;

/**
 * What operators are to a conversion to 16-bit floats. What is not named here stays in 32 bits: sums over many numbers
 * (means, normalisations, Softmax), functions whose results or arguments leave the range (Exp, Pow, Log, a division by what
 * is computed), positions and sizes (Resize, Range, NonMaxSuppression), random numbers, quantisation, recurrent networks,
 * control flow, and operators of other domains.
 */
final class HalfOperators {
    /** Worth converting for: engines run them many times faster, and sum in 32 bits. */
    private static final Set<String> SEEDS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");
    /** Converted where what they read is in 16 bits already: element by element, or moving elements. */
    private static final Set<String> FOLLOWERS = Set.of(
            ("Abs Add AveragePool Celu Clip Concat DepthToSpace Div Dropout Elu Expand Flatten Gather GlobalMaxPool HardSigmoid"
                            + " HardSwish Identity LeakyRelu Max MaxPool Min Mul Neg PRelu Pad Relu Reshape Selu Sigmoid Slice"
                            + " SpaceToDepth Split Squeeze Sub Tanh ThresholdedRelu Tile Transpose Unsqueeze Where")
                    .split(" "));

    private HalfOperators() {}

    static boolean isSeed(GraphNode node) {
        return node.domain().isEmpty() && SEEDS.contains(node.op());
    }

    static boolean isFollower(GraphNode node) {
        return node.domain().isEmpty() && FOLLOWERS.contains(node.op());
    }

    /** Whether an input is of the same type as the data: the ratio of a Dropout is not. */
    static boolean isData(GraphNode node, int input) {
        return !node.is("Dropout") || input == 0;
    }

    /** Whether an input only bounds the data, so that a bound out of range can be the range's own. */
    static boolean isBound(GraphNode node, int input) {
        return node.is("Clip") && input > 0;
    }
}
