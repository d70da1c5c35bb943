package dev.cleave.gateway.oip;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;

/**
 * An output of one request.
 *
 * @param elements little-endian and row by row, position to limit; a view that is nobody else's to change
 */
public record OutputTensor(String name, ElementType type, Shape shape, ByteBuffer elements) {}
