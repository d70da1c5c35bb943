package dev.cleave.engine.tflite.jvm;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.tflite.Interpreter;
import dev.cleave.engine.tflite.TfLiteGraph;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.Subgraph;
import org.bytedeco.tensorflowlite.TfLiteIntArray;
import org.bytedeco.tensorflowlite.TfLiteTensor;
import org.bytedeco.tensorflowlite.global.tensorflowlite;

/** {@link Interpreter} over the C++ one, which it owns. */
final class NativeInterpreter implements Interpreter {
    private final org.bytedeco.tensorflowlite.Interpreter interpreter;
    private final TfLiteGraph graph;
    private final int[] inputs;
    private final int[] outputs;

    private NativeInterpreter(
            org.bytedeco.tensorflowlite.Interpreter interpreter, TfLiteGraph graph, int[] inputs, int[] outputs) {
        this.interpreter = interpreter;
        this.graph = graph;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /** Takes over an interpreter. */
    static NativeInterpreter over(org.bytedeco.tensorflowlite.Interpreter interpreter, TfLiteGraph graph)
            throws EngineException {
        int status = interpreter.EnableCancellation();
        NativeInterpreter owner = new NativeInterpreter(
                interpreter, graph, indices(interpreter.inputs()), indices(interpreter.outputs()));
        if (status != tensorflowlite.kTfLiteOk
                || owner.inputs.length != graph.inputs().size()
                || owner.outputs.length != graph.outputs().size()) {
            owner.close();
            throw new EngineException("TensorFlow Lite sees other inputs and outputs than the graph declares");
        }
        return owner;
    }

    /** Closes the vector: it is a copy. */
    private static int[] indices(IntPointer vector) {
        try (vector) {
            int[] indices = new int[(int) vector.limit()];
            vector.get(indices);
            return indices;
        }
    }

    /** Prepares the graph for the shapes in the file; false if some tensor is found to have another one. */
    boolean preparesAsDeclared() throws EngineException {
        List<List<Shape>> declared = shapes();
        require(interpreter.AllocateTensors(), "the graph cannot be prepared for the shapes in its file");
        List<List<Shape>> found = shapes();
        for (int subgraph = 0; subgraph < declared.size(); subgraph++) {
            // Kernels append tensors of their own, some of them before they know the shape.
            for (int tensor = 0; tensor < declared.get(subgraph).size(); tensor++) {
                Shape shape = declared.get(subgraph).get(tensor);
                if (shape != null && !shape.equals(found.get(subgraph).get(tensor))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** How many operators a run goes through; what a delegate has taken over is one. Known once it is resized. */
    int steps() {
        try (IntPointer plan = interpreter.execution_plan()) {
            return (int) plan.limit();
        }
    }

    private List<List<Shape>> shapes() {
        List<List<Shape>> shapes = new ArrayList<>();
        for (int i = 0; i < interpreter.subgraphs_size(); i++) {
            Subgraph subgraph = interpreter.subgraph(i);
            List<Shape> inside = new ArrayList<>();
            for (int tensor = 0; tensor < subgraph.tensors_size(); tensor++) {
                TfLiteIntArray dims = subgraph.tensor(tensor).dims();
                inside.add(dims == null ? null : shape(dims));
            }
            shapes.add(inside);
        }
        return shapes;
    }

    @Override
    public void resize(List<Shape> shapes) throws EngineException {
        for (int i = 0; i < inputs.length; i++) {
            int[] dims = new int[shapes.get(i).rank()];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = (int) shapes.get(i).dim(axis);
            }
            int status = interpreter.ResizeInputTensor(inputs[i], dims);
            require(status, "input \"" + graph.inputs().get(i).name() + "\" cannot be given shape " + shapes.get(i));
        }
        require(interpreter.AllocateTensors(), "the graph cannot be prepared for inputs of shapes " + shapes);
    }

    @Override
    public void run(List<ByteBuffer> buffers) throws EngineException {
        for (int i = 0; i < inputs.length; i++) {
            ByteBuffer buffer = buffers.get(i);
            TfLiteTensor tensor = interpreter.tensor(inputs[i]);
            requireBytes("input \"" + graph.inputs().get(i).name() + "\"", tensor, buffer.remaining());
            if (buffer.hasRemaining()) {
                Pointer.memcpy(bytes(tensor), new BytePointer(buffer), buffer.remaining());
            }
        }
        if (graph.stateful()) {
            require(interpreter.ResetVariableTensors(), "the graph's variables cannot be reset");
        }
        require(interpreter.Invoke(), "the run failed");
    }

    @Override
    public Shape outputShape(int output) {
        return shape(interpreter.tensor(outputs[output]).dims());
    }

    private static Shape shape(TfLiteIntArray dims) {
        long[] sizes = new long[dims.size()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = dims.data(axis);
        }
        return Shape.of(sizes);
    }

    @Override
    public void read(int output, ByteBuffer target) throws EngineException {
        TfLiteTensor tensor = interpreter.tensor(outputs[output]);
        requireBytes("output \"" + graph.outputs().get(output).name() + "\"", tensor, target.remaining());
        Pointer.memcpy(new BytePointer(target), bytes(tensor), target.remaining());
    }

    private static Pointer bytes(TfLiteTensor tensor) {
        return tensor.data().data();
    }

    private static void requireBytes(String what, TfLiteTensor tensor, int expected) throws EngineException {
        Pointer data = bytes(tensor);
        if (tensor.bytes() != expected || expected > 0 && (data == null || data.isNull())) {
            throw new EngineException(
                    what + " has " + tensor.bytes() + " bytes in the interpreter; expected " + expected);
        }
    }

    @Override
    public void stop() {
        interpreter.Cancel();
    }

    @Override
    public void unstop() {
        // Every run begins by forgetting it.
    }

    private static void require(int status, String what) throws EngineException {
        if (status != tensorflowlite.kTfLiteOk) {
            throw new EngineException(what + " (" + Status.text(status) + ")");
        }
    }

    @Override
    public void close() {
        interpreter.close();
    }
}
