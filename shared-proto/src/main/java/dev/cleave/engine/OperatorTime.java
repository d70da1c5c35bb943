package dev.cleave.engine;

import java.util.Objects;

/**
 * How long an engine took for one of its operators in one run.
 *
 * @param node what the engine calls the node: the graph's own name, or one made up when it joined or added nodes
 * @param operator kind of the operator, {@code Conv} say; the engine's own where it joined some
 * @param nanos time in it, with the bodies that it ran
 */
public record OperatorTime(String node, String operator, long nanos) {
    public OperatorTime {
        Objects.requireNonNull(node, "node");
        Objects.requireNonNull(operator, "operator");
    }
}
