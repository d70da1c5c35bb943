package dev.cleave.gateway.state;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.ReplyCodec;
import dev.cleave.bundle.StateTensor;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A model whose answer tells which frames its state was made of: how many, the last one, and a hash of all in their order. Its state is made
 * after point 1; point 2 lies behind it.
 */
final class CountingModel {
    static final int WIDTH = 4;
    private static final TestModel BASE = TestModel.named("counting");

    private CountingModel() {}

    static Contract contract() {
        Contract base = BASE.contract();
        TensorSpec memory = new TensorSpec("memory", ElementType.FLOAT32, Shape.of(Shape.BATCH, WIDTH));
        TensorSpec next = new TensorSpec("next", ElementType.FLOAT32, memory.shape());
        LadderPoint after = base.points().get(2);
        return new Contract(
                base.modelName(),
                base.modelVersion(),
                base.sourceDigest(),
                base.precision(),
                base.edgePrecision(),
                List.of(base.inputs().get(0), memory),
                List.of(base.outputs().get(0), base.outputs().get(1), next),
                List.of(new CodecParams.Raw(), new CodecParams.Raw(), new CodecParams.Raw()),
                List.of(),
                null,
                base.maxBatch(),
                "",
                List.of(
                        base.points().get(0),
                        base.points().get(1),
                        new LadderPoint(2, after.boundary(), List.of("early", "next"), after.levels())),
                List.of(new StateTensor("memory", "next", StateTensor.Side.CLOUD)),
                0,
                base.files(),
                List.of());
    }

    /** What a frame of this number sends at point 1. */
    static ByteBuffer payload(long frame) {
        return BASE.payload(1, (frame - 1) / 2f);
    }

    /** The tail of point 1. */
    static Map<String, Tensor> run(Map<String, Tensor> inputs) {
        Tensor a = inputs.get("a");
        Tensor memory = inputs.get("memory");
        Tensor next = Tensor.allocate(ElementType.FLOAT32, a.shape());
        for (int row = 0; row < a.shape().dim(0); row++) {
            int at = 4 * WIDTH * row;
            float frame = a.data().getFloat(at);
            next.data().putFloat(at, memory.data().getFloat(at) + 1);
            next.data().putFloat(at + 4, frame);
            next.data().putFloat(at + 8, hash(memory.data().getFloat(at + 8), frame));
        }
        return Map.of("y", next, "early", a, "next", next);
    }

    private static float hash(float before, float frame) {
        return (before * 31 + frame) % 65_521;
    }

    /** What is answered to a frame whose state these have made. */
    static List<Float> answer(List<Long> history, long frame) {
        float hash = 0;
        for (long before : history) {
            hash = hash(hash, before);
        }
        return List.of(history.size() + 1f, (float) frame, hash(hash, frame));
    }

    /** The answer in a reply. */
    static List<Float> read(ByteBuffer reply) throws CodecException {
        ReplyCodec codec = new ReplyCodec(contract(), 1, Entropy.NONE);
        Map<String, Tensor> outputs = Map.of(
                "early", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH)),
                "y", Tensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH)));
        codec.decode(reply, outputs);
        List<Float> values = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            values.add(outputs.get("y").data().getFloat(4 * i));
        }
        return values;
    }
}
