package dev.cleave.gateway.oip;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;

/**
 * An input as a request declares it. Hostile until it was held against the model; its elements stay where they came until everything about the
 * request was found right, and are then written once.
 */
public interface InputTensor {
    String name();

    String datatype();

    /** As it came: dimensions may be negative, or too many. */
    long[] shape();

    /**
     * Whether as many elements came as the shape asks for.
     *
     * @throws OipException naming how many came
     */
    void requireElements(ElementType type, long elements) throws OipException;

    /**
     * Writes the elements, little-endian and row by row. Called after {@link #requireElements}; again
     * where another version has to take the request.
     *
     * @param into exactly as large as they are
     * @throws OipException naming the first element that does not fit the type
     */
    void write(ElementType type, Shape shape, ByteBuffer into) throws OipException;
}
