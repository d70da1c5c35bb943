package dev.cleave.partition.tflite;

import dev.cleave.partition.tflite.flat.Options;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tensorflow.lite.schema.BuiltinOperator;

/** The ONNX operators that can be converted, and who does it. */
final class Operators {
    private static final Map<String, Lowering.Family> FAMILIES = families();
    private static final Set<String> CONVERSIONS =
            Set.of("com.microsoft.QuantizeLinear", "com.microsoft.DequantizeLinear");

    /** Operators whose inputs from the second on say what to do with the first. */
    private static final Set<String> TOLD = Set.of(
            "Reshape",
            "Expand",
            "Tile",
            "Squeeze",
            "Unsqueeze",
            "Slice",
            "Split",
            "Pad",
            "Resize",
            "Upsample",
            "Clip",
            "BatchNormalization",
            "QuantizeLinear",
            "DequantizeLinear",
            "ReduceMean",
            "ReduceSum",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare");

    private Operators() {}

    /**
     * @param known tensors that do not depend on the inputs' values
     * @throws UnconvertibleException if nobody knows the node's operator, or what it is told depends on inputs
     */
    static void require(SourceNode node, Set<String> known) throws UnconvertibleException {
        family(node);
        if (TOLD.contains(node.node().op())) {
            for (int i = 1; i < node.inputs().size(); i++) {
                if (!known.contains(node.input(i))) {
                    throw node.refusal("input " + i + " is computed", "a constant");
                }
            }
        }
    }

    static Lowering.Family family(SourceNode node) throws UnconvertibleException {
        String operator = CONVERSIONS.contains(node.operator()) ? node.node().op() : node.operator();
        Lowering.Family family = FAMILIES.get(operator);
        if (family == null) {
            throw node.refusal("operator " + node.operator() + " has no counterpart", "one that is converted");
        }
        return family;
    }

    private static Map<String, Lowering.Family> families() {
        Map<String, Lowering.Family> families = new HashMap<>();
        addLinear(families);
        addElementwise(families);
        addActivations(families);
        addReducing(families);
        addMoving(families);
        families.put("QuantizeLinear", Conversions::quantize);
        families.put("DequantizeLinear", Conversions::dequantize);
        families.put("Cast", Conversions::cast);
        return families;
    }

    private static void addLinear(Map<String, Lowering.Family> families) {
        families.put("Conv", Convolutions::lower);
        families.put("ConvTranspose", TransposedConvolutions::lower);
        families.put("Gemm", Products::lower);
        families.put("MatMul", Products::lower);
        families.put("BatchNormalization", Normalizations::batch);
        families.put("LRN", Normalizations::local);
        families.put("Softmax", Normalizations.softmax(BuiltinOperator.SOFTMAX, Options.softmax()));
        families.put("LogSoftmax", Normalizations.softmax(BuiltinOperator.LOG_SOFTMAX, Options.NONE));
    }

    private static void addElementwise(Map<String, Lowering.Family> families) {
        families.put("Add", Arithmetic.joined(BuiltinOperator.ADD, Options.add()));
        families.put("Sum", Arithmetic.joinedFloats(BuiltinOperator.ADD, Options.add()));
        families.put("Sub", Arithmetic.joined(BuiltinOperator.SUB, Options.subtract()));
        families.put("Mul", Arithmetic.joined(BuiltinOperator.MUL, Options.multiply()));
        families.put("Div", Arithmetic.joinedFloats(BuiltinOperator.DIV, Options.divide()));
        families.put("Max", Arithmetic.joined(BuiltinOperator.MAXIMUM, Options.NONE));
        families.put("Min", Arithmetic.joined(BuiltinOperator.MINIMUM, Options.NONE));
        families.put("Pow", Arithmetic.joinedFloats(BuiltinOperator.POW, Options.NONE));
        families.put("Exp", Arithmetic.single(BuiltinOperator.EXP));
        families.put("Log", Arithmetic.single(BuiltinOperator.LOG));
        families.put("Sqrt", Arithmetic.single(BuiltinOperator.SQRT));
        families.put("Neg", Arithmetic.single(BuiltinOperator.NEG));
        families.put("Abs", Arithmetic.single(BuiltinOperator.ABS));
        families.put("Floor", Arithmetic.single(BuiltinOperator.FLOOR));
        families.put("Ceil", Arithmetic.single(BuiltinOperator.CEIL));
        families.put("Round", Arithmetic.single(BuiltinOperator.ROUND));
        families.put("Sin", Arithmetic.single(BuiltinOperator.SIN));
        families.put("Cos", Arithmetic.single(BuiltinOperator.COS));
        families.put("Reciprocal", Arithmetic::reciprocal);
    }

    private static void addActivations(Map<String, Lowering.Family> families) {
        families.put("Relu", Activations::limit);
        families.put("Clip", Activations::limit);
        families.put("LeakyRelu", Activations::leakyRelu);
        families.put("PRelu", Activations::parametricRelu);
        families.put("Sigmoid", Activations::sigmoid);
        families.put("HardSigmoid", Activations::hardSigmoid);
        families.put("HardSwish", Arithmetic.single(BuiltinOperator.HARD_SWISH));
        families.put("Tanh", Arithmetic.single(BuiltinOperator.TANH));
        families.put("Elu", Activations::elu);
    }

    private static void addReducing(Map<String, Lowering.Family> families) {
        families.put("MaxPool", Pools::max);
        families.put("AveragePool", Pools::average);
        families.put("GlobalAveragePool", Pools.global(BuiltinOperator.MEAN));
        families.put("GlobalMaxPool", Pools.global(BuiltinOperator.REDUCE_MAX));
        families.put("ReduceMean", Reductions.of(BuiltinOperator.MEAN));
        families.put("ReduceSum", Reductions.of(BuiltinOperator.SUM));
        families.put("ReduceMax", Reductions.of(BuiltinOperator.REDUCE_MAX));
        families.put("ReduceMin", Reductions.of(BuiltinOperator.REDUCE_MIN));
        families.put("ReduceProd", Reductions.of(BuiltinOperator.REDUCE_PROD));
        families.put("ReduceL1", Reductions.sumOf(false, false));
        families.put("ReduceL2", Reductions.sumOf(true, true));
        families.put("ReduceSumSquare", Reductions.sumOf(true, false));
        families.put("ArgMax", Reductions.index(BuiltinOperator.ARG_MAX, Options.argMax()));
        families.put("ArgMin", Reductions.index(BuiltinOperator.ARG_MIN, Options.argMin()));
    }

    private static void addMoving(Map<String, Lowering.Family> families) {
        families.put("Reshape", Reshapes::reshape);
        families.put("Flatten", Reshapes::reshape);
        families.put("Squeeze", Reshapes::reshape);
        families.put("Unsqueeze", Reshapes::reshape);
        families.put("Shape", Reshapes::shape);
        families.put("Identity", Reshapes::same);
        families.put("Dropout", Reshapes::same);
        families.put("Transpose", Reshapes::transpose);
        families.put("Expand", Reshapes::expand);
        families.put("Tile", Reshapes::tile);
        families.put("Concat", Pieces::concat);
        families.put("Split", Pieces::split);
        families.put("Slice", Pieces::slice);
        families.put("Gather", Pieces::gather);
        families.put("Pad", Pads::lower);
        families.put("Resize", Resizes::lower);
        families.put("Upsample", Resizes::lower);
        families.put("DepthToSpace", Blocks::depthToSpace);
        families.put("SpaceToDepth", Blocks::spaceToDepth);
    }
}
