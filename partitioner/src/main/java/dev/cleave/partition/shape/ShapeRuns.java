package dev.cleave.partition.shape;

import dev.cleave.engine.EngineException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Shapes that several runs of one graph showed, and what follows from them. One thread. */
final class ShapeRuns {
    private final Map<String, Shape> seen;
    private final List<Map<String, Shape>> others = new ArrayList<>();
    private Map<String, Shape> joined;
    private long rows;

    /** @param seen shapes in the reference run, of one row */
    ShapeRuns(Map<String, Shape> seen) {
        this.seen = seen;
    }

    /** Adds a run of one row, with other values or sizes. */
    void add(Map<String, Shape> shapes) {
        others.add(shapes);
    }

    /** Adds the run of several rows. */
    void addRows(Map<String, Shape> shapes, long count) {
        joined = shapes;
        rows = count;
    }

    TensorFacts facts(GraphProbe probe) throws IOException, EngineException {
        DataDependence dependence = new DataDependence(probe.flow().graph());
        Map<String, TensorSpec> inferredSpecs = new HashMap<>(probe.types().specs());
        inferredSpecs.putAll(probe.inputs().specs());
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        Map<String, String> refused = new LinkedHashMap<>(probe.types().refused());
        seen.forEach((name, shape) -> {
            TensorSpec inferred = inferredSpecs.get(name);
            if (inferred == null) {
                return;
            }
            if (!ranksAgree(name)) {
                refused.put(name, "its rank is not always the same");
                return;
            }
            Shape open = shape;
            for (int axis = 0; axis < shape.rank(); axis++) {
                open = open.withDim(axis, dim(name, axis, inferred.shape(), dependence.mayResize(name)));
            }
            specs.put(name, new TensorSpec(name, inferred.type(), open));
        });
        return new TensorFacts(specs, seen, refused);
    }

    private boolean ranksAgree(String name) {
        int rank = seen.get(name).rank();
        return others.stream().allMatch(run -> run.get(name).rank() == rank)
                && (joined == null || joined.get(name).rank() == rank);
    }

    private long dim(String name, int axis, Shape inferred, boolean mayResize) {
        long size = seen.get(name).dim(axis);
        boolean known = inferred.rank() == seen.get(name).rank() && inferred.dim(axis) >= 0;
        boolean varies = mayResize && !known
                || others.stream().anyMatch(run -> run.get(name).dim(axis) != size);
        if (varies) {
            return Shape.DYNAMIC;
        }
        if (joined == null || joined.get(name).dim(axis) == size) {
            return size;
        }
        return axis == 0 && size == 1 && joined.get(name).dim(0) == rows ? Shape.BATCH : Shape.DYNAMIC;
    }
}
