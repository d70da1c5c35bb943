package dev.cleave.partition.verify;

import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.TensorWalk;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

/** A model file for an engine, uncut: the bytes as they are, and its external data where the model was read from. */
public final class ModelSource {
    private ModelSource() {}

    public static GraphSource of(OnnxModel model) throws IOException {
        return new GraphSource(model.file().toString(), model.proto().toByteArray(), weights(model));
    }

    private static Map<String, WeightsRegion> weights(OnnxModel model) throws IOException {
        Map<String, WeightsRegion> weights = new HashMap<>();
        TensorWalk.graph(model.proto().getGraph(), tensor -> {
            WeightsRegion region = model.external(tensor);
            if (region != null) {
                weights.put(location(tensor), region);
            }
        });
        for (Map.Entry<String, WeightsRegion> entry : weights.entrySet()) {
            entry.setValue(new WeightsRegion(
                    entry.getValue().file(), 0, Files.size(entry.getValue().file())));
        }
        return weights;
    }

    private static String location(TensorProto tensor) {
        return tensor.getExternalDataList().stream()
                .filter(entry -> entry.getKey().equals("location"))
                .map(StringStringEntryProto::getValue)
                .findFirst()
                .orElse("");
    }
}
