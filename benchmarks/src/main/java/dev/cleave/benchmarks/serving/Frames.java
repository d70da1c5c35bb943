package dev.cleave.benchmarks.serving;

import com.google.protobuf.ByteString;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.Entropy;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.Frame;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Frames of one row at a point of a bundle, all with the same payload, numbered as they are made. One thread. */
final class Frames {
    private final Frame model;
    private long ids;

    /**
     * Of a boundary.
     *
     * @param level name of the quality level
     * @param boundary one row
     */
    Frames(Bundle bundle, int point, String level, Map<String, Tensor> boundary) {
        LadderPoint ladder = bundle.contract().points().get(point);
        int quality = ladder.level(level);
        ActivationCodec codec = ActivationCodec.of(
                ladder.boundary(), ladder.levels().get(quality).codecs(), Entropy.NONE, null, null);
        ByteString payload = ByteString.copyFrom(codec.encode(boundary, Map.of()));
        model = Frame.newBuilder()
                .setSplitPoint(point)
                .setRows(1)
                .setQuality(quality)
                .setChunkCount(1)
                .setFrameBytes(payload.size())
                .setPayload(payload)
                .build();
    }

    /** All of one value, as it is. */
    static Frames of(Bundle bundle, int point, float value) {
        Map<String, Tensor> boundary = new HashMap<>();
        for (TensorSpec spec : bundle.contract().points().get(point).specs()) {
            float[] values = new float[(int) spec.shape().withRows(1).elements()];
            Arrays.fill(values, value);
            boundary.put(spec.name(), Tensor.ofFloats(spec.shape().withRows(1), values));
        }
        return new Frames(bundle, point, QualityLevel.RAW, boundary);
    }

    int bytes() {
        return model.getPayload().size();
    }

    Frame next() {
        return model.toBuilder().setRequestId(++ids).build();
    }

    Frame withDeadline(long micros) {
        return next().toBuilder().setRemainingMicros(micros).build();
    }

    Frame withPriority(int priority) {
        return next().toBuilder().setPriority(priority).build();
    }
}
