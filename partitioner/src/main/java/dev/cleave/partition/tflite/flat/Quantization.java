package dev.cleave.partition.tflite.flat;

import dev.cleave.tensor.ElementType;
import java.util.Arrays;

/**
 * What the integers of a tensor stand for: {@code (q - zeroPoint) * scale}. Immutable.
 *
 * @param scales one, or one for each slice along {@code axis}
 * @param zeroPoints as many
 * @param axis of the scales; -1 where there is one scale
 */
public record Quantization(float[] scales, int[] zeroPoints, int axis) {
    /** The distance between unsigned integers of 8 bits and the signed ones that stand for the same. */
    public static final int UNSIGNED_OFFSET = 128;

    public Quantization {
        scales = scales.clone();
        zeroPoints = zeroPoints.clone();
    }

    public static Quantization of(float scale, int zeroPoint) {
        return new Quantization(new float[] {scale}, new int[] {zeroPoint}, -1);
    }

    public boolean isSingle() {
        return scales.length == 1;
    }

    public float scale() {
        return scales[0];
    }

    public int zeroPoint() {
        return zeroPoints[0];
    }

    public float scale(int slice) {
        return scales[isSingle() ? 0 : slice];
    }

    public int zeroPoint(int slice) {
        return zeroPoints[isSingle() ? 0 : slice];
    }

    /** As it is for the int8 tensor that stands for one of {@code type}. */
    public Quantization signed(ElementType type) {
        if (type != ElementType.UINT8) {
            return this;
        }
        int[] shifted = zeroPoints.clone();
        for (int i = 0; i < shifted.length; i++) {
            shifted[i] -= UNSIGNED_OFFSET;
        }
        return new Quantization(scales, shifted, axis);
    }

    /** Whether signed integers stand for numbers around zero. */
    public boolean isSymmetric(ElementType type) {
        for (int zeroPoint : signed(type).zeroPoints) {
            if (zeroPoint != 0) {
                return false;
            }
        }
        return true;
    }

    /** The same scale for each of {@code slices} along an axis. */
    public Quantization along(int newAxis, int slices) {
        float[] each = new float[slices];
        int[] zeros = new int[slices];
        for (int i = 0; i < slices; i++) {
            each[i] = scale(i);
            zeros[i] = zeroPoint(i);
        }
        return new Quantization(each, zeros, newAxis);
    }

    /** Whether both say the same of a tensor, slice by slice. */
    public boolean isEqualTo(Quantization other) {
        return axis == other.axis && Arrays.equals(scales, other.scales) && Arrays.equals(zeroPoints, other.zeroPoints);
    }

    public boolean isSameAs(Quantization other) {
        return isSingle() && other.isSingle() && scale() == other.scale() && zeroPoint() == other.zeroPoint();
    }
}
