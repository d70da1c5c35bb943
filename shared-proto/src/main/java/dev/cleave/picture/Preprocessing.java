package dev.cleave.picture;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Objects;

/**
 * How a picture becomes an input tensor, in two parts: geometry (resize, crop, pad; the result is again an 8-bit
 * picture) and normalisation (scale, mean, std, channel order, layout). Immutable, part of the contract.
 *
 * <p>The device may run the geometry and send the small picture; the gateway then runs only the normalisation. Both
 * sides run the same code, so CLOUD with packed RGB is lossless.
 *
 * <p>Its JSON form, all keys optional (docs/FORMATS.md, "Preprocessing", says the same at length):
 *
 * <pre>
 * resize         256: the shorter side, the other follows, rounded down. [h, w]: these sides; a null side follows,
 *                and grows no further than that side of pad
 * crop           224 or [h, w]: from the centre
 * pad            [h, w]: filled up at the right and the bottom; a null side stays as it is
 * padValue       0 to 255, the grey that fills; default 0
 * interpolation  "bilinear" (antialiased, default), "bilinear-plain" (two neighbours), "nearest"
 * channels       "RGB" (default), "BGR", "GRAY"
 * layout         "NCHW" (default), "NHWC"
 * scale          default 1/255
 * mean, std      a number per channel in the tensor's order, or one for all; defaults 0 and 1
 * input          name of the input that pictures feed
 * </pre>
 *
 * An element is {@code (u8 * scale - mean) / std}; a uint8 input takes the pixels as they are.
 */
public final class Preprocessing {
    private final String input;
    private final Geometry geometry;
    private final Normalization normalization;

    Preprocessing(String input, Geometry geometry, Normalization normalization) {
        this.input = input;
        this.geometry = geometry;
        this.normalization = normalization;
    }

    /**
     * A preset by name, its input not bound:
     *
     * <ul>
     *   <li>{@code imagenet}: shorter side 256, crop 224, NCHW, RGB, mean (0.485, 0.456, 0.406), std (0.229, 0.224,
     *       0.225): what torchvision's classifiers were trained with
     *   <li>{@code tf}: shorter side 256, crop 224, NHWC, RGB in [-1, 1]
     *   <li>{@code caffe}: shorter side 256, crop 224, NCHW, BGR 0..255 minus (104, 117, 123)
     *   <li>{@code unit}: no geometry, NCHW, RGB in [0, 1]
     * </ul>
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static Preprocessing named(String preset) {
        return Presets.named(preset);
    }

    /** @throws IllegalArgumentException naming the key that is unknown, missing a value or out of range */
    public static Preprocessing parse(String json) {
        try (JsonReader reader = new JsonReader(new StringReader(json))) {
            Preprocessing preprocessing = read(reader);
            PreprocessingJson.requireEnd(reader);
            return preprocessing;
        } catch (IOException malformed) {
            throw new IllegalArgumentException(malformed.getMessage(), malformed);
        }
    }

    /**
     * Reads one JSON object, strictly.
     *
     * @throws IOException naming the key that is unknown, missing a value or out of range
     */
    public static Preprocessing read(JsonReader reader) throws IOException {
        return PreprocessingJson.read(reader);
    }

    /** Writes the canonical form: fixed order of keys, every default spelled out, absent steps left out. */
    public void write(JsonWriter writer) throws IOException {
        PreprocessingJson.write(writer, input, geometry, normalization);
    }

    /** The same for another input. */
    public Preprocessing withInput(String name) {
        return new Preprocessing(Objects.requireNonNull(name, "name"), geometry, normalization);
    }

    /** Name of the input that pictures feed, or null if it is not bound. */
    public String input() {
        return input;
    }

    /**
     * The geometric part: resize, crop, pad.
     *
     * @throws IllegalArgumentException if the picture is too small to be cropped, too large to be padded, or so narrow
     *     that resizing it would take unreasonable memory
     */
    public Picture geometry(Picture picture) {
        return geometry.apply(picture);
    }

    /** Why no picture can ever feed an input, in one line that names both shapes; null if some can. */
    public String misfit(TensorSpec spec) {
        Geometry.Sides sides = geometry.sides();
        Shape made = shapeOf(
                sides.width() > 0 ? sides.width() : (int) Shape.DYNAMIC,
                sides.height() > 0 ? sides.height() : (int) Shape.DYNAMIC);
        boolean fits = spec.shape().rank() == made.rank();
        for (int axis = 0; fits && axis < made.rank(); axis++) {
            long wanted = spec.shape().dim(axis);
            fits = wanted < 0 || made.dim(axis) < 0 || wanted == made.dim(axis);
        }
        return fits
                ? null
                : "input \"" + spec.name() + "\" has shape " + spec.shape() + "; preprocessing gives " + made;
    }

    /** Shape of one normalised row, batch 1, for a picture that {@link #geometry} returned. */
    public Shape shapeOf(int width, int height) {
        return normalization.shapeOf(width, height);
    }

    /**
     * Writes a picture that {@link #geometry} returned as one row of the input.
     *
     * @param into a tensor of {@link #shapeOf}, of type float32, float16 or uint8
     * @throws IllegalArgumentException if it is not
     */
    public void normalize(Picture picture, Tensor into) {
        normalization.apply(picture, into);
    }

    /**
     * Geometry and normalisation into a new tensor of batch 1 and the input's type.
     *
     * @throws IllegalArgumentException if the result does not fit the input, or as {@link #geometry} says
     */
    public Tensor apply(Picture picture, TensorSpec spec) {
        Picture ready = geometry(picture);
        Shape shape = shapeOf(ready.width(), ready.height());
        if (!spec.shape().accepts(shape)) {
            throw new IllegalArgumentException("input \"" + spec.name() + "\" has shape " + spec.shape()
                    + "; preprocessing a picture of " + picture.width() + "x" + picture.height() + " pixels gives "
                    + shape);
        }
        Tensor tensor = Tensor.allocate(spec.type(), shape);
        normalize(ready, tensor);
        return tensor;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Preprocessing
                && Objects.equals(input, ((Preprocessing) other).input)
                && geometry.equals(((Preprocessing) other).geometry)
                && normalization.equals(((Preprocessing) other).normalization);
    }

    @Override
    public int hashCode() {
        return Objects.hash(input, geometry, normalization);
    }

    /** The canonical JSON. */
    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        try {
            write(new JsonWriter(text));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.toString();
    }
}
