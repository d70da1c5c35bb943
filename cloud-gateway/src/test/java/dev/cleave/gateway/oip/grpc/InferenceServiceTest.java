package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.codec.CodecParams;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.OipGateway;
import dev.cleave.gateway.oip.TypesModel;
import dev.cleave.gateway.oip.v2.InferParameter;
import dev.cleave.gateway.oip.v2.InferTensorContents;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.gateway.oip.v2.ModelInferResponse.InferOutputTensor;
import dev.cleave.gateway.oip.v2.ModelMetadataRequest;
import dev.cleave.gateway.oip.v2.ModelMetadataResponse;
import dev.cleave.gateway.oip.v2.ModelReadyRequest;
import dev.cleave.gateway.oip.v2.ServerLiveRequest;
import dev.cleave.gateway.oip.v2.ServerMetadataRequest;
import dev.cleave.gateway.oip.v2.ServerReadyRequest;
import dev.cleave.tensor.ElementType;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol over gRPC, as its specification has it. */
class InferenceServiceTest {
    @TempDir
    Path models;

    private final GatewayConfigBuilder settings = GatewayConfig.builder();
    private OipGateway gateway;

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void start(TestModel... served) throws Exception {
        for (TestModel model : served) {
            model.write(models);
        }
        gateway = new OipGateway(models, settings);
    }

    /** {@code x} of one row for each value, every element of it. */
    static ModelInferRequest.Builder typed(String model, String input, float... rows) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (float row : rows) {
            for (int i = 0; i < 4; i++) {
                contents.addFp32Contents(row);
            }
        }
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(declared(input, rows.length).setContents(contents));
    }

    private static InferInputTensor.Builder declared(String input, long rows) {
        return InferInputTensor.newBuilder()
                .setName(input)
                .setDatatype("FP32")
                .addShape(rows)
                .addShape(4);
    }

    static ModelInferRequest.Builder raw(String model, String input, float... rows) {
        ByteBuffer bytes = ByteBuffer.allocate(16 * rows.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float row : rows) {
            bytes.putFloat(row).putFloat(row).putFloat(row).putFloat(row);
        }
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(declared(input, rows.length))
                .addRawInputContents(ByteString.copyFrom(bytes.flip()));
    }

    private static InferParameter number(long value) {
        return InferParameter.newBuilder().setInt64Param(value).build();
    }

    private ModelInferResponse infer(ModelInferRequest.Builder request) {
        return gateway.calls().withDeadlineAfter(60, TimeUnit.SECONDS).modelInfer(request.build());
    }

    private void assertRefused(ModelInferRequest.Builder request, Status.Code code, String part) {
        assertThatThrownBy(() -> infer(request)).isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
            assertThat(refused.getStatus().getCode()).isEqualTo(code);
            assertThat(refused.getStatus().getDescription()).contains(part).doesNotContain("\n");
        });
    }

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

    @ParameterizedTest
    @EnumSource(ElementType.class)
    void carriesEveryTypeRaw(ElementType type) throws Exception {
        TypesModel.write(models, type);
        start();
        byte[] bytes = new byte[6 * type.bytes()];
        new Random(type.ordinal()).nextBytes(bytes);
        if (type == ElementType.BOOL) {
            bytes = new byte[] {1, 0, 0, 1, 1, 0};
        }
        ModelInferResponse response = infer(ModelInferRequest.newBuilder()
                .setModelName("types")
                .addInputs(types(type))
                .addRawInputContents(ByteString.copyFrom(bytes)));
        assertThat(response.getRawOutputContents(0).toByteArray()).isEqualTo(bytes);
        assertThat(response.getOutputs(0).getName()).isEqualTo(TypesModel.out(type));
        assertThat(response.getOutputs(0).getShapeList()).containsExactly(2L, 3L);
    }

    private static InferInputTensor.Builder types(ElementType type) {
        return InferInputTensor.newBuilder()
                .setName(TypesModel.in(type))
                .setDatatype(TypesModel.in(type).substring(3))
                .addShape(2)
                .addShape(3);
    }

    /** The least and the greatest value of each type, or what stands for them. */
    private static InferTensorContents extremes(ElementType type) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        for (int i = 0; i < 3; i++) {
            switch (type) {
                case BOOL -> contents.addBoolContents(true).addBoolContents(false);
                case INT8 -> contents.addIntContents(-128).addIntContents(127);
                case INT16 -> contents.addIntContents(-32768).addIntContents(32767);
                case INT32 -> contents.addIntContents(Integer.MIN_VALUE).addIntContents(Integer.MAX_VALUE);
                case INT64 -> contents.addInt64Contents(Long.MIN_VALUE).addInt64Contents(Long.MAX_VALUE);
                case UINT8 -> contents.addUintContents(0).addUintContents(255);
                case UINT16 -> contents.addUintContents(0).addUintContents(65535);
                case UINT32 -> contents.addUintContents(0).addUintContents(-1);
                case UINT64 -> contents.addUint64Contents(0).addUint64Contents(-1);
                case FLOAT32 -> contents.addFp32Contents(Float.NaN).addFp32Contents(Float.NEGATIVE_INFINITY);
                case FLOAT64 -> contents.addFp64Contents(Double.MIN_VALUE).addFp64Contents(-Double.MAX_VALUE);
                case FLOAT16, BFLOAT16 -> {}
            }
        }
        return contents.build();
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"FLOAT16", "BFLOAT16"})
    void carriesEveryTypeInItsContents(ElementType type) throws Exception {
        TypesModel.write(models, type);
        start();
        InferTensorContents contents = extremes(type);
        ModelInferResponse response = infer(ModelInferRequest.newBuilder()
                .setModelName("types")
                .addInputs(types(type).setContents(contents)));
        assertThat(response.getOutputs(0).getContents()).isEqualTo(contents);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void carriesSixteenBitFloatsRawAlone(ElementType type) throws Exception {
        TypesModel.write(models, type, ElementType.INT8);
        start();
        assertRefused(
                ModelInferRequest.newBuilder()
                        .setModelName("types")
                        .addInputs(types(type)
                                .setContents(InferTensorContents.newBuilder().addFp32Contents(1)))
                        .addInputs(types(ElementType.INT8).setContents(extremes(ElementType.INT8))),
                Status.Code.INVALID_ARGUMENT,
                "has typed contents; expected it in raw_input_contents");
        // With elements in no list at all, the count is what is wrong.
        assertRefused(
                ModelInferRequest.newBuilder()
                        .setModelName("types")
                        .addInputs(types(type))
                        .addInputs(types(ElementType.INT8)),
                Status.Code.INVALID_ARGUMENT,
                "raw_input_contents");
    }

    @ParameterizedTest
    @CsvSource({
        "INT8, 128, 128",
        "INT8, -129, -129",
        "INT16, 32768, 32768",
        "UINT8, 256, 256",
        "UINT8, -1, 4294967295",
        "UINT16, 65536, 65536"
    })
    void refusesElementsThatDoNotFitTheirType(ElementType type, int value, String shown) throws Exception {
        TypesModel.write(models, type);
        start();
        InferTensorContents.Builder contents = extremes(type).toBuilder();
        if (contents.getIntContentsCount() > 0) {
            contents.setIntContents(4, value);
        } else {
            contents.setUintContents(4, value);
        }
        assertRefused(
                ModelInferRequest.newBuilder()
                        .setModelName("types")
                        .addInputs(types(type).setContents(contents)),
                Status.Code.INVALID_ARGUMENT,
                "element " + shown + " does not fit " + type.name());
    }

    @Test
    void refusesABoolThatIsNeither() throws Exception {
        TypesModel.write(models, ElementType.BOOL);
        start();
        assertRefused(
                ModelInferRequest.newBuilder()
                        .setModelName("types")
                        .addInputs(types(ElementType.BOOL))
                        .addRawInputContents(ByteString.copyFrom(new byte[] {0, 1, 2, 0, 0, 0})),
                Status.Code.INVALID_ARGUMENT,
                "holds a bool that is neither 0 nor 1");
    }

    @Test
    void namesWhatIsWrongWithInputs() throws Exception {
        start(TestModel.named("m"));
        Status.Code bad = Status.Code.INVALID_ARGUMENT;
        assertRefused(typed("m", "z", 1), bad, "input \"x\" is missing; expected x FP32[N,4]");
        assertRefused(
                typed("m", "x", 1).addInputs(declared("z", 1).setContents(extremes(ElementType.FLOAT32))),
                bad,
                "input \"z\" is none of the model's");
        assertRefused(typed("m", "x", 1).addInputs(typed("m", "x", 1).getInputs(0)), bad, "input \"x\" is given twice");
        assertRefused(changed(input -> input.setDatatype("INT32")), bad, "has datatype \"INT32\"; expected FP32");
        assertRefused(
                changed(input -> input.setDatatype("BYTES")),
                bad,
                "has datatype \"BYTES\"; expected FP32; strings are taken nowhere here");
        assertRefused(changed(input -> input.setShape(1, 3)), bad, "has shape [1,3]; expected [N,4]");
        assertRefused(changed(input -> input.clearShape()), bad, "has shape []; expected [N,4]");
        assertRefused(changed(input -> input.setShape(0, -1)), bad, "has shape [-1,4]; expected [N,4]");
        assertRefused(changed(input -> input.addAllShape(java.util.Collections.nCopies(40, 1L))), bad, ",..]");
        assertRefused(
                changed(input -> input.clearContents()), bad, "has 0 elements in the contents of FP32 and 0 in others");
        assertRefused(
                changed(input -> input.getContentsBuilder().addFp32Contents(1)), bad, "has 5 elements in the contents");
        assertRefused(
                changed(input -> input.getContentsBuilder().addBytesContents(ByteString.EMPTY)),
                bad,
                "and 1 in others; expected 4 and 0");
        assertRefused(
                changed(input -> input.setShape(0, 0).clearContents()),
                bad,
                "input \"x\" has no rows; expected 1 to 8");
        assertRefused(raw("m", "x", 1).clearRawInputContents(), bad, "has 0 elements");
        assertRefused(raw("m", "x", 1).addRawInputContents(ByteString.EMPTY), bad, "raw_input_contents has 2 entries");
        assertRefused(
                raw("m", "x", 1).setRawInputContents(0, ByteString.copyFrom(new byte[17])),
                bad,
                "has 17 bytes in raw_input_contents; expected 4 elements of FP32");
        assertRefused(
                typed("m", "x", 1).addRawInputContents(ByteString.copyFrom(new byte[16])),
                bad,
                "has contents beside raw_input_contents");
        assertThat(gateway.engine.runs().stream().filter(run -> run.rows() != 1))
                .as("only the warm-up has run")
                .isEmpty();
        infer(typed("m", "x", 1));
    }

    private interface Change {
        void apply(InferInputTensor.Builder input);
    }

    private static ModelInferRequest.Builder changed(Change change) {
        ModelInferRequest.Builder request = typed("m", "x", 1);
        change.apply(request.getInputsBuilder(0));
        return request;
    }

    @Test
    void refusesShapesThatNoMemoryHoldsAndTakesNone() throws Exception {
        TypesModel.write(models, ElementType.FLOAT64);
        start();
        for (long columns : new long[] {1L << 31, 1L << 61, Long.MAX_VALUE}) {
            InferInputTensor.Builder input = types(ElementType.FLOAT64).setShape(1, columns);
            assertRefused(
                    ModelInferRequest.newBuilder()
                            .setModelName("types")
                            .addInputs(input)
                            .addRawInputContents(ByteString.EMPTY),
                    Status.Code.INVALID_ARGUMENT,
                    "input \"in_FP64\" has ");
        }
    }

    @Test
    void refusesMoreRowsAndBytesThanAreTaken() throws Exception {
        settings.maxTensorBytes(1 << 10);
        start(
                TestModel.named("m"),
                TestModel.named("wide").withWidth(512),
                TestModel.named("one").unbatched());
        assertRefused(
                typed("m", "x", 1, 2, 3, 4, 5, 6, 7, 8, 9),
                Status.Code.INVALID_ARGUMENT,
                "input \"x\" has 9 rows; expected 1 to 8");
        assertRefused(typed("one", "x", 1, 2), Status.Code.INVALID_ARGUMENT, "has shape [2,4]; expected [1,4]");
        infer(typed("one", "x", 1));
        assertRefused(
                ModelInferRequest.newBuilder()
                        .setModelName("wide")
                        .addInputs(declared("x", 1).setShape(1, 512))
                        .addRawInputContents(ByteString.copyFrom(new byte[2048])),
                Status.Code.INVALID_ARGUMENT,
                "take 2048 bytes; expected at most 1024");
    }

    @Test
    void takesMessagesUpToItsLimit() throws Exception {
        settings.maxRequestBytes(5 << 20);
        TypesModel.write(models, ElementType.UINT8);
        start();
        InferInputTensor.Builder input = types(ElementType.UINT8).setShape(0, 1).setShape(1, 5_000_000);
        ModelInferRequest.Builder large = ModelInferRequest.newBuilder()
                .setModelName("types")
                .addInputs(input)
                .addRawInputContents(ByteString.copyFrom(new byte[5_000_000]));
        assertThatThrownBy(() -> gateway.calls().modelInfer(large.build()))
                .as("the client's own limit of 4 MiB for the response")
                .hasMessageContaining("RESOURCE_EXHAUSTED");
        assertThat(gateway.calls()
                        .withMaxInboundMessageSize(6 << 20)
                        .modelInfer(large.build())
                        .getRawOutputContents(0)
                        .size())
                .isEqualTo(5_000_000);
        ModelInferRequest.Builder larger = large.clone();
        larger.getInputsBuilder(0).setShape(1, 5_300_000);
        larger.setRawInputContents(0, ByteString.copyFrom(new byte[5_300_000]));
        assertThatThrownBy(
                        () -> gateway.calls().withMaxInboundMessageSize(6 << 20).modelInfer(larger.build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode())
                                .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED));
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

    /** What came of a call that nobody waits for. */
    private static final class Pending implements ClientResponseObserver<ModelInferRequest, ModelInferResponse> {
        final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
        ClientCallStreamObserver<ModelInferRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<ModelInferRequest> started) {
            call = started;
        }

        @Override
        public void onNext(ModelInferResponse response) {
            events.add(response);
        }

        @Override
        public void onError(Throwable error) {
            events.add(Status.fromThrowable(error));
        }

        @Override
        public void onCompleted() {
            events.add(Status.OK);
        }

        Object next() throws InterruptedException {
            return events.poll(60, TimeUnit.SECONDS);
        }
    }

    private Pending send(ModelInferRequest.Builder request) {
        Pending pending = new Pending();
        gateway.asyncCalls().modelInfer(request.build(), pending);
        return pending;
    }

    @Test
    void answersADeadlineThatPassesInTheQueueOrInTheRun() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending running = send(typed("m", "x", 1).putParameters("timeout", number(100_000)));
        gateway.engine.awaitHeld(1);
        Pending queued = send(typed("m", "x", 2).putParameters("timeout", number(100_000)));
        for (Pending pending : List.of(running, queued)) {
            Status status = (Status) pending.next();
            assertThat(status.getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(status.getDescription()).startsWith("deadline passed after ");
        }
        int before = gateway.engine.runs().size();
        gateway.engine.release();
        infer(typed("m", "x", 3));
        assertThat(gateway.engine.runs().size() - before)
                .as("segments of the last request, and of the first")
                .isLessThanOrEqualTo(5);
        assertThat(running.events).isEmpty();
        gateway.awaitMetric("cleave_requests_total{model=\"m\",outcome=\"deadline_exceeded\",point=\"0\"} 2.0");
    }

    @Test
    void takesTheCallsDeadlineForTheRequests() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending first = send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        assertThatThrownBy(() -> gateway.calls()
                        .withDeadlineAfter(100, TimeUnit.MILLISECONDS)
                        .modelInfer(typed("m", "x", 2).build()))
                .hasMessageContaining("DEADLINE_EXCEEDED");
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 0.0");
        gateway.engine.release();
        assertThat(first.next()).isInstanceOf(ModelInferResponse.class);
    }

    @Test
    void takesACancelledRequestOutOfLine() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending running = send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        Pending waiting = send(typed("m", "x", 2));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 1.0");
        waiting.call.cancel("test", null);
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 0.0");
        gateway.awaitMetric("cleave_drops_total{model=\"m\",reason=\"cancelled\"} 1.0");
        gateway.engine.release();
        assertThat(running.next()).isInstanceOf(ModelInferResponse.class);
        assertThat(running.next()).isEqualTo(Status.OK);
    }

    @Test
    void saysWhenToComeBackIfTheQueueIsFull() throws Exception {
        settings.queueBound(1);
        start(TestModel.named("m"));
        infer(typed("m", "x", 1)); // Only then is the time of a run known.
        gateway.engine.hold();
        send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        send(typed("m", "x", 2));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 1.0");
        assertThatThrownBy(() -> infer(typed("m", "x", 3))).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(e.getStatus().getDescription()).isEqualTo("queue of model \"m\" is full");
            assertThat(e.getTrailers().get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)))
                    .matches("[1-9][0-9]*");
        });
    }

    @Test
    void servesTheHigherPriorityFirst() throws Exception {
        settings.maxBatch(1);
        start(TestModel.named("m"));
        gateway.engine.hold();
        Pending running = send(typed("m", "x", 1));
        gateway.engine.awaitHeld(1);
        Pending normal = send(typed("m", "x", 2));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 1.0");
        Pending second = send(typed("m", "x", 3).putParameters("priority", number(2)));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 2.0");
        Pending urgent = send(typed("m", "x", 4).putParameters("priority", number(1)));
        gateway.awaitMetric("cleave_queue_requests{model=\"m\"} 3.0");
        gateway.engine.failNext("the one that runs");
        gateway.engine.failNext("the next one");
        gateway.engine.release();
        assertThat(((Status) running.next()).getDescription()).contains("the one that runs");
        assertThat(((Status) urgent.next()).getDescription()).contains("the next one");
        assertThat(second.next()).isInstanceOf(ModelInferResponse.class);
        assertThat(normal.next()).isInstanceOf(ModelInferResponse.class);
    }

    @Test
    void aRunThatFailsIsAnInternalError() throws Exception {
        start(TestModel.named("m"));
        gateway.engine.failNext("no such kernel");
        assertRefused(typed("m", "x", 1), Status.Code.INTERNAL, "no such kernel");
    }

    /** Seeded mutations of valid messages: an answer or a named refusal for each, and the server goes on. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void survivesHostileMessages(long seed) throws Exception {
        start(TestModel.named("m"));
        Random random = new Random(seed);
        List<byte[]> good = List.of(
                typed("m", "x", 1, 2).setId("i").build().toByteArray(),
                raw("m.split-1", "a", 1)
                        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y"))
                        .putParameters("priority", number(3))
                        .build()
                        .toByteArray());
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            byte[] bad = good.get(random.nextInt(good.size())).clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            refused += HostileCall.send(gateway.channel, bad);
        }
        assertThat(refused).isBetween(50, 499);
        assertThat(infer(typed("m", "x", 1)).getOutputsCount()).isEqualTo(2);
        assertThat(gateway.metrics())
                .contains("cleave_held_bytes 0.0")
                .contains("cleave_queue_requests{model=\"m\"} 0.0");
    }
}
