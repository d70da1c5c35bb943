package dev.cleave.edge.device;

import dev.cleave.bundle.Contract;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** One row of made-up inputs to time a head with: floats of 0 to 1 and bytes by chance, zeros of every other type, which may be indices. */
final class TimingInputs {
    private static final long SEED = 1;

    private TimingInputs() {}

    /** Always the same for a contract; null if an input has an open dimension beside its rows, since what runs then is not known. */
    static Map<String, Tensor> of(Contract contract) {
        Random random = new Random(SEED);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (TensorSpec input : contract.inputs()) {
            if (!input.shape().withRows(1).isStatic()) {
                return null;
            }
            Tensor tensor = Tensor.allocate(input.type(), input.shape().withRows(1));
            fill(tensor, random);
            inputs.put(input.name(), tensor);
        }
        return inputs;
    }

    private static void fill(Tensor tensor, Random random) {
        ByteBuffer data = tensor.data();
        if (tensor.type() == ElementType.FLOAT32) {
            for (int i = 0; i < tensor.elements(); i++) {
                data.putFloat(i * Float.BYTES, random.nextFloat());
            }
        } else if (tensor.type() == ElementType.UINT8) {
            for (int i = 0; i < tensor.elements(); i++) {
                data.put(i, (byte) random.nextInt());
            }
        }
    }
}
