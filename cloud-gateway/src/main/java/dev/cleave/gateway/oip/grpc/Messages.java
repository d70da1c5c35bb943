package dev.cleave.gateway.oip.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.cleave.gateway.oip.Datatype;
import dev.cleave.gateway.oip.InferRequest;
import dev.cleave.gateway.oip.InputTensor;
import dev.cleave.gateway.oip.OipException;
import dev.cleave.gateway.oip.OipModel;
import dev.cleave.gateway.oip.OutputTensor;
import dev.cleave.gateway.oip.Quoted;
import dev.cleave.gateway.oip.Schedule;
import dev.cleave.gateway.oip.v2.InferParameter;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.gateway.oip.v2.ModelInferResponse.InferOutputTensor;
import dev.cleave.gateway.oip.v2.ModelMetadataResponse;
import dev.cleave.gateway.oip.v2.ModelMetadataResponse.TensorMetadata;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The protocol's messages to and from what the gateway makes of them. */
final class Messages {
    private static final int MAX_TENSORS = 1024;

    private Messages() {}

    static ModelMetadataResponse metadata(OipModel model) {
        ModelMetadataResponse.Builder response = ModelMetadataResponse.newBuilder()
                .setName(model.name())
                .addAllVersions(model.versions())
                .setPlatform(model.platform());
        model.inputs().forEach(spec -> response.addInputs(metadata(spec)));
        model.outputs().forEach(spec -> response.addOutputs(metadata(spec)));
        model.parameters()
                .forEach((name, value) -> response.putParameters(
                        name, InferParameter.newBuilder().setStringParam(value).build()));
        return response.build();
    }

    private static TensorMetadata metadata(TensorSpec spec) {
        TensorMetadata.Builder tensor =
                TensorMetadata.newBuilder().setName(spec.name()).setDatatype(Datatype.of(spec.type()));
        for (long dim : spec.shape().dims()) {
            tensor.addShape(Math.max(Shape.DYNAMIC, dim));
        }
        return tensor.build();
    }

    static InferRequest request(ModelInferRequest message) throws OipException {
        if (message.getInputsCount() > MAX_TENSORS || message.getOutputsCount() > MAX_TENSORS) {
            throw OipException.malformed("request has " + message.getInputsCount() + " inputs and "
                    + message.getOutputsCount() + " outputs; expected at most " + MAX_TENSORS + " each");
        }
        List<String> outputs = message.getOutputsList().stream()
                .map(InferRequestedOutputTensor::getName)
                .toList();
        return new InferRequest(
                message.getModelName(),
                message.getModelVersion(),
                inputs(message),
                outputs,
                schedule(message.getParametersMap()),
                message.getSerializedSize());
    }

    private static List<InputTensor> inputs(ModelInferRequest message) throws OipException {
        int raw = message.getRawInputContentsCount();
        if (raw > 0 && raw != message.getInputsCount()) {
            throw OipException.malformed("raw_input_contents has " + raw + " entries; expected one for each of the "
                    + message.getInputsCount() + " inputs, or none");
        }
        List<InputTensor> inputs = new ArrayList<>();
        for (int i = 0; i < message.getInputsCount(); i++) {
            InferInputTensor tensor = message.getInputs(i);
            if (raw > 0 && tensor.hasContents()) {
                throw OipException.malformed("input " + Quoted.of(tensor.getName())
                        + " has contents beside raw_input_contents; expected one of the two");
            }
            inputs.add(new GrpcInput(tensor, raw > 0 ? message.getRawInputContents(i) : null));
        }
        return inputs;
    }

    private static Schedule schedule(Map<String, InferParameter> parameters) throws OipException {
        return Schedule.NONE
                .withTimeout(number(parameters, Schedule.TIMEOUT))
                .withPriority(number(parameters, Schedule.PRIORITY));
    }

    private static long number(Map<String, InferParameter> parameters, String name) throws OipException {
        InferParameter parameter = parameters.get(name);
        if (parameter == null) {
            return 0;
        }
        return switch (parameter.getParameterChoiceCase()) {
            case INT64_PARAM -> parameter.getInt64Param();
            // One that a long cannot hold is further away than any clock goes, and no priority.
            case UINT64_PARAM -> parameter.getUint64Param() & Long.MAX_VALUE;
            default ->
                throw OipException.malformed("parameter " + name + " is " + parameter.getParameterChoiceCase()
                        + "; expected a whole number (int64_param)");
        };
    }

    static boolean isRaw(ModelInferRequest message) {
        return message.getRawInputContentsCount() > 0;
    }

    /** @param rawWanted otherwise outputs are raw only if one of them has no list of its type */
    static ModelInferResponse response(OipModel model, String id, boolean rawWanted, List<OutputTensor> outputs) {
        boolean raw = rawWanted || outputs.stream().anyMatch(output -> !TypedContents.canHold(output.type()));
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(model.name())
                .setModelVersion(model.version())
                .setId(id);
        for (OutputTensor output : outputs) {
            InferOutputTensor.Builder tensor =
                    InferOutputTensor.newBuilder().setName(output.name()).setDatatype(Datatype.of(output.type()));
            for (long dim : output.shape().dims()) {
                tensor.addShape(dim);
            }
            if (raw) {
                // Nobody changes a reply's bytes any more.
                ByteString bytes = UnsafeByteOperations.unsafeWrap(output.elements());
                response.addRawOutputContents(bytes);
            } else {
                tensor.setContents(TypedContents.of(output.type(), output.elements()));
            }
            response.addOutputs(tensor);
        }
        return response.build();
    }
}
