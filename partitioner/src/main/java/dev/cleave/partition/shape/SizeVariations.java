package dev.cleave.partition.shape;

import dev.cleave.engine.EngineException;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Other sizes for the open dimensions of a graph's inputs, rows excepted. All are enlarged together first; where they
 * cannot all be large, those of each symbolic name in turn, then each axis alone: one name may stand for two sizes, and two
 * names for one.
 */
final class SizeVariations {
    /**
     * Each size is multiplied by the factor and raised to the least size, because small changes vanish in strides;
     * axis 0 is not raised.
     */
    private static final long[][] FACTORS_AND_LEAST = {{2, 128}, {2, 0}, {3, 0}};

    /** The first variation: sizes that strides do not hide. */
    private static final int LARGE = 0;

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

    /**
     * Passes on the shapes that each successful run showed. Where all axes could not be made large together (one of them
     * must have a certain size, say), the others still have to be seen large.
     */
    void forEachThatRuns(long seed, Consumer<Map<String, Shape>> runs) throws IOException {
        if (axes.isEmpty() || tryAny(axes, seed, runs) == LARGE) {
            return;
        }
        Map<String, List<OpenAxis>> symbols = new LinkedHashMap<>();
        axes.forEach(axis ->
                symbols.computeIfAbsent(axis.key(), key -> new ArrayList<>()).add(axis));
        for (List<OpenAxis> ofSymbol : symbols.values()) {
            if (tryAny(ofSymbol, seed, runs) != LARGE && ofSymbol.size() > 1) {
                for (OpenAxis axis : ofSymbol) {
                    tryAny(List.of(axis), seed, runs);
                }
            }
        }
    }

    /** Index of the variation that ran, or one past the last. */
    private int tryAny(List<OpenAxis> enlarged, long seed, Consumer<Map<String, Shape>> runs) throws IOException {
        for (int tried = 0; tried < FACTORS_AND_LEAST.length; tried++) {
            long[] variation = FACTORS_AND_LEAST[tried];
            Map<OpenAxis, Long> varied = new LinkedHashMap<>(sizes);
            enlarged.forEach(axis -> {
                long least = axis.axis() == 0 ? 0 : variation[1];
                varied.computeIfPresent(axis, (key, size) -> Math.max(size * variation[0], least));
            });
            Map<String, Shape> shapes = new LinkedHashMap<>(probe.shapes(varied));
            batched.forEach(input -> shapes.compute(input, (name, shape) -> shape.withDim(0, 1)));
            try {
                runs.accept(probe.run(shapes, seed));
                return tried;
            } catch (EngineException refusedAtThisSize) {
                // Another size may do: networks ask for multiples, or have a largest size.
            }
        }
        return FACTORS_AND_LEAST.length;
    }
}
