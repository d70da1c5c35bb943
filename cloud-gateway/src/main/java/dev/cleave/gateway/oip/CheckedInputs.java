package dev.cleave.gateway.oip;

import dev.cleave.codec.RawPayload;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs of a request, held against what the model takes: one for each tensor of the boundary, in its order, of its type and of a shape that it stands
 * for, with as many elements. Nothing is allocated before all of that is known.
 */
final class CheckedInputs {
    private final List<TensorSpec> specs;
    private final List<InputTensor> inputs = new ArrayList<>();
    private final List<Shape> shapes = new ArrayList<>();
    private int rows = 1;

    private CheckedInputs(List<TensorSpec> specs) {
        this.specs = specs;
    }

    /**
     * Checks everything but the elements themselves.
     *
     * @param maxBytes of all tensors together
     */
    static CheckedInputs of(OipModel model, List<InputTensor> inputs, long maxBytes) throws OipException {
        CheckedInputs checked = new CheckedInputs(model.inputs());
        Map<String, InputTensor> byName = byName(model, inputs);
        long bytes = 0;
        for (TensorSpec spec : checked.specs) {
            InputTensor input = byName.remove(spec.name());
            if (input == null) {
                throw OipException.malformed(
                        "input " + Quoted.of(spec.name()) + " is missing; expected " + inputs(model));
            }
            bytes += checked.add(spec, input);
            if (bytes > maxBytes) {
                throw new OipException(
                        Fault.TOO_LARGE,
                        "inputs up to " + Quoted.of(spec.name()) + " take " + bytes + " bytes; expected at most "
                                + maxBytes);
            }
        }
        if (!byName.isEmpty()) {
            throw OipException.malformed(
                    "input " + Quoted.of(byName.keySet().iterator().next()) + " is none of the model's; expected "
                            + inputs(model));
        }
        checked.checkRows(model);
        return checked;
    }

    private static Map<String, InputTensor> byName(OipModel model, List<InputTensor> inputs) throws OipException {
        Map<String, InputTensor> byName = new LinkedHashMap<>();
        for (InputTensor input : inputs) {
            if (byName.put(input.name(), input) != null) {
                throw OipException.malformed(
                        "input " + Quoted.of(input.name()) + " is given twice; expected " + inputs(model));
            }
        }
        return byName;
    }

    private static String inputs(OipModel model) {
        return model.inputs().stream()
                .map(spec -> spec.name() + " " + Datatype.of(spec.type()) + spec.shape())
                .reduce((a, b) -> a + ", " + b)
                .orElse("none");
    }

    /** @return bytes of its elements */
    private long add(TensorSpec spec, InputTensor input) throws OipException {
        String named = "input " + Quoted.of(spec.name());
        if (!input.datatype().equals(Datatype.of(spec.type()))) {
            String strings = input.datatype().equals("BYTES") ? "; strings are taken nowhere here" : "";
            throw OipException.malformed(named + " has datatype " + Quoted.of(input.datatype()) + "; expected "
                    + Datatype.of(spec.type()) + strings);
        }
        Shape shape = shape(spec, input.shape());
        long elements;
        long bytes;
        try {
            elements = shape.elements();
            bytes = Math.multiplyExact(elements, (long) spec.type().bytes());
        } catch (ArithmeticException overflow) {
            throw new OipException(
                    Fault.TOO_LARGE, named + " has shape " + shape + ", which no memory holds", overflow);
        }
        input.requireElements(spec.type(), elements);
        inputs.add(input);
        shapes.add(shape);
        return Math.min(bytes, Integer.MAX_VALUE);
    }

    private static Shape shape(TensorSpec spec, long[] dims) throws OipException {
        boolean negative = false;
        for (long dim : dims) {
            negative |= dim < 0;
        }
        Shape shape = dims.length > Shape.MAX_RANK || negative ? null : Shape.of(dims);
        if (shape == null || !spec.shape().accepts(shape)) {
            throw OipException.malformed(
                    "input " + Quoted.of(spec.name()) + " has shape " + shown(dims) + "; expected " + spec.shape());
        }
        return shape;
    }

    private static String shown(long[] dims) {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < dims.length && i <= Shape.MAX_RANK; i++) {
            text.append(i == 0 ? "" : ",").append(i == Shape.MAX_RANK ? ".." : Long.toString(dims[i]));
        }
        return text.append(']').toString();
    }

    private void checkRows(OipModel model) throws OipException {
        String first = null;
        for (int i = 0; i < specs.size(); i++) {
            if (!specs.get(i).shape().isBatched()) {
                continue;
            }
            long these = shapes.get(i).dim(0);
            String named = "input " + Quoted.of(specs.get(i).name());
            if (these == 0) {
                throw OipException.malformed(named + " has no rows; expected 1 to " + maxRows(model));
            }
            if (these > maxRows(model)) {
                throw new OipException(
                        Fault.TOO_LARGE, named + " has " + these + " rows; expected 1 to " + maxRows(model));
            }
            if (first != null && these != rows) {
                throw OipException.malformed(
                        named + " has " + these + " rows; expected " + rows + " as " + first + " has");
            }
            first = first == null ? named : first;
            rows = (int) these;
        }
    }

    private static int maxRows(OipModel model) {
        return model.model().maxRows(model.point());
    }

    /** Of the request; 1 where rows have no meaning. */
    int rows() {
        return rows;
    }

    /** Writes the elements into a payload of level raw. */
    RawPayload payload() throws OipException {
        RawPayload payload = RawPayload.of(specs, shapes);
        for (int i = 0; i < specs.size(); i++) {
            inputs.get(i).write(specs.get(i).type(), shapes.get(i), payload.elements(i));
        }
        return payload;
    }
}
