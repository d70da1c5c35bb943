package dev.cleave.edge.head;

import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** The pictures of one request, one per row, after the geometric part of preprocessing. Immutable. */
public final class PictureRows {
    private final Preprocessing preprocessing;
    private final List<Picture> pictures;
    private final Shape rowShape;

    private PictureRows(Preprocessing preprocessing, List<Picture> pictures, Shape rowShape) {
        this.preprocessing = preprocessing;
        this.pictures = pictures;
        this.rowShape = rowShape;
    }

    /**
     * Runs the geometry.
     *
     * @throws IllegalArgumentException if the pictures do not become rows of one shape; one line
     */
    public static PictureRows of(Preprocessing preprocessing, List<Picture> pictures) {
        List<Picture> rows = new ArrayList<>(pictures.size());
        Shape first = null;
        for (Picture picture : pictures) {
            Picture row = preprocessing.geometry(picture);
            Shape shape = preprocessing.shapeOf(row.width(), row.height());
            if (first != null && !first.equals(shape)) {
                throw new IllegalArgumentException("picture " + rows.size() + " becomes a row of shape " + shape
                        + "; expected " + first + " as the first one, or one request each");
            }
            first = shape;
            rows.add(row);
        }
        return new PictureRows(preprocessing, rows, first);
    }

    /** Name of the input that they feed. */
    public String input() {
        return preprocessing.input();
    }

    public List<Picture> pictures() {
        return pictures;
    }

    /** What they hold. */
    public long bytes() {
        long bytes = 0;
        for (Picture picture : pictures) {
            bytes += picture.rgb().length;
        }
        return bytes;
    }

    /**
     * Normalises all rows into a new tensor.
     *
     * @throws IllegalArgumentException if it does not fit the input; one line
     */
    public Tensor normalize(TensorSpec input) {
        Tensor tensor = Tensor.allocate(input.type(), rowShape.withDim(0, pictures.size()));
        String mismatch = input.mismatch(tensor);
        if (mismatch != null) {
            throw new IllegalArgumentException(mismatch + " (from the bundle's preprocessing)");
        }
        for (int row = 0; row < pictures.size(); row++) {
            preprocessing.normalize(pictures.get(row), tensor.rows(row, 1));
        }
        return tensor;
    }
}
