package dev.cleave.partition;

import dev.cleave.onnx.SparseTensorProto;
import dev.cleave.onnx.StringStringEntryProto;
import dev.cleave.onnx.TensorAnnotation;
import dev.cleave.onnx.TensorProto;
import dev.cleave.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.Map;

/** Small valid graphs of the kinds that splitters get wrong. Each makes an ordinary model of it. */
final class NastyGraphs {
    private NastyGraphs() {}

    /** Graphs by name. Every one has legal cuts unless {@link #refusals} says why not. */
    static Map<String, ModelBuilder> all() {
        Map<String, ModelBuilder> all = new LinkedHashMap<>();
        controlFlow(all);
        names(all);
        constants(all);
        quantised(all);
        shapes(all);
        structure(all);
        return all;
    }

    /** For the graphs that have no legal cut: what the refusal says. */
    static Map<String, String> refusals() {
        return Map.of(
                "all inside one If", "the whole network is inside one If",
                "only constants", "no output depends on a node that reads an input",
                "sequence all the way", "tensor \"s\" cannot cross: output \"s\" is a SequenceInfo",
                "one fused block", "the whole network runs as one, from Conv \"Conv_c\" to Relu \"Relu_y\"",
                "strings in between", "tensor \"s\" cannot cross: output \"s\": element type");
    }

    private static void controlFlow(Map<String, ModelBuilder> all) {
        all.put(
                "If inside Loop reads outer names of two levels",
                new ModelBuilder()
                        .input("x", 1, 4)
                        .scalarLong("rounds", 3)
                        .scalarBool("always", true)
                        .node("Relu", "x", "outer")
                        .node("Tanh", "outer", "start")
                        .node("Loop", "rounds always start", "looped")
                        .body(
                                "body",
                                loop -> loop.input("i", ElementType.INT64)
                                        .input("go", ElementType.BOOL)
                                        .input("carried", 1, 4)
                                        .node("Add", "carried outer", "sum")
                                        .node("ReduceSum", "sum", "total")
                                        .with("keepdims", 0)
                                        .scalar("limit", 3f)
                                        .node("Greater", "total limit", "large")
                                        .node("If", "large", "next")
                                        .body(
                                                "then_branch",
                                                then -> then.node("Mul", "sum x", "t")
                                                        .output("t", ElementType.FLOAT32, 1, 4))
                                        .body(
                                                "else_branch",
                                                other -> other.node("Add", "sum outer", "e")
                                                        .output("e", ElementType.FLOAT32, 1, 4))
                                        .node("Identity", "go", "go_on")
                                        .output("go_on", ElementType.BOOL)
                                        .output("next", ElementType.FLOAT32, 1, 4))
                        .node("Mul", "looped outer", "scaled")
                        .node("Sigmoid", "scaled", "y")
                        .output("y"));
        all.put(
                "a body hides outer names",
                new ModelBuilder()
                        .input("x", 1, 4)
                        .input("flag", ElementType.BOOL)
                        .weights("hidden", 1, 4)
                        .node("Add", "x hidden", "a")
                        .node("Relu", "a", "b")
                        .node("If", "flag", "c")
                        .body(
                                "then_branch",
                                then -> then.node("Neg", "b", "inner")
                                        .node("Exp", "inner", "then_out")
                                        .output("then_out", ElementType.FLOAT32, 1, 4))
                        .body(
                                "else_branch",
                                other -> other.weights("inner", 1, 4)
                                        .node("Mul", "inner b", "else_out")
                                        .output("else_out", ElementType.FLOAT32, 1, 4))
                        .node("Sub", "c a", "d")
                        .node("Tanh", "d", "y")
                        .output("y"));
        all.put(
                "Scan with carried state and captured weights",
                new ModelBuilder()
                        .input("x", 5, 4)
                        .input("init", 4)
                        .weights("w", 4)
                        .node("Relu", "x", "steps")
                        .node("Scan", "init steps", "last all")
                        .with("num_scan_inputs", 1)
                        .body(
                                "body",
                                scan -> scan.input("state", 4)
                                        .input("step", 4)
                                        .node("Mul", "state w", "faded")
                                        .node("Add", "faded step", "next")
                                        .node("Identity", "next", "emitted")
                                        .output("next", ElementType.FLOAT32, 4)
                                        .output("emitted", ElementType.FLOAT32, 4))
                        .node("Sigmoid", "all", "gates")
                        .node("Mul", "gates last", "y")
                        .output("y", "last"));
        all.put(
                "all inside one If",
                new ModelBuilder()
                        .input("x", 1, 4)
                        .input("rate", ElementType.INT64)
                        .scalarLong("wanted", 1)
                        .node("Equal", "rate wanted", "is")
                        .node("If", "is", "r")
                        .body(
                                "then_branch",
                                then -> then.weights("w1", 4, 4)
                                        .node("MatMul", "x w1", "t")
                                        .output("t", ElementType.FLOAT32, 1, 4))
                        .body(
                                "else_branch",
                                other -> other.weights("w2", 4, 4)
                                        .node("MatMul", "x w2", "e")
                                        .output("e", ElementType.FLOAT32, 1, 4))
                        .node("Identity", "r", "y")
                        .output("y"));
    }

    private static void names(Map<String, ModelBuilder> all) {
        String lengthy = "n".repeat(300);
        all.put(
                "names of 300 characters, in other scripts, with slashes and plus signs",
                new ModelBuilder()
                        .input("入力/x:0", "N", 8)
                        .weights(lengthy + "w", 8, 8)
                        .node("MatMul", "入力/x:0 " + lengthy + "w", lengthy)
                        .node("Sigmoid", lengthy, "τανυσ+της")
                        .node("Neg", "τανυσ+της", "../y")
                        .output("../y"));
        all.put(
                "functions that call functions",
                new ModelBuilder()
                        .input("x", "N", 4)
                        .function(
                                "Inner", "a", "b", f -> f.node("Relu", "a", "r").node("Neg", "r", "b"))
                        .function(
                                "Outer",
                                "p",
                                "q",
                                f -> f.node("local", "Inner", "p", "h").node("Exp", "h", "q"))
                        .node("local", "Outer", "x", "one")
                        .node("Sigmoid", "one", "two")
                        .node("local", "Inner", "two", "three")
                        .node("Tanh", "three", "y")
                        .output("y"));
    }

    private static void constants(Map<String, ModelBuilder> all) {
        all.put(
                "weights that nodes make",
                new ModelBuilder()
                        .irVersion(3)
                        .opset("", 9)
                        .input("x", "N", 64)
                        .input("shape", ElementType.INT64, 2)
                        .longs("shape", 64, 64)
                        .node("ConstantOfShape", "shape", "w")
                        .with("value", one("w", 0.01f))
                        .node("MatMul", "x w", "a")
                        .node("Sigmoid", "a", "b")
                        .node("MatMul", "b w", "c")
                        .node("Tanh", "c", "y")
                        .output("y"));
        all.put(
                "a chain of constants used in two places",
                new ModelBuilder()
                        .input("x", "N", 32)
                        .node("Constant", "", "raw")
                        .with("value", ModelBuilder.randomFloats("raw", 32, 32))
                        .node("Transpose", "raw", "turned")
                        .node("Relu", "turned", "w")
                        .node("MatMul", "x w", "a")
                        .node("Sigmoid", "a", "b")
                        .node("MatMul", "b w", "c")
                        .node("Softmax", "c", "y")
                        .output("y"));
        all.put(
                "one weight in many layers, equal weights under two names",
                new ModelBuilder()
                        .input("x", "N", 32)
                        .weights("w", 32, 32)
                        .initializer(ModelBuilder.randomFloats("w", 32, 32).toBuilder()
                                .setName("twin")
                                .build())
                        .node("MatMul", "x w", "a")
                        .node("Sigmoid", "a", "b")
                        .node("MatMul", "b twin", "c")
                        .node("Tanh", "c", "d")
                        .node("MatMul", "d w", "y")
                        .output("y"));
        all.put(
                "an initializer and an input as outputs",
                new ModelBuilder()
                        .input("x", 1, 4)
                        .input("carried", 1, 2)
                        .weights("w", 1, 4)
                        .node("Add", "x w", "a")
                        .node("Sigmoid", "a", "b")
                        .node("Mul", "b x", "y")
                        .output("y", "w", "carried", "a"));
        all.put(
                "only constants",
                new ModelBuilder()
                        .input("x", 1, 4)
                        .weights("w", 1, 4)
                        .node("Relu", "w", "a")
                        .node("Exp", "a", "y")
                        .output("y"));
        all.put(
                "random nodes run once",
                new ModelBuilder()
                        .input("x", 2, 4)
                        .node("RandomNormal", "", "noise")
                        .with("shape", 2L, 4L)
                        .with("seed", 7f)
                        .node("Add", "x noise", "a")
                        .node("Sigmoid", "a", "b")
                        .node("Mul", "b noise", "c")
                        .node("Exp", "c", "y")
                        .output("y"));
        all.put(
                "sparse weights",
                new ModelBuilder()
                        .input("x", "N", 3)
                        .edit(graph -> graph.addSparseInitializer(SparseTensorProto.newBuilder()
                                .setValues(ModelBuilder.randomFloats("w", 2))
                                .setIndices(ModelBuilder.longTensor("", 1, 5))
                                .addDims(3)
                                .addDims(3)))
                        .node("MatMul", "x w", "a")
                        .node("Sigmoid", "a", "b")
                        .node("MatMul", "b w", "y")
                        .output("y"));
    }

    private static void quantised(Map<String, ModelBuilder> all) {
        ModelBuilder residual = new ModelBuilder()
                .opset("", 13)
                .input("x", "N", 4, 6, 6)
                .scalar("s", 0.05f)
                .scalar("sw", 0.02f)
                .bytes("z", ElementType.INT8, new long[0], (byte) 3)
                .bytes("zw", ElementType.INT8, new long[0], (byte) 0)
                .bytes("w", ElementType.INT8, new long[] {4, 4, 1, 1}, sixteen());
        residual.node("QuantizeLinear", "x s z", "xq").node("DequantizeLinear", "xq s z", "xd");
        residual.node("DequantizeLinear", "w sw zw", "wd");
        residual.node("Conv", "xd wd", "c1").node("Relu", "c1", "r1");
        residual.node("QuantizeLinear", "r1 s z", "r1q").node("DequantizeLinear", "r1q s z", "r1d");
        residual.node("Conv", "r1d wd", "c2");
        residual.node("QuantizeLinear", "c2 s z", "c2q").node("DequantizeLinear", "c2q s z", "c2d");
        residual.node("Add", "c2d r1d", "sum");
        residual.node("QuantizeLinear", "sum s z", "sumq").node("DequantizeLinear", "sumq s z", "sumd");
        residual.node("Conv", "sumd wd", "c3");
        residual.node("QuantizeLinear", "c3 s z", "c3q").node("DequantizeLinear", "c3q s z", "y");
        residual.edit(graph -> graph.addQuantizationAnnotation(TensorAnnotation.newBuilder()
                .setTensorName("c2")
                .addQuantParameterTensorNames(StringStringEntryProto.newBuilder()
                        .setKey("SCALE_TENSOR")
                        .setValue("s"))));
        all.put("a quantised residual block", residual.output("y"));
        all.put(
                "operators on integers",
                new ModelBuilder()
                        .opset("", 13)
                        .input("x", "N", 4)
                        .scalar("s", 0.05f)
                        .bytes("z", ElementType.UINT8, new long[0], (byte) 128)
                        .bytes("w", ElementType.UINT8, new long[] {4, 4}, sixteen())
                        .node("QuantizeLinear", "x s z", "xq")
                        .node("QLinearMatMul", "xq s z w s z s z", "a")
                        .node("QLinearMatMul", "a s z w s z s z", "b")
                        .node("DequantizeLinear", "b s z", "y")
                        .output("y"));
    }

    private static void shapes(Map<String, ModelBuilder> all) {
        all.put(
                "a reshape computed from the batch size",
                new ModelBuilder()
                        .input("x", "N", 4, 4)
                        .weights("w", 16, 8)
                        .scalarLong("zero", 0)
                        .longs("axis", 0)
                        .longs("rest", -1)
                        .node("Relu", "x", "r")
                        .node("Shape", "x", "shape")
                        .node("Gather", "shape zero", "n")
                        .node("Unsqueeze", "n axis", "n1")
                        .node("Concat", "n1 rest", "target")
                        .with("axis", 0)
                        .node("Sigmoid", "r", "g")
                        .node("Reshape", "g target", "flat")
                        .node("MatMul", "flat w", "y")
                        .output("y"));
        all.put(
                "many element types cross",
                new ModelBuilder()
                        .input("x", "N", 6)
                        .node("Exp", "x", "f")
                        .node("Cast", "f", "d")
                        .with("to", ElementType.FLOAT64.onnxCode())
                        .node("Cast", "f", "h")
                        .with("to", ElementType.FLOAT16.onnxCode())
                        .node("Cast", "f", "i8")
                        .with("to", ElementType.INT8.onnxCode())
                        .node("Cast", "f", "u16")
                        .with("to", ElementType.UINT16.onnxCode())
                        .node("Cast", "f", "u64")
                        .with("to", ElementType.UINT64.onnxCode())
                        .node("Greater", "f x", "b")
                        .node("Neg", "d", "dn")
                        .node("Cast", "dn", "d32")
                        .with("to", 1)
                        .node("Cast", "h", "h32")
                        .with("to", 1)
                        .node("Cast", "i8", "i32")
                        .with("to", 1)
                        .node("Cast", "u16", "u32")
                        .with("to", 1)
                        .node("Cast", "u64", "l32")
                        .with("to", 1)
                        .node("Cast", "b", "b32")
                        .with("to", 1)
                        .node("Sum", "d32 h32 i32 u32 l32 b32", "y")
                        .output("y"));
        all.put(
                "tensors without elements",
                new ModelBuilder()
                        .input("x", 2, 0, 3)
                        .input("v", 2, 4, 3)
                        .node("Relu", "x", "none")
                        .node("Exp", "v", "some")
                        .node("Concat", "none some", "c")
                        .with("axis", 1)
                        .node("Sigmoid", "c", "y")
                        .output("y"));
        all.put(
                "scalars cross",
                new ModelBuilder()
                        .input("x", 3, 4)
                        .node("ReduceMean", "x", "mean")
                        .with("keepdims", 0)
                        .node("Sub", "x mean", "centred")
                        .node("Abs", "centred", "a")
                        .node("ReduceMax", "a", "top")
                        .with("keepdims", 0)
                        .node("Div", "centred top", "y")
                        .output("y", "mean"));
        all.put(
                "sizes that depend on values",
                new ModelBuilder()
                        .input("x", 4, 8)
                        .node("Relu", "x", "r")
                        .node("NonZero", "r", "hits")
                        .node("Transpose", "hits", "at")
                        .node("GatherND", "r at", "values")
                        .node("Exp", "values", "y")
                        .output("y"));
        all.put(
                "strings in between",
                new ModelBuilder()
                        .input("x", ElementType.INT64, 3)
                        .node("Cast", "x", "s")
                        .with("to", TensorProto.DataType.STRING_VALUE)
                        .node("Cast", "s", "y")
                        .with("to", 1)
                        .output("y"));
    }

    private static void structure(Map<String, ModelBuilder> all) {
        all.put(
                "optional outputs that nobody wants",
                new ModelBuilder()
                        .input("x", 3, 1, 4)
                        .weights("w", 1, 12, 4)
                        .weights("r", 1, 12, 3)
                        .node("GRU", "x gw gr", "_ last")
                        .with("hidden_size", 4)
                        .weights("gw", 1, 12, 4)
                        .weights("gr", 1, 12, 4)
                        .node("LSTM", "x lw lr _ _ _", "all _ cell")
                        .with("hidden_size", 3)
                        .weights("lw", 1, 12, 4)
                        .weights("lr", 1, 12, 3)
                        .node("ReduceSum", "all", "a")
                        .node("Add", "a last", "b")
                        .node("ReduceMax", "cell", "c")
                        .node("Mul", "b c", "y")
                        .output("y"));
        all.put(
                "a Split of which one part is used late, one early, one never",
                new ModelBuilder()
                        .input("x", "N", 9)
                        .node("Sigmoid", "x", "s")
                        .node("Split", "s parts", "p q unused")
                        .with("axis", 1)
                        .longs("parts", 3, 3, 3)
                        .node("Exp", "p", "a")
                        .node("Neg", "a", "b")
                        .node("Mul", "b q", "y")
                        .output("y"));
        all.put(
                "two networks that never meet",
                new ModelBuilder()
                        .input("a", "N", 4)
                        .input("b", "M", 6)
                        .weights("wa", 4, 4)
                        .weights("wb", 6, 6)
                        .node("MatMul", "a wa", "a1")
                        .node("MatMul", "b wb", "b1")
                        .node("Sigmoid", "a1", "a2")
                        .node("Tanh", "b1", "b2")
                        .node("Exp", "a2", "y")
                        .node("Exp", "b2", "z")
                        .output("y", "z"));
        all.put(
                "nodes in no order, and one that nothing needs",
                new ModelBuilder()
                        .input("x", "N", 4)
                        .node("Exp", "c", "y")
                        .node("Neg", "b", "c")
                        .node("Sqrt", "c", "dead")
                        .node("Sigmoid", "x", "b")
                        .output("y"));
        all.put("a chain of 3,000 nodes", chain(3000));
        all.put(
                "a gate over many nodes, an activation with two readers",
                new ModelBuilder()
                        .input("x", "N", 3, 8, 8)
                        .weights("w", 4, 3, 3, 3)
                        .weights("v", 4, 4, 1, 1)
                        .floats("three", 3f)
                        .floats("sixth", 1f / 6)
                        .scalar("low", 0f)
                        .scalar("high", 6f)
                        .node("Conv", "x w", "c")
                        .node("Add", "c three", "c3")
                        .node("Clip", "c3 low high", "clipped")
                        .node("Mul", "c clipped", "gated")
                        .node("Mul", "gated sixth", "hard")
                        .node("Conv", "hard v", "d")
                        .node("Sigmoid", "d", "e")
                        .node("Mul", "d e", "silu")
                        .node("Add", "silu hard", "y")
                        .output("y"));
        all.put(
                "one fused block",
                new ModelBuilder()
                        .input("x", "N", 3, 8, 8)
                        .weights("w", 4, 3, 3, 3)
                        .floats("g", 1f, 2f, 3f, 4f)
                        .node("Conv", "x w", "c")
                        .node("BatchNormalization", "c g g g g", "n")
                        .node("Relu", "n", "y")
                        .output("y"));
        all.put(
                "state that the tail can have for itself",
                new ModelBuilder()
                        .input("x", 1, 4)
                        .input("h_in", 1, 4)
                        .node("Exp", "x", "a")
                        .node("Add", "a h_in", "b")
                        .node("Sigmoid", "b", "y")
                        .node("Tanh", "y", "h_out")
                        .output("y", "h_out"));
        all.put(
                "sequence all the way",
                new ModelBuilder()
                        .input("x", 2, 4)
                        .node("SequenceConstruct", "x x", "s")
                        .node("ConcatFromSequence", "s", "y")
                        .with("axis", 0)
                        .output("y"));
        all.put(
                "outputs in the middle, inputs at the end",
                new ModelBuilder()
                        .input("x", "N", 4)
                        .input("late", "N", 4)
                        .node("Exp", "x", "early")
                        .node("Sigmoid", "early", "b")
                        .node("Sum", "b late x", "c")
                        .node("Tanh", "c", "y")
                        .output("early", "y", "b"));
    }

    private static ModelBuilder chain(int length) {
        ModelBuilder chain = new ModelBuilder().input("v0", "N", 4);
        for (int i = 0; i < length; i++) {
            chain.node(i % 2 == 0 ? "Sin" : "Neg", "v" + i, "v" + (i + 1));
        }
        return chain.output("v" + length);
    }

    private static TensorProto one(String name, float value) {
        return TensorProto.newBuilder()
                .setName(name)
                .addDims(1)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addFloatData(value)
                .build();
    }

    private static byte[] sixteen() {
        byte[] values = new byte[16];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i * 37 - 90);
        }
        return values;
    }
}
