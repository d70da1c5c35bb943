package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Constant;
import dev.cleave.partition.tflite.flat.FlatModel;
import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.partition.tflite.flat.Quantization;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** Cast, and what is left of QuantizeLinear and DequantizeLinear. */
final class Conversions {
    private Conversions() {}

    static void quantize(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        requireSingle(lowering, lowering.output(0));
        int[] order = lowering.order(0);
        lowering.emit(BuiltinOperator.QUANTIZE, lowering.in(0, order), lowering.out(order));
    }

    static void dequantize(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.UINT8, ElementType.INT8);
        requireSingle(lowering, lowering.name(0));
        int[] order = lowering.order(0);
        lowering.emit(BuiltinOperator.DEQUANTIZE, lowering.in(0, order), lowering.out(order));
    }

    /** What is known of the tensor has to be what this node says of it. */
    private static void requireSingle(Lowering lowering, String tensor) throws UnconvertibleException {
        ElementType type = lowering.source().type(tensor);
        lowering.require(Lowering.isByte(type), "integers of type " + type.jsonName(), "8 bits");
        Constant scale = lowering.requireConstant(1, "its scale");
        Constant zeroPoint = lowering.has(2) ? lowering.requireConstant(2, "its zero point") : Constant.ofInts(0);
        Quantization quantization = lowering.source().quantization(tensor);
        boolean isSaid = quantization.isSingle()
                && scale.type() == ElementType.FLOAT32
                && scale.elements() > 0
                && scale.floats()[0] == quantization.scale()
                && zeroPoint.ints()[0] == quantization.zeroPoint();
        lowering.require(isSaid, "several scales or zero points for \"" + tensor + "\"", "one scale and zero point");
    }

    static void cast(Lowering lowering) throws UnconvertibleException {
        ElementType from = lowering.type(0);
        ElementType into = lowering.source().type(lowering.output(0));
        lowering.require(
                !Lowering.isByte(from) && !Lowering.isByte(into),
                "from " + from.jsonName() + " to " + into.jsonName(),
                "types that are no bytes");
        int[] order = lowering.order(0);
        if (from == into) {
            lowering.draft().share(lowering.name(0), lowering.output(0), Order.given(order.length));
            return;
        }
        lowering.emit(
                BuiltinOperator.CAST,
                Options.cast(FlatModel.type(from), FlatModel.type(into)),
                new int[] {lowering.in(0, order)},
                lowering.out(order));
    }
}
