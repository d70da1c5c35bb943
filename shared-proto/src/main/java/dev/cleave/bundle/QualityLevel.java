package dev.cleave.bundle;

import dev.cleave.codec.CodecParams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/**
 * One way to code a boundary: codec parameters for each of its tensors, in order.
 *
 * @param name {@code default}, {@code raw} ... ; every point has a level {@code raw}, its last, that is lossless
 */
public record QualityLevel(String name, List<CodecParams> codecs) {
    public static final String DEFAULT = "default";
    /** Fewer bytes than the default for twice its disagreement; not every point has it. */
    public static final String COARSE = "coarse";
    /** More bytes than the default for fewer wrong answers; not every point has it. */
    public static final String FINE = "fine";

    public static final String RAW = "raw";

    public QualityLevel {
        Objects.requireNonNull(name, "name");
        codecs = Collections.unmodifiableList(new ArrayList<>(codecs));
    }
}
