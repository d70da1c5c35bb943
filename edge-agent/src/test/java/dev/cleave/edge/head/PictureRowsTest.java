package dev.cleave.edge.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PictureRowsTest {
    private static final Preprocessing FREE =
            Preprocessing.parse("{\"input\":\"x\",\"channels\":\"GRAY\",\"scale\":1}");

    private static Picture grey(int width, int height, int value) {
        byte[] rgb = new byte[width * height * 3];
        Arrays.fill(rgb, (byte) value);
        return new Picture(width, height, rgb);
    }

    @Test
    void everyPictureIsARow() {
        PictureRows rows = PictureRows.of(FREE, Arrays.asList(grey(3, 2, 7), grey(3, 2, 9)));
        TensorSpec input = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, 2, Shape.DYNAMIC));
        Tensor tensor = rows.normalize(input);
        assertThat(tensor.shape()).isEqualTo(Shape.of(2, 1, 2, 3));
        assertThat(tensor.data().getFloat(5 * Float.BYTES)).isEqualTo(7f);
        assertThat(tensor.data().getFloat(6 * Float.BYTES)).isEqualTo(9f);
    }

    @Test
    void theyHoldThreeBytesForEachPixel() {
        assertThat(PictureRows.of(FREE, Arrays.asList(grey(3, 2, 7), grey(3, 2, 9)))
                        .bytes())
                .isEqualTo(2 * 3 * 3 * 2);
    }

    @Test
    void refusesPicturesThatBecomeRowsOfDifferentShapes() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PictureRows.of(FREE, Arrays.asList(grey(3, 2, 7), grey(2, 2, 7))))
                .withMessage("picture 1 becomes a row of shape [1,1,2,2]; expected [1,1,2,3] as the first one,"
                        + " or one request each");
    }

    @Test
    void refusesAPictureThatDoesNotBecomeTheInput() {
        PictureRows rows = PictureRows.of(FREE, Arrays.asList(grey(3, 2, 7)));
        TensorSpec input = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, 4, 4));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rows.normalize(input))
                .withMessage("tensor \"x\" has shape [1,1,2,3]; expected [N,1,4,4] (from the bundle's preprocessing)");
    }
}
