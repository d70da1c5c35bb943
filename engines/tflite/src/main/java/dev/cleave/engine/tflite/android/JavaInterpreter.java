package dev.cleave.engine.tflite.android;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.tflite.Interpreter;
import dev.cleave.engine.tflite.TfLiteGraph;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.tensorflow.lite.Delegate;

/** {@link Interpreter} over TensorFlow Lite's Java one, which it owns together with its delegate. */
final class JavaInterpreter implements Interpreter {
    private static final Logger LOG = Logger.getLogger(JavaInterpreter.class.getName());

    /** An output that is left where it is: its size is known only after the run. */
    private static final Map<Integer, Object> LEFT_INSIDE = Collections.singletonMap(0, null);

    private final org.tensorflow.lite.Interpreter interpreter;
    private final Delegate delegate;
    private final TfLiteGraph graph;

    /** @param delegate null if there is none */
    JavaInterpreter(org.tensorflow.lite.Interpreter interpreter, Delegate delegate, TfLiteGraph graph) {
        this.interpreter = interpreter;
        this.delegate = delegate;
        this.graph = graph;
    }

    // Memory is left to the next run to plan: only a run that does so looks at the shapes of the outputs anew.
    @Override
    public void resize(List<Shape> shapes) throws EngineException {
        try {
            for (int i = 0; i < shapes.size(); i++) {
                int[] dims = new int[shapes.get(i).rank()];
                for (int axis = 0; axis < dims.length; axis++) {
                    dims[axis] = (int) shapes.get(i).dim(axis);
                }
                interpreter.resizeInput(i, dims);
            }
        } catch (RuntimeException e) {
            throw new EngineException(
                    "the graph cannot be given inputs of shapes " + shapes + ": " + Failures.oneLine(e), e);
        }
    }

    @Override
    public void run(List<ByteBuffer> inputs) throws EngineException {
        if (inputs.stream().anyMatch(input -> !input.hasRemaining())) {
            requireNothingToCompute();
            return;
        }
        try {
            if (graph.stateful()) {
                interpreter.allocateTensors();
                interpreter.resetVariableTensors();
            }
            interpreter.runForMultipleInputsOutputs(inputs.toArray(), LEFT_INSIDE);
        } catch (RuntimeException e) {
            throw new EngineException(Failures.oneLine(e), e);
        }
    }

    /** The Java interface takes no input without elements; where the outputs have none either, there is no need to. */
    private void requireNothingToCompute() throws EngineException {
        try {
            interpreter.allocateTensors();
        } catch (RuntimeException e) {
            throw new EngineException(Failures.oneLine(e), e);
        }
        for (int i = 0; i < graph.outputs().size(); i++) {
            if (interpreter.getOutputTensor(i).numElements() > 0) {
                throw new EngineException("an input has no elements, but output \""
                        + graph.outputs().get(i).name() + "\" has some; TensorFlow Lite for Java cannot run that");
            }
        }
    }

    @Override
    public Shape outputShape(int output) {
        int[] dims = interpreter.getOutputTensor(output).shape();
        long[] sizes = new long[dims.length];
        for (int axis = 0; axis < dims.length; axis++) {
            sizes[axis] = dims[axis];
        }
        return Shape.of(sizes);
    }

    @Override
    public void read(int output, ByteBuffer target) throws EngineException {
        ByteBuffer made = interpreter.getOutputTensor(output).asReadOnlyBuffer();
        if (made.remaining() != target.remaining()) {
            throw new EngineException("output \"" + graph.outputs().get(output).name() + "\" has " + made.remaining()
                    + " bytes, " + target.remaining() + " after the last resize; its shape may not depend on values");
        }
        target.put(made);
    }

    @Override
    public void stop() {
        interpreter.setCancelled(true);
    }

    @Override
    public void unstop() {
        interpreter.setCancelled(false);
    }

    @Override
    public void close() {
        interpreter.close();
        close(delegate);
    }

    /** Some versions have {@code close} in the interface, some only in the classes. */
    static void close(Delegate delegate) {
        if (delegate instanceof AutoCloseable) {
            try {
                ((AutoCloseable) delegate).close();
            } catch (Exception e) {
                LOG.log(Level.WARNING, "a delegate could not be closed: {0}", Failures.oneLine(e));
            }
        }
    }
}
