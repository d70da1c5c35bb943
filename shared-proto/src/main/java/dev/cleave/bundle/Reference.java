package dev.cleave.bundle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a model's boundaries and answers looked like on the inputs that its bundle was made with. Whoever serves the
 * bundle can tell from it whether what arrives still looks the same. Immutable.
 *
 * @param inputs number of inputs that this rests on, at least one
 * @param boundaries by point, then in the boundary's order; not necessarily of every point
 * @param outputs of the unsplit model
 * @param classes what the model answered, or null where its first output names no class
 */
public record Reference(int inputs, List<Boundary> boundaries, List<Output> outputs, Classes classes) {
    public Reference {
        boundaries = Collections.unmodifiableList(new ArrayList<>(boundaries));
        outputs = Collections.unmodifiableList(new ArrayList<>(outputs));
    }

    /**
     * A boundary tensor as the gateway gets it: coded at the default level and decoded.
     *
     * @param point 0..k
     */
    public record Boundary(int point, String tensor, ValueHistogram values) {}

    /** An output. */
    public record Output(String tensor, ValueHistogram values) {}

    /**
     * Which classes the first output named, and by how much.
     *
     * @param counts by rising class: the most frequent ones, if there were more than the format holds
     * @param others answers that named none of these
     * @param margin how far the largest score was above the second largest; null where the output is the class itself
     */
    public record Classes(List<ClassCount> counts, long others, ValueHistogram margin) {
        public Classes {
            counts = Collections.unmodifiableList(new ArrayList<>(counts));
        }
    }

    /** How many answers named a class. */
    public record ClassCount(long label, long count) {}
}
