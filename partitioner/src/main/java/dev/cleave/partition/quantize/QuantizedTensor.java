package dev.cleave.partition.quantize;

/**
 * How a float tensor is kept as unsigned 8-bit integers: {@code value = scale * (integer - zeroPoint)}.
 *
 * @param name of the tensor in the float model
 * @param integers name of the integers in the quantised model; the same wherever the name was free
 * @param scale larger than 0
 * @param zeroPoint 0 .. 255
 */
public record QuantizedTensor(String name, String integers, float scale, int zeroPoint) {}
