package dev.cleave.gateway.exec;

import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors that a worker decodes into, used again for every batch. A buffer grows to the largest batch seen and stays
 * so. Belongs to one thread.
 */
final class BatchTensors {
    private final Map<String, ByteBuffer> buffers = new HashMap<>();

    /** Tensors for a batch; contents are whatever an earlier batch left. Valid until the next call. */
    Map<String, Tensor> of(List<TensorSpec> boundary, BatchKey key, int rows) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < boundary.size(); i++) {
            TensorSpec spec = boundary.get(i);
            tensors.put(spec.name(), tensor(spec, key.shapes().get(i).withRows(rows)));
        }
        return tensors;
    }

    /** The same for state, whose shapes are the contract's. */
    Map<String, Tensor> of(List<TensorSpec> state, int rows) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (TensorSpec spec : state) {
            tensors.put(spec.name(), tensor(spec, spec.shape().withRows(rows)));
        }
        return tensors;
    }

    private Tensor tensor(TensorSpec spec, Shape shape) {
        int bytes = Math.toIntExact(
                Math.multiplyExact(shape.elements(), (long) spec.type().bytes()));
        ByteBuffer direct = buffer(spec.name(), bytes).limit(bytes);
        return Tensor.wrap(spec.type(), shape, direct);
    }

    private ByteBuffer buffer(String name, int bytes) {
        ByteBuffer kept = buffers.get(name);
        if (kept == null || kept.capacity() < bytes) {
            kept = ByteBuffer.allocateDirect(bytes);
            buffers.put(name, kept);
        }
        return kept.duplicate().clear();
    }
}
