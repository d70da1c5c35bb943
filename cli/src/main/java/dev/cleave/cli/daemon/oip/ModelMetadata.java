package dev.cleave.cli.daemon.oip;

import dev.cleave.bundle.Contract;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** What the protocol tells of a model. Open dimensions are -1. */
public record ModelMetadata(
        String name,
        List<String> versions,
        String platform,
        List<TensorMetadata> inputs,
        List<TensorMetadata> outputs) {
    /** One input or output. */
    public record TensorMetadata(String name, String datatype, List<Long> shape) {
        static TensorMetadata of(TensorSpec spec) {
            List<Long> shape = new ArrayList<>();
            for (int axis = 0; axis < spec.shape().rank(); axis++) {
                shape.add(Math.max(-1, spec.shape().dim(axis)));
            }
            return new TensorMetadata(spec.name(), DataType.name(spec.type()), shape);
        }
    }

    public static ModelMetadata of(Contract contract) {
        return new ModelMetadata(
                contract.modelName(),
                List.of(contract.modelVersion()),
                "cleave",
                contract.inputs().stream().map(TensorMetadata::of).toList(),
                contract.outputs().stream().map(TensorMetadata::of).toList());
    }
}
