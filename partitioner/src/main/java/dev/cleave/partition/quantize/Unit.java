package dev.cleave.partition.quantize;

import dev.cleave.partition.graph.GraphNode;

/**
 * One operator that integers can do, with the activation that its quantisation does for it.
 *
 * @param node the operator
 * @param activation a Relu or Clip behind it that is nothing but the limits of its result; null if there is none
 */
record Unit(GraphNode node, Kind kind, GraphNode activation) {
    /** How an operator works on quantised tensors. */
    enum Kind {
        /** Multiplies with stored weights, which are quantised by output channel. */
        LINEAR,
        /** Has a result of another range than its inputs. */
        COMPUTING,
        /** Takes its values from its input: the same integers in another order, or some of them. */
        MOVING,
        /** Limits its input to a range, in the input's own scale. */
        LIMITING
    }

    /** The tensor that is quantised: what the unit gives to the rest of the model. */
    String output() {
        return (activation == null ? node : activation).outputs().get(0);
    }

    /** What reports call it. */
    String label() {
        return node.label();
    }

    /** Whether scale and zero point are those of the input. */
    boolean keepsScale() {
        return kind == Kind.MOVING || kind == Kind.LIMITING;
    }
}
