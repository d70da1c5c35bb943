package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Options;
import dev.cleave.partition.tflite.flat.Order;
import dev.cleave.tensor.ElementType;
import org.tensorflow.lite.schema.BuiltinOperator;

/** DepthToSpace and SpaceToDepth. */
final class Blocks {
    private Blocks() {}

    /** TensorFlow Lite has the block before the depth; where ONNX has the depth first, channels are put so. */
    static void depthToSpace(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = Order.channelsLast(4);
        int block = lowering.node().integer("blocksize", 1);
        int picture = lowering.in(0, order);
        if (lowering.node().text("mode", "DCR").equals("CRD")) {
            int channels = lowering.extent(0).size(1);
            int[] from = new int[channels];
            int depth = channels / (block * block);
            for (int i = 0; i < channels; i++) {
                from[i] = i % depth * block * block + i / depth;
            }
            int ordered = lowering.inner("ordered", picture, lowering.extent(0).in(order));
            int[] inputs = {picture, lowering.ints("channels", from)};
            lowering.emit(BuiltinOperator.GATHER, Options.gather(3), inputs, ordered);
            picture = ordered;
        }
        lowering.emit(
                BuiltinOperator.DEPTH_TO_SPACE, Options.depthToSpace(block), new int[] {picture}, lowering.out(order));
    }

    static void spaceToDepth(Lowering lowering) throws UnconvertibleException {
        lowering.requireType(0, ElementType.FLOAT32);
        int[] order = Order.channelsLast(4);
        lowering.emit(
                BuiltinOperator.SPACE_TO_DEPTH,
                Options.spaceToDepth(lowering.node().integer("blocksize", 1)),
                new int[] {lowering.in(0, order)},
                lowering.out(order));
    }
}
