package dev.cleave.partition.tflite.flat;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.cleave.tensor.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.QuantizationParameters;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.Tensor;
import org.tensorflow.lite.schema.TensorType;

/**
 * A TensorFlow Lite model of one subgraph: its tensors and operators while they are added, then its bytes. One thread.
 *
 * <p>Buffer 0 is empty, as the format wants it, and stands for all tensors that are not constant. The others begin at
 * multiples of 16 bytes, so that kernels may read them where they lie.
 */
public final class FlatModel {
    private static final int SCHEMA_VERSION = 3;
    private static final int ALIGNMENT = 16;
    /** Operators from here on are only in the wider of the two fields for them. */
    private static final int CODES_OF_A_BYTE = 127;

    private final List<FlatTensor> tensors = new ArrayList<>();
    private final List<FlatOperator> operators = new ArrayList<>();
    private final List<Integer> inputs = new ArrayList<>();
    private final List<Integer> outputs = new ArrayList<>();

    /** Adds a tensor; gives its index. */
    public int add(FlatTensor tensor) {
        tensors.add(tensor);
        return tensors.size() - 1;
    }

    public FlatTensor tensor(int index) {
        return tensors.get(index);
    }

    public void rename(int index, String name) {
        tensors.set(index, tensors.get(index).named(name));
    }

    public void add(FlatOperator operator) {
        operators.add(operator);
    }

    public void addInput(int tensor) {
        inputs.add(tensor);
    }

    public void addOutput(int tensor) {
        outputs.add(tensor);
    }

    public boolean isInputOrOutput(int tensor) {
        return inputs.contains(tensor) || outputs.contains(tensor);
    }

    /** The flatbuffer. */
    public byte[] toBytes() {
        FlatBufferBuilder builder = new FlatBufferBuilder(1 << 16);
        List<Integer> buffers = new ArrayList<>();
        buffers.add(Buffer.createBuffer(builder, Buffer.createDataVector(builder, new byte[0])));
        int[] places = new int[tensors.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = write(tensors.get(i), builder, buffers);
        }
        Map<List<Integer>, Integer> codes = new LinkedHashMap<>();
        int[] written = operators.stream()
                .mapToInt(operator -> write(operator, builder, codes))
                .toArray();
        int subgraph = SubGraph.createSubGraph(
                builder,
                SubGraph.createTensorsVector(builder, places),
                SubGraph.createInputsVector(builder, ints(inputs)),
                SubGraph.createOutputsVector(builder, ints(outputs)),
                SubGraph.createOperatorsVector(builder, written),
                builder.createString("main"));
        int[] operatorCodes = codes.keySet().stream()
                .mapToInt(code -> OperatorCode.createOperatorCode(
                        builder, (byte) Math.min(code.get(0), CODES_OF_A_BYTE), 0, code.get(1), code.get(0)))
                .toArray();
        int codesVector = Model.createOperatorCodesVector(builder, operatorCodes);
        int subgraphs = Model.createSubgraphsVector(builder, new int[] {subgraph});
        int description = builder.createString("made of an ONNX graph by Cleave");
        int buffersVector = Model.createBuffersVector(builder, ints(buffers));
        Model.finishModelBuffer(
                builder,
                Model.createModel(
                        builder, SCHEMA_VERSION, codesVector, subgraphs, description, buffersVector, 0, 0, 0));
        return builder.sizedByteArray();
    }

    private static int write(FlatTensor tensor, FlatBufferBuilder builder, List<Integer> buffers) {
        int buffer = 0;
        if (tensor.constant() != null) {
            buffer = buffers.size();
            buffers.add(write(tensor.constant(), builder));
        }
        Extent extent = tensor.extent();
        int shape = Tensor.createShapeVector(builder, extent.sizes());
        int signature = extent.openAxes() == 0 ? 0 : Tensor.createShapeSignatureVector(builder, extent.signature());
        int name = builder.createString(tensor.name());
        int quantization = tensor.quantization() == null ? 0 : write(tensor.quantization(), builder);
        return Tensor.createTensor(
                builder, shape, type(tensor.type()), buffer, name, quantization, false, 0, signature, true, 0);
    }

    private static int write(Constant constant, FlatBufferBuilder builder) {
        builder.createUnintializedVector(1, constant.data().limit(), ALIGNMENT)
                .put(constant.data().duplicate());
        return Buffer.createBuffer(builder, builder.endVector());
    }

    private static int write(Quantization quantization, FlatBufferBuilder builder) {
        long[] zeroPoints = new long[quantization.zeroPoints().length];
        for (int i = 0; i < zeroPoints.length; i++) {
            zeroPoints[i] = quantization.zeroPoint(i);
        }
        int scales = QuantizationParameters.createScaleVector(builder, quantization.scales());
        int zeros = QuantizationParameters.createZeroPointVector(builder, zeroPoints);
        return QuantizationParameters.createQuantizationParameters(
                builder, 0, 0, scales, zeros, (byte) 0, 0, Math.max(0, quantization.axis()));
    }

    private int write(FlatOperator operator, FlatBufferBuilder builder, Map<List<Integer>, Integer> codes) {
        List<Integer> code = List.of(operator.code(), OperatorVersion.of(operator, tensors));
        int index = codes.computeIfAbsent(code, fresh -> codes.size());
        int options = operator.options().write(builder, operator.activation());
        int read = Operator.createInputsVector(builder, operator.inputs());
        int made = Operator.createOutputsVector(builder, operator.outputs());
        return Operator.createOperator(
                builder, index, read, made, operator.options().type(), options, 0, (byte) 0, 0, 0);
    }

    private static int[] ints(List<Integer> values) {
        return values.stream().mapToInt(Integer::intValue).toArray();
    }

    public static byte type(ElementType type) {
        return switch (type) {
            case FLOAT32 -> TensorType.FLOAT32;
            case INT8 -> TensorType.INT8;
            case UINT8 -> TensorType.UINT8;
            case INT32 -> TensorType.INT32;
            case INT64 -> TensorType.INT64;
            case BOOL -> TensorType.BOOL;
            default -> throw new IllegalStateException(type + " is checked before");
        };
    }
}
