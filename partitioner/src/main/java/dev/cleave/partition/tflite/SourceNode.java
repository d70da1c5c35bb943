package dev.cleave.partition.tflite;

import dev.cleave.onnx.AttributeProto;
import dev.cleave.partition.graph.GraphNode;
import java.util.List;

/** A node of the ONNX graph, and its attributes as values. Immutable. */
record SourceNode(GraphNode node) {
    /** The operator, with its domain where that is not ONNX's own. */
    String operator() {
        return node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op();
    }

    /** Name of an input; empty for one that is absent. */
    String input(int index) {
        return index < node.inputs().size() ? node.inputs().get(index) : "";
    }

    /** Name of an output; empty for one that is not wanted. */
    String output(int index) {
        return index < node.outputs().size() ? node.outputs().get(index) : "";
    }

    List<String> inputs() {
        return node.inputs();
    }

    List<String> outputs() {
        return node.outputs();
    }

    boolean has(String attribute) {
        return attribute(attribute) != null;
    }

    int integer(String name, int otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : clamped(attribute.getI());
    }

    float number(String name, float otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getF();
    }

    String text(String name, String otherwise) {
        AttributeProto attribute = attribute(name);
        return attribute == null ? otherwise : attribute.getS().toStringUtf8();
    }

    /** A list of integers; null if the attribute is absent. */
    int[] integers(String name) {
        AttributeProto attribute = attribute(name);
        return attribute == null
                ? null
                : attribute.getIntsList().stream().mapToInt(SourceNode::clamped).toArray();
    }

    /** A list of numbers; null if the attribute is absent. */
    float[] numbers(String name) {
        AttributeProto attribute = attribute(name);
        if (attribute == null) {
            return null;
        }
        float[] values = new float[attribute.getFloatsCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = attribute.getFloats(i);
        }
        return values;
    }

    private AttributeProto attribute(String name) {
        return node.proto().getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private static int clamped(long value) {
        return (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, value));
    }

    /** An exception that names this node. */
    UnconvertibleException refusal(String found, String expected) {
        return new UnconvertibleException(operator(), node.label() + ": " + found + "; expected " + expected);
    }
}
