package dev.cleave.partition.tflite.flat;

import com.google.flatbuffers.FlatBufferBuilder;
import org.tensorflow.lite.schema.AddOptions;
import org.tensorflow.lite.schema.ArgMaxOptions;
import org.tensorflow.lite.schema.ArgMinOptions;
import org.tensorflow.lite.schema.BatchMatMulOptions;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.CastOptions;
import org.tensorflow.lite.schema.ConcatenationOptions;
import org.tensorflow.lite.schema.Conv2DOptions;
import org.tensorflow.lite.schema.DepthToSpaceOptions;
import org.tensorflow.lite.schema.DepthwiseConv2DOptions;
import org.tensorflow.lite.schema.DivOptions;
import org.tensorflow.lite.schema.FullyConnectedOptions;
import org.tensorflow.lite.schema.GatherOptions;
import org.tensorflow.lite.schema.LeakyReluOptions;
import org.tensorflow.lite.schema.LocalResponseNormalizationOptions;
import org.tensorflow.lite.schema.MirrorPadMode;
import org.tensorflow.lite.schema.MirrorPadOptions;
import org.tensorflow.lite.schema.MulOptions;
import org.tensorflow.lite.schema.Padding;
import org.tensorflow.lite.schema.Pool2DOptions;
import org.tensorflow.lite.schema.ReducerOptions;
import org.tensorflow.lite.schema.ReshapeOptions;
import org.tensorflow.lite.schema.ResizeBilinearOptions;
import org.tensorflow.lite.schema.ResizeNearestNeighborOptions;
import org.tensorflow.lite.schema.ShapeOptions;
import org.tensorflow.lite.schema.SoftmaxOptions;
import org.tensorflow.lite.schema.SpaceToDepthOptions;
import org.tensorflow.lite.schema.SplitOptions;
import org.tensorflow.lite.schema.SplitVOptions;
import org.tensorflow.lite.schema.StridedSliceOptions;
import org.tensorflow.lite.schema.SubOptions;
import org.tensorflow.lite.schema.TensorType;
import org.tensorflow.lite.schema.TransposeConvOptions;

/**
 * What an operator of TensorFlow Lite is told besides its inputs: a table of the schema, to be written. Immutable.
 *
 * @param type of {@code BuiltinOptions}
 * @param leastVersion of the operator that knows these options
 */
public record Options(byte type, boolean hasActivation, int leastVersion, Table table) {
    /** No options at all. */
    public static final Options NONE = new Options(BuiltinOptions.NONE, false, 1, (to, activation) -> 0);

    private static final int VERSION_THAT_KEEPS_DIMS = 5;
    private static final int VERSION_OF_HALF_PIXELS = 3;
    private static final int VERSION_OF_GROUPS = 6;

    /** Writes a table of options; gives its place. */
    public interface Table {
        int write(FlatBufferBuilder to, byte activation);
    }

    /** Steps of a window over a picture. */
    public record Window(boolean same, int strideHeight, int strideWidth, int dilationHeight, int dilationWidth) {
        byte padding() {
            return same ? Padding.SAME : Padding.VALID;
        }
    }

    public int write(FlatBufferBuilder to, byte activation) {
        return table.write(to, activation);
    }

    private static Options plain(byte type, Table table) {
        return new Options(type, false, 1, table);
    }

    private static Options activated(byte type, Table table) {
        return new Options(type, true, 1, table);
    }

    public static Options convolution(Window window, boolean isGrouped) {
        return new Options(
                BuiltinOptions.Conv2DOptions,
                true,
                isGrouped ? VERSION_OF_GROUPS : 1,
                (to, activation) -> Conv2DOptions.createConv2DOptions(
                        to,
                        window.padding(),
                        window.strideWidth(),
                        window.strideHeight(),
                        activation,
                        window.dilationWidth(),
                        window.dilationHeight()));
    }

    public static Options depthwise(Window window, int multiplier) {
        boolean isDilated = window.dilationWidth() > 1 || window.dilationHeight() > 1;
        return new Options(
                BuiltinOptions.DepthwiseConv2DOptions,
                true,
                isDilated ? 2 : 1,
                (to, activation) -> DepthwiseConv2DOptions.createDepthwiseConv2DOptions(
                        to,
                        window.padding(),
                        window.strideWidth(),
                        window.strideHeight(),
                        multiplier,
                        activation,
                        window.dilationWidth(),
                        window.dilationHeight()));
    }

    /** Without an activation of its own, which older interpreters do not know. */
    public static Options transposedConvolution(Window window) {
        return plain(
                BuiltinOptions.TransposeConvOptions,
                (to, activation) -> TransposeConvOptions.createTransposeConvOptions(
                        to, window.padding(), window.strideWidth(), window.strideHeight(), (byte) 0));
    }

    public static Options pool(Window window, int height, int width) {
        return activated(
                BuiltinOptions.Pool2DOptions,
                (to, activation) -> Pool2DOptions.createPool2DOptions(
                        to, window.padding(), window.strideWidth(), window.strideHeight(), width, height, activation));
    }

    public static Options fullyConnected(boolean keepsDims) {
        return new Options(
                BuiltinOptions.FullyConnectedOptions,
                true,
                keepsDims ? VERSION_THAT_KEEPS_DIMS : 1,
                (to, activation) ->
                        FullyConnectedOptions.createFullyConnectedOptions(to, activation, (byte) 0, keepsDims, false));
    }

    public static Options batchMatMul() {
        return plain(
                BuiltinOptions.BatchMatMulOptions,
                (to, activation) -> BatchMatMulOptions.createBatchMatMulOptions(to, false, false, false));
    }

    public static Options add() {
        return activated(
                BuiltinOptions.AddOptions, (to, activation) -> AddOptions.createAddOptions(to, activation, false));
    }

    public static Options subtract() {
        return activated(
                BuiltinOptions.SubOptions, (to, activation) -> SubOptions.createSubOptions(to, activation, false));
    }

    public static Options multiply() {
        return activated(BuiltinOptions.MulOptions, MulOptions::createMulOptions);
    }

    public static Options divide() {
        return activated(BuiltinOptions.DivOptions, DivOptions::createDivOptions);
    }

    public static Options concatenation(int axis) {
        return plain(
                BuiltinOptions.ConcatenationOptions,
                (to, activation) -> ConcatenationOptions.createConcatenationOptions(to, axis, activation));
    }

    public static Options reshape(int... target) {
        return plain(
                BuiltinOptions.ReshapeOptions,
                (to, activation) ->
                        ReshapeOptions.createReshapeOptions(to, ReshapeOptions.createNewShapeVector(to, target)));
    }

    public static Options softmax() {
        return plain(BuiltinOptions.SoftmaxOptions, (to, activation) -> SoftmaxOptions.createSoftmaxOptions(to, 1f));
    }

    public static Options reducer() {
        return plain(BuiltinOptions.ReducerOptions, (to, activation) -> ReducerOptions.createReducerOptions(to, true));
    }

    public static Options leakyRelu(float slope) {
        return plain(
                BuiltinOptions.LeakyReluOptions,
                (to, activation) -> LeakyReluOptions.createLeakyReluOptions(to, slope));
    }

    public static Options split(int parts) {
        return plain(BuiltinOptions.SplitOptions, (to, activation) -> SplitOptions.createSplitOptions(to, parts));
    }

    public static Options unevenSplit(int parts) {
        return plain(BuiltinOptions.SplitVOptions, (to, activation) -> SplitVOptions.createSplitVOptions(to, parts));
    }

    /** Bit {@code i} of a mask: the range of axis {@code i} has no begin, or no end. */
    public static Options stridedSlice(int beginMask, int endMask) {
        return plain(
                BuiltinOptions.StridedSliceOptions,
                (to, activation) ->
                        StridedSliceOptions.createStridedSliceOptions(to, beginMask, endMask, 0, 0, 0, false));
    }

    public static Options mirrorPad() {
        return plain(
                BuiltinOptions.MirrorPadOptions,
                (to, activation) -> MirrorPadOptions.createMirrorPadOptions(to, MirrorPadMode.REFLECT));
    }

    public static Options nearest(boolean alignsCorners, boolean halfPixels) {
        return new Options(
                BuiltinOptions.ResizeNearestNeighborOptions,
                false,
                alignsCorners || halfPixels ? VERSION_OF_HALF_PIXELS : 1,
                (to, activation) ->
                        ResizeNearestNeighborOptions.createResizeNearestNeighborOptions(to, alignsCorners, halfPixels));
    }

    public static Options bilinear(boolean alignsCorners, boolean halfPixels) {
        return new Options(
                BuiltinOptions.ResizeBilinearOptions,
                false,
                halfPixels ? VERSION_OF_HALF_PIXELS : 1,
                (to, activation) -> ResizeBilinearOptions.createResizeBilinearOptions(to, alignsCorners, halfPixels));
    }

    public static Options gather(int axis) {
        return plain(BuiltinOptions.GatherOptions, (to, activation) -> GatherOptions.createGatherOptions(to, axis, 0));
    }

    public static Options cast(byte from, byte into) {
        return plain(BuiltinOptions.CastOptions, (to, activation) -> CastOptions.createCastOptions(to, from, into));
    }

    public static Options argMax() {
        return plain(
                BuiltinOptions.ArgMaxOptions,
                (to, activation) -> ArgMaxOptions.createArgMaxOptions(to, TensorType.INT64));
    }

    public static Options argMin() {
        return plain(
                BuiltinOptions.ArgMinOptions,
                (to, activation) -> ArgMinOptions.createArgMinOptions(to, TensorType.INT64));
    }

    /** @param type of {@code TensorType}, of the sizes */
    public static Options shape(byte type) {
        return plain(BuiltinOptions.ShapeOptions, (to, activation) -> ShapeOptions.createShapeOptions(to, type));
    }

    public static Options depthToSpace(int block) {
        return plain(
                BuiltinOptions.DepthToSpaceOptions,
                (to, activation) -> DepthToSpaceOptions.createDepthToSpaceOptions(to, block));
    }

    public static Options spaceToDepth(int block) {
        return plain(
                BuiltinOptions.SpaceToDepthOptions,
                (to, activation) -> SpaceToDepthOptions.createSpaceToDepthOptions(to, block));
    }

    public static Options localResponse(int radius, float bias, float alpha, float beta) {
        return plain(
                BuiltinOptions.LocalResponseNormalizationOptions,
                (to, activation) -> LocalResponseNormalizationOptions.createLocalResponseNormalizationOptions(
                        to, radius, bias, alpha, beta));
    }
}
