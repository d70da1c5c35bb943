package dev.cleave.engine;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Output tensors that were given back, for later runs of the same session: new memory has to be zeroed and mapped before
 * an engine writes its first element. Thread-safe.
 *
 * <p>Only a tensor of the very same type and shape is used again. A few of each output are kept, as many as runs may be
 * going on at once; where shapes change all the time the oldest goes.
 */
public final class SpareOutputs {
    private static final int MOST_OF_EACH = 4;

    private final Map<String, Deque<Tensor>> spares = new HashMap<>();

    /**
     * A tensor of that type and shape whose content is anything.
     *
     * @throws IllegalArgumentException if the shape needs more than 2 GiB
     */
    public Tensor takeOrAllocate(String output, ElementType type, Shape shape) {
        Tensor spare = take(output, type, shape);
        return spare != null ? spare : Tensor.allocate(type, shape);
    }

    private synchronized Tensor take(String output, ElementType type, Shape shape) {
        Deque<Tensor> kept = spares.get(output);
        if (kept == null) {
            return null;
        }
        for (Iterator<Tensor> each = kept.descendingIterator(); each.hasNext(); ) {
            Tensor tensor = each.next();
            if (tensor.type() == type && tensor.shape().equals(shape)) {
                each.remove();
                return tensor;
            }
        }
        return null;
    }

    /** Takes over a tensor that nobody reads any more. */
    public synchronized void give(String output, Tensor tensor) {
        Deque<Tensor> kept = spares.computeIfAbsent(output, name -> new ArrayDeque<>());
        kept.addLast(tensor);
        if (kept.size() > MOST_OF_EACH) {
            kept.removeFirst();
        }
    }
}
