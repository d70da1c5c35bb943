package dev.cleave.bundle;

import dev.cleave.codec.BoundaryTensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A split point as both sides know it; index 0 is CLOUD, whose boundary is the model's inputs.
 *
 * @param index 0..k
 * @param boundary every tensor made or fed before the point and used after it
 * @param earlyOutputs graph outputs made before the point; they stay on the device and no reply holds them
 * @param levels quality levels, the default first, {@code raw} last
 */
public record LadderPoint(
        int index, List<BoundaryTensor> boundary, List<String> earlyOutputs, List<QualityLevel> levels) {
    public LadderPoint {
        boundary = Collections.unmodifiableList(new ArrayList<>(boundary));
        earlyOutputs = Collections.unmodifiableList(new ArrayList<>(earlyOutputs));
        levels = Collections.unmodifiableList(new ArrayList<>(levels));
    }

    public List<TensorSpec> specs() {
        List<TensorSpec> specs = new ArrayList<>(boundary.size());
        for (BoundaryTensor tensor : boundary) {
            specs.add(tensor.spec());
        }
        return specs;
    }

    /** True if requests may be joined here: every tensor has rows. */
    public boolean isBatched() {
        for (BoundaryTensor tensor : boundary) {
            if (!tensor.spec().shape().isBatched()) {
                return false;
            }
        }
        return !boundary.isEmpty();
    }

    /** Index of the level of that name, or -1. */
    public int level(String name) {
        for (int i = 0; i < levels.size(); i++) {
            if (levels.get(i).name().equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
