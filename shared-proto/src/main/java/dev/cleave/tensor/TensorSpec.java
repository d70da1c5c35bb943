package dev.cleave.tensor;

import java.util.Objects;

/** The name, element type and (possibly open) shape of a tensor, as a graph or a boundary declares it. */
public record TensorSpec(String name, ElementType type, Shape shape) {
    public TensorSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
    }

    /**
     * Checks a tensor against this declaration.
     *
     * @return null if it fits, else one line that names the tensor, the value and the expectation
     */
    public String mismatch(Tensor tensor) {
        if (tensor.type() != type) {
            return "tensor \"" + name + "\" is " + tensor.type().jsonName() + "; expected " + type.jsonName();
        }
        if (!shape.accepts(tensor.shape())) {
            return "tensor \"" + name + "\" has shape " + tensor.shape() + "; expected " + shape;
        }
        return null;
    }

    @Override
    public String toString() {
        return name + ":" + type.jsonName() + shape;
    }
}
