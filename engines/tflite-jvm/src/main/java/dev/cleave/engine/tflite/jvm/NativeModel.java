package dev.cleave.engine.tflite.jvm;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.tflite.LoadedModel;
import dev.cleave.engine.tflite.TfLiteGraph;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.BuiltinOpResolver;
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithoutDefaultDelegates;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.bytedeco.tensorflowlite.global.tensorflowlite;

/**
 * A verified flatbuffer in native memory and the operators to run it with. Interpreters read weights from it as long as they
 * live.
 *
 * <p>What the interpreter reports beyond a status goes to standard error: JavaCPP has no error reporter that Java could
 * override. So messages here say which step failed, and at what.
 */
final class NativeModel implements LoadedModel {
    private static final int ENGINES_CHOICE = -1;

    private final TfLiteGraph graph;
    private final BytePointer bytes;
    private final FlatBufferModel model;
    private final BuiltinOpResolver operators;
    private final int threads;

    private NativeModel(
            TfLiteGraph graph, BytePointer bytes, FlatBufferModel model, BuiltinOpResolver operators, int threads) {
        this.graph = graph;
        this.bytes = bytes;
        this.model = model;
        this.operators = operators;
        this.threads = threads;
    }

    /** @throws EngineException if the verifier refuses the graph */
    static NativeModel load(GraphSource source, TfLiteGraph graph, SessionOptions options) throws EngineException {
        BytePointer bytes = new BytePointer(source.graph());
        FlatBufferModel model = FlatBufferModel.VerifyAndBuildFromBuffer(bytes, source.graph().length, null, null);
        if (model == null || model.isNull() || !model.initialized()) {
            bytes.close();
            throw new EngineException(
                    source.label() + ": truncated or damaged TensorFlow Lite graph; the verifier refuses it");
        }
        int threads = options.threads() == 0 ? ENGINES_CHOICE : options.threads();
        NativeModel plain =
                new NativeModel(graph, bytes, model, new BuiltinOpResolverWithoutDefaultDelegates(), threads);
        try {
            return options.optimized() && plain.declaresTrueShapes() ? plain.withXnnpack() : plain;
        } catch (EngineException e) {
            plain.close();
            throw new EngineException(source.label() + ": " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            plain.close();
            throw e;
        }
    }

    /**
     * Whether the interpreter's own kernels find all shapes to be as the graph declares them. XNNPACK believes what is declared
     * and writes past the end of what is too small; a graph of which this is not true runs without it.
     */
    private boolean declaresTrueShapes() throws EngineException {
        try (NativeInterpreter interpreter = newInterpreter()) {
            return interpreter.preparesAsDeclared();
        }
    }

    private NativeModel withXnnpack() {
        operators.close();
        return new NativeModel(graph, bytes, model, new BuiltinOpResolver(), threads);
    }

    @Override
    public NativeInterpreter newInterpreter() throws EngineException {
        Interpreter interpreter = new Interpreter((Pointer) null);
        int status;
        try (InterpreterBuilder builder = new InterpreterBuilder(model, operators)) {
            status = builder.apply(interpreter, threads);
        }
        if (status != tensorflowlite.kTfLiteOk || interpreter.isNull()) {
            interpreter.close();
            throw new EngineException("TensorFlow Lite cannot make an interpreter of the graph (" + Status.text(status)
                    + "); expected operators and versions that it has kernels for");
        }
        return NativeInterpreter.over(interpreter, graph);
    }

    @Override
    public void close() {
        operators.close();
        model.close();
        bytes.close();
    }
}
