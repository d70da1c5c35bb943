package dev.cleave.partition.graph;

import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What running a model taught about its tensors. Immutable.
 *
 * @param specs by name: element type, and the shape with open dimensions where they were seen to vary
 * @param seen by name: the static shape of the reference run, which sizes are computed from
 * @param refused by name: why a value is no tensor that can cross a boundary (strings, sequences ...)
 */
public record TensorFacts(Map<String, TensorSpec> specs, Map<String, Shape> seen, Map<String, String> refused) {
    public TensorFacts {
        specs = Collections.unmodifiableMap(new LinkedHashMap<>(specs));
        seen = Collections.unmodifiableMap(new LinkedHashMap<>(seen));
        refused = Collections.unmodifiableMap(new LinkedHashMap<>(refused));
    }

    /** Declaration of a tensor, or null if nothing is known of it. */
    public TensorSpec spec(String name) {
        return specs.get(name);
    }

    /** Size in bytes in the reference run; 0 if nothing is known of the tensor. */
    public long bytes(String name) {
        TensorSpec spec = specs.get(name);
        Shape shape = seen.get(name);
        return spec == null || shape == null
                ? 0
                : shape.elements() * spec.type().bytes();
    }

    /** Number of elements in the reference run; 0 if nothing is known of the tensor. */
    public long elements(String name) {
        Shape shape = seen.get(name);
        return shape == null ? 0 : shape.elements();
    }
}
