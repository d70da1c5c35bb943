package dev.cleave.partition.tflite;

/** Operators that compute: products, arithmetic, activations, pools, reductions, normalisations. */
class ComputingOperatorsTest extends FloatAgreement {
    @Override
    void addModels() {
        addConvolutions();
        addProducts();
        addArithmetic();
        addActivations();
        addPools();
        addReductions();
        addNormalizations();
    }

    private void addConvolutions() {
        picture("convolution with a bias")
                .weights("w", 5, 6, 3, 3)
                .weights("b", 5)
                .node("Conv", "x w b", "y");
        picture("convolution with asymmetric pads")
                .weights("w", 5, 6, 3, 4)
                .node("Conv", "x w", "y")
                .with("pads", 0L, 2L, 1L, 1L)
                .with("strides", 2L, 3L);
        picture("convolution with the pads of SAME")
                .weights("w", 5, 6, 3, 3)
                .node("Conv", "x w", "y")
                .with("pads", 1L, 1L, 1L, 1L);
        picture("strided convolution with pads on both sides")
                .weights("w", 5, 6, 3, 3)
                .node("Conv", "x w", "y")
                .with("pads", 1L, 1L, 1L, 1L)
                .with("strides", 2L, 2L);
        picture("dilated convolution")
                .weights("w", 5, 6, 3, 2)
                .node("Conv", "x w", "y")
                .with("dilations", 2L, 3L)
                .with("pads", 2L, 1L, 2L, 1L);
        picture("convolution in groups")
                .weights("w", 8, 3, 3, 3)
                .node("Conv", "x w", "y")
                .with("group", 2L);
        picture("depthwise convolution")
                .weights("w", 6, 1, 3, 3)
                .weights("b", 6)
                .node("Conv", "x w b", "y")
                .with("group", 6L)
                .with("pads", 1L, 1L, 1L, 1L);
        picture("depthwise convolution with two outputs a channel")
                .weights("w", 12, 1, 3, 3)
                .node("Conv", "x w", "y")
                .with("group", 6L)
                .with("strides", 2L, 1L);
        picture("dilated depthwise convolution")
                .weights("w", 6, 1, 3, 3)
                .node("Conv", "x w", "y")
                .with("group", 6L)
                .with("dilations", 2L, 2L);
        model("convolution of a line", "N", 4, 17)
                .weights("w", 7, 4, 5)
                .weights("b", 7)
                .node("Conv", "x w b", "c")
                .with("pads", 3L, 1L)
                .with("strides", new long[] {2})
                .node("Relu", "c", "y");
        picture("transposed convolution")
                .weights("w", 6, 4, 3, 2)
                .weights("b", 4)
                .node("ConvTranspose", "x w b", "y")
                .with("strides", 2L, 3L);
        picture("transposed convolution with pads")
                .weights("w", 6, 4, 4, 4)
                .node("ConvTranspose", "x w", "y")
                .with("strides", 2L, 2L)
                .with("pads", 1L, 1L, 1L, 2L);
        picture("two convolutions and a relu of six")
                .weights("w", 4, 6, 3, 3)
                .weights("v", 3, 4, 1, 1)
                .scalar("low", 0)
                .scalar("high", 6)
                .node("Conv", "x w", "a")
                .node("Clip", "a low high", "b")
                .node("Conv", "b v", "y");
        picture("relu of a convolution that others read")
                .weights("w", 6, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("Relu", "a", "b")
                .node("Add", "a b", "y");
        picture("relu behind an identity of what others read")
                .weights("w", 6, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("Identity", "a", "i")
                .node("Relu", "i", "b")
                .node("Add", "a b", "y");
    }

    private void addProducts() {
        model("gemm", "N", 9).weights("w", 9, 5).weights("b", 5).node("Gemm", "x w b", "y");
        model("gemm of stored columns with factors", "N", 9)
                .weights("w", 5, 9)
                .weights("b", 5)
                .node("Gemm", "x w b", "y")
                .with("transB", 1L)
                .with("alpha", 0.5f)
                .with("beta", 2f);
        model("gemm with an addend of one value", "N", 9)
                .weights("w", 9, 5)
                .weights("b", 1)
                .node("Gemm", "x w b", "y");
        model("matrix product of rows", "N", 3, 9).weights("w", 9, 4).node("MatMul", "x w", "y");
        model("product of two computed matrices", "N", 4, 6)
                .node("Transpose", "x", "t")
                .with("perm", 0L, 2L, 1L)
                .node("MatMul", "x t", "y");
    }

    private void addArithmetic() {
        for (String op : new String[] {"Add", "Sub", "Mul", "Div", "Max", "Min"}) {
            picture(op + " of a value for each channel")
                    .weights("w", 6, 6, 1, 1)
                    .weights("c", 6, 1, 1)
                    .node("Conv", "x w", "a")
                    .node(op, "a c", "y");
            picture(op + " of a row of the picture first")
                    .weights("w", 6, 6, 1, 1)
                    .weights("c", 11)
                    .node("Conv", "x w", "a")
                    .node(op, "c a", "y");
        }
        picture("sum of two orders")
                .weights("w", 6, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("Add", "x a", "y");
        picture("product with a mean of each channel")
                .weights("w", 6, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("GlobalAveragePool", "a", "m")
                .node("Mul", "a m", "y");
        picture("product with computed values of a lower rank")
                .weights("w", 6, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("ReduceMean", "x", "r")
                .with("axes", 0L, 1L, 2L)
                .with("keepdims", 0L)
                .node("Mul", "a r", "y");
        picture("square root of a power")
                .scalar("two", 2)
                .node("Pow", "x two", "p")
                .node("Sqrt", "p", "y");
        for (String op : new String[] {"Exp", "Neg", "Abs", "Floor", "Ceil", "Sin", "Cos", "Reciprocal", "Tanh"}) {
            picture(op).node(op, "x", "y");
        }
        picture("sum of three").weights("c", 6, 1, 1).scalar("s", 2).node("Sum", "x c s", "y");
    }

    private void addActivations() {
        for (String op : new String[] {"Relu", "Sigmoid", "HardSigmoid", "HardSwish", "Elu", "LeakyRelu"}) {
            picture(op + " of a convolution")
                    .weights("w", 6, 6, 1, 1)
                    .node("Conv", "x w", "a")
                    .node(op, "a", "y");
        }
        picture("clip at odd limits").scalar("low", -0.3f).scalar("high", 0.8f).node("Clip", "x low high", "y");
        picture("clip from above").scalar("high", 0.2f).node("Clip", "x _ high", "y");
        picture("relu with a slope for each channel")
                .weights("w", 6, 6, 1, 1)
                .weights("s", 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("PRelu", "a s", "y");
    }

    private void addPools() {
        picture("largest of windows")
                .node("MaxPool", "x", "y")
                .with("kernel_shape", 3L, 2L)
                .with("strides", 2L, 2L);
        picture("largest of padded windows")
                .node("MaxPool", "x", "y")
                .with("kernel_shape", 3L, 3L)
                .with("strides", 2L, 2L)
                .with("pads", 1L, 0L, 1L, 1L);
        picture("largest of windows that reach beyond the picture")
                .node("MaxPool", "x", "y")
                .with("kernel_shape", 2L, 2L)
                .with("strides", 2L, 2L)
                .with("ceil_mode", 1L);
        picture("mean of windows").node("AveragePool", "x", "y").with("kernel_shape", 3L, 2L);
        picture("mean of padded windows")
                .node("AveragePool", "x", "y")
                .with("kernel_shape", 3L, 3L)
                .with("strides", 2L, 2L)
                .with("pads", 1L, 0L, 1L, 1L);
        picture("mean of windows whose pads count")
                .node("AveragePool", "x", "y")
                .with("kernel_shape", 3L, 3L)
                .with("pads", 1L, 1L, 1L, 1L)
                .with("count_include_pad", 1L);
        picture("mean of the whole picture as a window")
                .node("AveragePool", "x", "y")
                .with("kernel_shape", 13L, 11L);
        picture("mean of the picture").node("GlobalAveragePool", "x", "y");
        picture("largest of the picture").node("GlobalMaxPool", "x", "y");
        model("largest along a line", "N", 4, 17)
                .node("MaxPool", "x", "y")
                .with("kernel_shape", new long[] {3})
                .with("pads", 1L, 1L)
                .with("strides", new long[] {2});
    }

    private void addReductions() {
        for (String op : new String[] {"ReduceMean", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceSumSquare"}) {
            picture(op + " of a convolution over the picture")
                    .weights("w", 5, 6, 1, 1)
                    .node("Conv", "x w", "a")
                    .node(op, "a", "y")
                    .with("axes", 2L, 3L)
                    .with("keepdims", 0L);
            picture(op + " of a convolution over channels")
                    .weights("w", 5, 6, 1, 1)
                    .node("Conv", "x w", "a")
                    .node(op, "a", "y")
                    .with("axes", new long[] {1});
        }
        picture("sum over one axis")
                .longs("axes", -2)
                .node("ReduceSum", "x axes", "y")
                .with("keepdims", 0L);
        picture("index of the largest channel")
                .weights("w", 5, 6, 1, 1)
                .node("Conv", "x w", "a")
                .node("ArgMax", "a", "y")
                .with("axis", 1L)
                .with("keepdims", 0L);
        picture("index of the least, axes kept").node("ArgMin", "x", "y").with("axis", 2L);
    }

    private void addNormalizations() {
        picture("batch normalisation of a convolution")
                .weights("w", 5, 6, 1, 1)
                .weights("gamma", 5)
                .weights("beta", 5)
                .weights("mean", 5)
                .floats("variance", 0.5f, 1, 2, 0.1f, 3)
                .node("Conv", "x w", "a")
                .node("BatchNormalization", "a gamma beta mean variance", "b")
                .node("Relu", "b", "y");
        picture("local response normalisation")
                .node("LRN", "x", "y")
                .with("size", 3L)
                .with("alpha", 0.1f);
        for (int axis = 1; axis < 4; axis++) {
            picture("softmax over axis " + axis).node("Softmax", "x", "y").with("axis", (long) axis);
        }
        picture("softmax of an old operator set")
                .opset("", 11)
                .node("Softmax", "x", "y")
                .with("axis", 1L);
        picture("log softmax").node("LogSoftmax", "x", "y").with("axis", 1L);
    }
}
