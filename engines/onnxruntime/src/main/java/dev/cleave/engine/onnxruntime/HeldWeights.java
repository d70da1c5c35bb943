package dev.cleave.engine.onnxruntime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The native views of a graph's {@link HeldTensor}s. A session reads from them as long as it lives; close it first.
 *
 * <p>ONNX Runtime is told of each twice: as what stands in for a file, without which it looks for the file, and as an
 * initializer that is there already, without which it makes a copy.
 */
final class HeldWeights implements AutoCloseable {
    private final Map<String, OnnxTensorLike> tensors = new LinkedHashMap<>();

    private HeldWeights() {}

    static HeldWeights of(List<HeldTensor> held, OrtEnvironment environment) throws OrtException {
        HeldWeights weights = new HeldWeights();
        try {
            for (HeldTensor tensor : held) {
                weights.tensors.put(
                        tensor.name(),
                        OnnxTensor.createTensor(environment, tensor.bytes(), tensor.dims(), tensor.type()));
            }
            return weights;
        } catch (OrtException | RuntimeException e) {
            weights.close();
            throw e;
        }
    }

    void addTo(OrtSession.SessionOptions settings) throws OrtException {
        if (tensors.isEmpty()) {
            return;
        }
        settings.addExternalInitializers(tensors);
        for (Map.Entry<String, OnnxTensorLike> tensor : tensors.entrySet()) {
            settings.addInitializer(tensor.getKey(), tensor.getValue());
        }
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensorLike::close);
    }
}
