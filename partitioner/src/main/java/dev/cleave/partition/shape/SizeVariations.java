package dev.cleave.partition.shape;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Other sizes for the open dimensions of a graph's inputs, rows excepted. All are enlarged together first; where no
 * such run succeeds, those of each symbolic name in turn, then each axis alone: one name may stand for two sizes, and two
 * names for one.
 */
final class SizeVariations {
    /** Each size is multiplied by the factor and raised to the least size: small changes vanish in strides. */
    private static final long[][] FACTORS_AND_LEAST = {{2, 128}, {2, 0}, {3, 0}};

    private final GraphProbe probe;
    private final Map<OpenAxis, Long> sizes;
    private final Set<String> batched;
    private final List<OpenAxis> axes = new ArrayList<>();

    SizeVariations(GraphProbe probe, Map<OpenAxis, Long> sizes, Set<String> batched) {
        this.probe = probe;
        this.sizes = sizes;
        this.batched = batched;
        for (OpenAxis axis : probe.inputs().openAxes()) {
            if (axis.axis() > 0 || !batched.contains(axis.input())) {
                axes.add(axis);
            }
        }
    }

    /** Passes on the shapes that each successful run showed. */
    void forEachThatRuns(long seed, Consumer<Map<String, Shape>> runs) throws IOException {
        if (axes.isEmpty() || tryAny(axes, seed, runs)) {
            return;
        }
        Set<String> keys = new LinkedHashSet<>();
        axes.forEach(axis -> keys.add(axis.key()));
        boolean some = false;
        for (String key : keys) {
            some |= tryAny(axes.stream().filter(axis -> axis.key().equals(key)).toList(), seed, runs);
        }
        if (!some) {
            for (OpenAxis axis : axes) {
                tryAny(List.of(axis), seed, runs);
            }
        }
    }

    private boolean tryAny(List<OpenAxis> enlarged, long seed, Consumer<Map<String, Shape>> runs) throws IOException {
        for (long[] variation : FACTORS_AND_LEAST) {
            Map<OpenAxis, Long> varied = new LinkedHashMap<>(sizes);
            enlarged.forEach(axis ->
                    varied.computeIfPresent(axis, (key, size) -> Math.max(size * variation[0], variation[1])));
            Map<String, Shape> shapes = new LinkedHashMap<>(probe.shapes(varied));
            batched.forEach(input -> shapes.compute(input, (name, shape) -> shape.withDim(0, 1)));
            try {
                runs.accept(probe.run(shapes, seed));
                return true;
            } catch (EngineException refusedAtThisSize) {
                // Another size may do: networks ask for multiples, or have a largest size.
            }
        }
        return false;
    }
}
