package dev.cleave.partition.tflite;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.BuiltinOpResolver;
import org.bytedeco.tensorflowlite.BuiltinOpResolverWithoutDefaultDelegates;
import org.bytedeco.tensorflowlite.FlatBufferModel;
import org.bytedeco.tensorflowlite.Interpreter;
import org.bytedeco.tensorflowlite.InterpreterBuilder;
import org.bytedeco.tensorflowlite.OpResolver;
import org.bytedeco.tensorflowlite.TfLiteIntArray;
import org.bytedeco.tensorflowlite.TfLiteTensor;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Model;

/** Runs a flatbuffer with TensorFlow Lite's interpreter, in one thread. Owns native memory until closed. */
final class TfLiteRunner implements AutoCloseable {
    private final ByteBuffer bytes;
    private final BytePointer memory;
    private final FlatBufferModel model;
    private final OpResolver resolver;
    private final Interpreter interpreter = new Interpreter((Pointer) null);

    private TfLiteRunner(byte[] flatbuffer, OpResolver resolver) {
        this.bytes = ByteBuffer.wrap(flatbuffer);
        this.memory = new BytePointer(flatbuffer);
        this.resolver = resolver;
        this.model = FlatBufferModel.VerifyAndBuildFromBuffer(memory, flatbuffer.length);
        require(model != null && !model.isNull(), "the flatbuffer is refused");
        try (InterpreterBuilder builder = new InterpreterBuilder(model, resolver)) {
            builder.SetNumThreads(1);
            require(builder.apply(interpreter) == 0 && !interpreter.isNull(), "no interpreter can be made");
        }
        require(interpreter.AllocateTensors() == 0, "tensors cannot be allocated");
    }

    /** With XNNPACK, as it is used. */
    static TfLiteRunner of(byte[] flatbuffer) {
        return new TfLiteRunner(flatbuffer, new BuiltinOpResolver());
    }

    /** With TensorFlow Lite's own kernels alone. */
    static TfLiteRunner plain(byte[] flatbuffer) {
        return new TfLiteRunner(flatbuffer, new BuiltinOpResolverWithoutDefaultDelegates());
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private int inputCount() {
        return Model.getRootAsModel(bytes).subgraphs(0).inputsLength();
    }

    private int outputCount() {
        return Model.getRootAsModel(bytes).subgraphs(0).outputsLength();
    }

    /** Every output by its name. */
    Map<String, Tensor> run(Map<String, Tensor> inputs) {
        boolean isResized = false;
        for (int i = 0; i < inputCount(); i++) {
            TfLiteTensor tensor = interpreter.input_tensor(i);
            Tensor given = inputs.get(tensor.name().getString());
            require(given != null, "no input " + tensor.name().getString());
            if (!shape(tensor).equals(given.shape())) {
                int[] dims = new int[given.shape().rank()];
                for (int axis = 0; axis < dims.length; axis++) {
                    dims[axis] = (int) given.shape().dim(axis);
                }
                int index = Model.getRootAsModel(bytes).subgraphs(0).inputs(i);
                require(interpreter.ResizeInputTensorStrict(index, dims) == 0, "input cannot be resized");
                isResized = true;
            }
        }
        require(!isResized || interpreter.AllocateTensors() == 0, "tensors of other rows cannot be allocated");
        for (int i = 0; i < inputCount(); i++) {
            TfLiteTensor tensor = interpreter.input_tensor(i);
            Tensor given = inputs.get(tensor.name().getString());
            require(type(tensor) == given.type(), "input " + tensor.name().getString() + " is " + type(tensor));
            require(tensor.bytes() == given.bytes(), "input has " + tensor.bytes() + " bytes");
            buffer(tensor).put(given.data());
        }
        require(interpreter.Invoke() == 0, "the run failed");
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (int i = 0; i < outputCount(); i++) {
            TfLiteTensor tensor = interpreter.output_tensor(i);
            Tensor copy = Tensor.allocate(type(tensor), shape(tensor));
            copy.data().put(buffer(tensor));
            outputs.put(tensor.name().getString(), copy);
        }
        return outputs;
    }

    /** Number of operators in the flatbuffer by their names. */
    static Map<String, Integer> operators(byte[] flatbuffer) {
        Model model = Model.getRootAsModel(ByteBuffer.wrap(flatbuffer));
        Map<String, Integer> counts = new TreeMap<>();
        for (int i = 0; i < model.subgraphs(0).operatorsLength(); i++) {
            int code = (int) model.subgraphs(0).operators(i).opcodeIndex();
            counts.merge(BuiltinOperator.name(model.operatorCodes(code).builtinCode()), 1, Integer::sum);
        }
        return counts;
    }

    private static ByteBuffer buffer(TfLiteTensor tensor) {
        return new BytePointer(tensor.data().data())
                .capacity(tensor.bytes())
                .asByteBuffer()
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Shape shape(TfLiteTensor tensor) {
        TfLiteIntArray dims = tensor.dims();
        long[] sizes = new long[dims.size()];
        for (int axis = 0; axis < sizes.length; axis++) {
            sizes[axis] = dims.data(axis);
        }
        return Shape.of(sizes);
    }

    /** The numbers are those of {@code TfLiteType}, which are not the schema's. */
    private static ElementType type(TfLiteTensor tensor) {
        return switch (tensor.type()) {
            case 1 -> ElementType.FLOAT32;
            case 2 -> ElementType.INT32;
            case 3 -> ElementType.UINT8;
            case 4 -> ElementType.INT64;
            case 6 -> ElementType.BOOL;
            case 9 -> ElementType.INT8;
            default -> throw new IllegalStateException("type " + tensor.type());
        };
    }

    @Override
    public void close() {
        interpreter.close();
        model.close();
        resolver.close();
        memory.close();
    }
}
