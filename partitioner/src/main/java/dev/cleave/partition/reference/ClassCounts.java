package dev.cleave.partition.reference;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Values;
import dev.cleave.bundle.Reference;
import dev.cleave.bundle.Reference.ClassCount;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Counts the classes that the first output names: the place of its largest score, or the class that it is. One thread. */
final class ClassCounts {
    private static final int MOST_CLASSES = 1000;

    private final boolean scored;
    private final Map<Long, Long> counts = new TreeMap<>();
    private final ValueCounts margins = new ValueCounts();

    private ClassCounts(boolean scored) {
        this.scored = scored;
    }

    /** Null where the first output names no class. */
    static ClassCounts forOutputs(List<TensorSpec> outputs) {
        boolean scored = Agreement.forOutputs(outputs) == Agreement.TOP_1;
        return scored || isClass(outputs.get(0)) ? new ClassCounts(scored) : null;
    }

    /** One integer per row. */
    private static boolean isClass(TensorSpec output) {
        boolean single = !output.type().isFloating() && output.shape().rank() > 0;
        for (int axis = 1; axis < output.shape().rank(); axis++) {
            single &= output.shape().dim(axis) == 1;
        }
        return single;
    }

    /** @param first the first output of one row; one that names no class is passed over */
    void add(Tensor first) {
        if (!scored) {
            if (first.elements() == 1) {
                count((long) Values.get(first, first.data(), 0));
            }
            return;
        }
        int best = Values.argmax(first);
        if (best >= 0) {
            count(best);
            margins.add((float) margin(first, best));
        }
    }

    private void count(long label) {
        if (label >= 0) {
            counts.merge(label, 1L, Long::sum);
        }
    }

    private static double margin(Tensor scores, int best) {
        ByteBuffer data = scores.data();
        double second = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < scores.elements(); i++) {
            if (i != best) {
                second = Math.max(second, Values.get(scores, data, i));
            }
        }
        return Values.get(scores, data, best) - second;
    }

    Reference.Classes classes() {
        Set<Long> kept = new HashSet<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(MOST_CLASSES)
                .forEach(entry -> kept.add(entry.getKey()));
        long others = counts.entrySet().stream()
                .filter(entry -> !kept.contains(entry.getKey()))
                .mapToLong(Map.Entry::getValue)
                .sum();
        List<ClassCount> listed = counts.entrySet().stream()
                .filter(entry -> kept.contains(entry.getKey()))
                .map(entry -> new ClassCount(entry.getKey(), entry.getValue()))
                .toList();
        return new Reference.Classes(listed, others, scored ? margins.histogram() : null);
    }
}
