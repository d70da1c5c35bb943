package dev.cleave.picture;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;

/**
 * How a picture becomes an input tensor, in two parts: geometry (resize, crop, pad; the result is again an 8-bit
 * picture) and normalisation (scale, mean, std, channel order, layout). Immutable, part of the contract.
 *
 * <p>The device may run the geometry and send the small picture; the gateway then runs only the normalisation. Both
 * sides run the same code, so CLOUD with packed RGB is lossless.
 */
public final class Preprocessing {
    private Preprocessing() {}

    /** Reads one JSON object, strictly. */
    public static Preprocessing read(JsonReader json) throws IOException {
        throw new IOException("preprocessing cannot be read by this release");
    }

    /** Writes one JSON object, always the same bytes for the same value. */
    public void write(JsonWriter json) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Name of the input that pictures feed. */
    public String input() {
        throw new UnsupportedOperationException();
    }

    /** The geometric part: resize, crop, pad. */
    public Picture geometry(Picture picture) {
        throw new UnsupportedOperationException();
    }

    /** Shape of one normalised row, batch 1, for a picture that {@link #geometry} returned. */
    public Shape shapeOf(int width, int height) {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes a picture that {@link #geometry} returned as one row of the input.
     *
     * @param into a tensor of {@link #shapeOf}, of type float32, float16 or uint8
     */
    public void normalize(Picture picture, Tensor into) {
        throw new UnsupportedOperationException();
    }

    /** Geometry and normalisation into a new tensor of batch 1 and the input's type. */
    public Tensor apply(Picture picture, TensorSpec input) {
        throw new UnsupportedOperationException();
    }
}
