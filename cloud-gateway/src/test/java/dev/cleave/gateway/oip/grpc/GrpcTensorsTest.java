package dev.cleave.gateway.oip.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.TypesModel;
import dev.cleave.gateway.oip.v2.InferTensorContents;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferRequestedOutputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.tensor.ElementType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors in messages: every type, every way to get them wrong. */
class GrpcTensorsTest extends OverGrpc {
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
                .contains("cleave_queue_requests{model=\"m\",version=\"1\"} 0.0");
    }
}
