package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.codec.CodecParams;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.InferParameter;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.gateway.oip.v2.ModelInferResponse.InferOutputTensor;
import dev.cleave.gateway.oip.v2.ModelMetadataRequest;
import dev.cleave.gateway.oip.v2.ModelMetadataResponse;
import dev.cleave.gateway.oip.v2.ModelReadyRequest;
import dev.cleave.gateway.oip.v2.ServerLiveRequest;
import dev.cleave.gateway.oip.v2.ServerMetadataRequest;
import dev.cleave.gateway.oip.v2.ServerReadyRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The protocol over gRPC, as its specification has it. */
class InferenceServiceTest extends OverGrpc {
    @Test
    void tellsHealthOfServerAndModels() throws Exception {
        start(TestModel.named("m"));
        assertThat(gateway.calls()
                        .serverLive(ServerLiveRequest.getDefaultInstance())
                        .getLive())
                .isTrue();
        assertThat(gateway.calls()
                        .serverReady(ServerReadyRequest.getDefaultInstance())
                        .getReady())
                .isTrue();
        for (String name : List.of("m", "m.split-1", "m.split-2")) {
            assertThat(gateway.calls()
                            .modelReady(
                                    ModelReadyRequest.newBuilder().setName(name).build())
                            .getReady())
                    .as(name)
                    .isTrue();
        }
        assertThatThrownBy(() -> gateway.calls()
                        .modelReady(ModelReadyRequest.newBuilder().setName("n").build()))
                .isInstanceOf(StatusRuntimeException.class)
                .hasMessage("NOT_FOUND: model \"n\" is not served here; expected m, m.split-1, m.split-2");
        assertThat(HealthGrpc.newBlockingStub(gateway.channel)
                        .check(HealthCheckRequest.newBuilder()
                                .setService("inference.GRPCInferenceService")
                                .build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void describesServerModelAndTails() throws Exception {
        start(TestModel.named("m"));
        var server = gateway.calls().serverMetadata(ServerMetadataRequest.getDefaultInstance());
        assertThat(server.getName()).isEqualTo("cleave-gateway");
        assertThat(server.getVersion()).isNotEmpty();
        assertThat(server.getExtensionsList()).containsExactly("binary_tensor_data", "schedule_policy");
        ModelMetadataResponse whole = metadata("m");
        assertThat(whole.getName()).isEqualTo("m");
        assertThat(whole.getVersionsList()).containsExactly("1");
        assertThat(whole.getPlatform()).isEqualTo("onnx_onnxv1");
        assertThat(whole.getInputsList()).extracting(Object::toString).containsExactly("""
                name: "x"
                datatype: "FP32"
                shape: -1
                shape: 4
                """);
        assertThat(whole.getOutputsList())
                .extracting(ModelMetadataResponse.TensorMetadata::getName)
                .containsExactly("early", "y");
        ModelMetadataResponse tail = metadata("m.split-2");
        assertThat(tail.getName()).isEqualTo("m.split-2");
        assertThat(tail.getInputs(0).getName()).isEqualTo("b");
        assertThat(tail.getOutputsList())
                .extracting(ModelMetadataResponse.TensorMetadata::getName)
                .containsExactly("y");
    }

    private ModelMetadataResponse metadata(String name) {
        return gateway.calls()
                .modelMetadata(ModelMetadataRequest.newBuilder().setName(name).build());
    }

    @Test
    void answersTypedContentsWithTypedContents() throws Exception {
        start(TestModel.named("m"));
        ModelInferResponse response = infer(typed("m", "x", 1, 2).setId("request 7"));
        assertThat(response.getModelName()).isEqualTo("m");
        assertThat(response.getModelVersion()).isEqualTo("1");
        assertThat(response.getId()).isEqualTo("request 7");
        assertThat(response.getRawOutputContentsCount()).isZero();
        assertThat(response.getOutputsList())
                .extracting(InferOutputTensor::getName)
                .containsExactly("early", "y");
        InferOutputTensor y = response.getOutputs(1);
        assertThat(y.getDatatype()).isEqualTo("FP32");
        assertThat(y.getShapeList()).containsExactly(2L, 4L);
        assertThat(y.getContents().getFp32ContentsList()).containsExactly(14f, 14f, 14f, 14f, 20f, 20f, 20f, 20f);
    }

    @Test
    void answersRawContentsWithRawContents() throws Exception {
        start(TestModel.named("m"));
        for (int point = 0; point <= 2; point++) {
            String name = point == 0 ? "m" : "m.split-" + point;
            String input = List.of("x", "a", "b").get(point);
            ModelInferResponse response = infer(raw(name, input, TestModel.boundary(point, 3))
                    .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y")));
            assertThat(response.getOutputsCount()).isOne();
            assertThat(response.getOutputs(0).hasContents()).isFalse();
            ByteBuffer y =
                    response.getRawOutputContents(0).asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            assertThat(y.remaining()).isEqualTo(16);
            assertThat(y.getFloat(12)).isEqualTo(TestModel.y(3));
        }
    }

    /** The bundle would have them rounded to halves in the reply to a frame. */
    @Test
    void givesOutputsExactlyWhateverTheBundleSaysOfReplies() throws Exception {
        start(TestModel.named("m").withReplies(new CodecParams.Fp16(), new CodecParams.Fp16()));
        float x = 1.0001f;
        assertThat(infer(typed("m.split-2", "b", x)).getOutputs(0).getContents().getFp32Contents(0))
                .isEqualTo((float) (1.0 * x + 5));
    }

    @Test
    void givesTheOutputsThatAreAskedForInTheirOrder() throws Exception {
        start(TestModel.named("m"));
        ModelInferResponse response = infer(typed("m", "x", 1)
                .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y"))
                .addOutputs(InferRequestedOutputTensor.newBuilder()
                        .setName("early")
                        .putParameters("classification", number(3))));
        assertThat(response.getOutputsList())
                .extracting(InferOutputTensor::getName)
                .containsExactly("y", "early");
        assertRefused(
                typed("m", "x", 1)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("z")),
                Status.Code.INVALID_ARGUMENT,
                "output \"z\" is none of the model's; expected some of early, y");
        assertRefused(
                typed("m.split-2", "b", 1)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("early")),
                Status.Code.INVALID_ARGUMENT,
                "expected some of y");
        assertRefused(
                typed("m", "x", 1)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y"))
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y")),
                Status.Code.INVALID_ARGUMENT,
                "asked for twice");
    }

    @Test
    void knowsVersions() throws Exception {
        start(TestModel.named("m"));
        assertThat(infer(typed("m", "x", 1).setModelVersion("1")).getModelVersion())
                .isEqualTo("1");
        assertRefused(
                typed("m", "x", 1).setModelVersion("2"),
                Status.Code.NOT_FOUND,
                "version \"2\" of model \"m\" is not served; expected 1");
    }

    @Test
    void letsParametersBeThatItDoesNotKnow() throws Exception {
        start(TestModel.named("m"));
        infer(typed("m", "x", 1)
                .putParameters(
                        "mine", InferParameter.newBuilder().setStringParam("x").build())
                .putParameters("priority", number(1))
                .putParameters(
                        "timeout",
                        InferParameter.newBuilder().setUint64Param(-1).build()));
        assertRefused(
                typed("m", "x", 1)
                        .putParameters(
                                "timeout",
                                InferParameter.newBuilder().setStringParam("5").build()),
                Status.Code.INVALID_ARGUMENT,
                "parameter timeout is STRING_PARAM; expected a whole number");
        assertRefused(
                typed("m", "x", 1).putParameters("timeout", number(-5)),
                Status.Code.INVALID_ARGUMENT,
                "parameter timeout is -5");
        assertRefused(
                typed("m", "x", 1).putParameters("priority", number(1_000_000)),
                Status.Code.INVALID_ARGUMENT,
                "parameter priority is 1000000; expected 0 to 999999");
    }

    @Test
    void aRunThatFailsIsAnInternalError() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.failNext("no such kernel");
        assertRefused(typed("m", "x", 1), Status.Code.INTERNAL, "no such kernel");
    }
}
