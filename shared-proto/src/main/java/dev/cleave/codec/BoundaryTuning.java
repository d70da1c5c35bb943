package dev.cleave.codec;

import dev.cleave.codec.temporal.TemporalTuning;
import java.util.ArrayList;
import java.util.List;

/** What an encoder has learned of the boundaries of one video at one point and quality level. Owned by the sender; one thread. */
public final class BoundaryTuning {
    private final List<TemporalTuning> tensors = new ArrayList<>();

    BoundaryTuning(int tensors, double addedError) {
        for (int i = 0; i < tensors; i++) {
            this.tensors.add(new TemporalTuning(addedError));
        }
    }

    TemporalTuning of(int tensor) {
        return tensors.get(tensor);
    }
}
