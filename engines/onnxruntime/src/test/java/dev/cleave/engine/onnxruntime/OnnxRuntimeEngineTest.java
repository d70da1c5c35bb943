package dev.cleave.engine.onnxruntime;

import static dev.cleave.engine.onnxruntime.TinyOnnx.dims;
import static dev.cleave.engine.onnxruntime.TinyOnnx.floats;
import static dev.cleave.engine.onnxruntime.TinyOnnx.graphAttribute;
import static dev.cleave.engine.onnxruntime.TinyOnnx.longs;
import static dev.cleave.engine.onnxruntime.TinyOnnx.model;
import static dev.cleave.engine.onnxruntime.TinyOnnx.raw;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineContractTest;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.tensor.ElementType;

class OnnxRuntimeEngineTest extends EngineContractTest {
    @Override
    protected Engine engine() throws EngineException {
        return new OnnxRuntimeProvider().create();
    }

    @Override
    protected GraphSource affine() {
        return new GraphSource(
                "affine.onnx",
                model(new TinyOnnx.Graph()
                        .input("x", 1, "N 4")
                        .initializer(floats("two", dims(), 2f))
                        .initializer(floats("one", dims(), 1f))
                        .node("Mul", "x two", "doubled")
                        .node("Add", "doubled one", "y")
                        .output("y", 1, "N 4")));
    }

    @Override
    protected GraphSource copy(ElementType type) {
        return new GraphSource(
                "copy.onnx",
                model(new TinyOnnx.Graph()
                        .input("x", type.onnxCode(), "N 2")
                        .node("Identity", "x", "y")
                        .output("y", type.onnxCode(), "N 2")));
    }

    @Override
    protected GraphSource twoByTwo() {
        return new GraphSource(
                "two.onnx",
                model(new TinyOnnx.Graph()
                        .input("a", 1, "2 3")
                        .input("b", 1, "2 3")
                        .node("Add", "a b", "sum")
                        .node("Add", "a a", "double")
                        .output("sum", 1, "2 3")
                        .output("double", 1, "2 3")));
    }

    @Override
    protected GraphSource scalar() {
        return new GraphSource(
                "scalar.onnx",
                model(new TinyOnnx.Graph()
                        .input("s", 1, "")
                        .initializer(floats("one", dims(), 1f))
                        .node("Add", "s one", "t")
                        .output("t", 1, "")));
    }

    @Override
    protected GraphSource endless() {
        TinyOnnx.Graph body = new TinyOnnx.Graph()
                .input("iteration", 7, "")
                .input("keep_going", 9, "")
                .input("carried", 1, "1")
                .node("Identity", "keep_going", "still_going")
                .node("Neg", "carried", "next")
                .output("still_going", 9, "")
                .output("next", 1, "1");
        return new GraphSource(
                "endless.onnx",
                model(new TinyOnnx.Graph()
                        .input("x", 1, "1")
                        .initializer(longs("trips", dims(), Long.MAX_VALUE))
                        .initializer(raw("go", 9, new byte[] {1}))
                        .node("Loop", "trips go x", "y", graphAttribute("body", body))
                        .output("y", 1, "1")));
    }

    @Override
    protected GraphSource broken() {
        return new GraphSource("broken.onnx", new byte[] {58, 100, 1, 2, 3});
    }
}
