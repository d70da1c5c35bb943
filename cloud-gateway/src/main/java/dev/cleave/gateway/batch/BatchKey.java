package dev.cleave.gateway.batch;

import dev.cleave.tensor.Shape;
import java.util.List;

/**
 * What two requests must have in common to share a batch: the split point and the shape of every boundary tensor, the
 * batch dimension apart. The quality level is not part of it, since frames are decoded before they are joined.
 *
 * @param point split point, 0 = CLOUD
 * @param shapes one per boundary tensor, {@code BATCH} on axis 0
 * @param joinable false where rows are not independent: such a request runs alone
 */
public record BatchKey(int point, List<Shape> shapes, boolean joinable) {
    public BatchKey {
        shapes = List.copyOf(shapes);
    }
}
