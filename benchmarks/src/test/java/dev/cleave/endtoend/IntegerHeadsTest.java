package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelInferResponse;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import io.grpc.ManagedChannel;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A device that has integers alone, and a gateway that has floats alone. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IntegerHeadsTest {
    /** Kernels of another batch or graph round otherwise; integers are hundreds of times further off. */
    private static final Offset<Float> ROUNDING = Offset.offset(1e-4f);

    private static final Samples PICTURES = Networks.pictures(24);
    private static final String RAW = "raw";

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    @AutoClose
    private static GatewayProcess gateway;

    @AutoClose
    private static Engine engine;

    @AutoClose
    private static SegmentChain integers;

    @AutoClose
    private static SegmentChain floats;

    private static Contract contract;
    /** All that a device can run. */
    private static Bundle device;

    @BeforeAll
    static void start() throws Exception {
        model = SplitModel.integerHeads(temporary.resolve("model"), PICTURES);
        contract = model.bundle().contract();
        device = model.edgeView(contract.local(), temporary.resolve("device"));
        model.cloudView(temporary.resolve("gateway/served"));
        gateway = GatewayProcess.start(temporary.resolve("gateway/served"));
        engine = Engines.create("onnxruntime");
        integers = chain("int8");
        floats = chain("fp32");
    }

    private static SegmentChain chain(String precision) throws Exception {
        return SegmentChain.load(
                model.bundle(), engine, SessionOptions.defaults().withThreads(1), precision, 0, contract.local());
    }

    private static Tensor picture(int index) throws Exception {
        return PICTURES.get(index).inputs().get("x");
    }

    private static InferenceResult infer(Bundle view, int port, Split split, String quality, int index)
            throws Exception {
        try (EdgeAgent agent =
                model.agent(view, port).split(split).quality(quality).build()) {
            return agent.infer(SplitModel.input(picture(index))).get();
        }
    }

    private static float[] local(int index) throws Exception {
        return floats(integers.run(0, contract.local(), Map.of("x", picture(index)), 0));
    }

    private static float[] floats(Map<String, Tensor> outputs) {
        float[] values = new float[outputs.get("y").elements()];
        outputs.get("y").data().asFloatBuffer().get(values);
        return values;
    }

    /** Head, codec, tail and reply in one process. */
    private static float[] roundTrip(int point, String quality, int index) throws Exception {
        RoundTrip trip = new RoundTrip(contract, integers, floats, null);
        Sample sample = PICTURES.get(index);
        List<QualityLevel> levels = contract.points().get(point).levels();
        int level = levels.stream().map(QualityLevel::name).toList().indexOf(quality);
        List<CodecParams> params = levels.get(level).codecs();
        ActivationCodec codec = trip.codec(point, params, Entropy.NONE);
        Map<String, Tensor> live = trip.head(point, sample.inputs());
        Map<String, Tensor> decoded =
                trip.decode(point, codec, trip.encode(point, codec, params, live, sample, PictureForm.RGB8));
        return floats(trip.received(point, trip.reply(point, level, trip.tail(point, decoded, live)), live));
    }

    @Test
    void theDeviceHasNoFloatsAndItsAnswersAreThoseOfTheIntegers() throws Exception {
        assertThat(contract.edgePrecision()).isEqualTo("int8");
        assertThat(device.hasGraph("int8", "segment-3")).isTrue();
        assertThat(device.hasGraph("fp32", "segment-0")).isFalse();
        for (int i = 0; i < 4; i++) {
            InferenceResult result = infer(device, gateway.port(), Split.local(), RAW, i);
            assertThat(result.source()).isEqualTo(Source.LOCAL);
            assertThat(SplitModel.answer(result)).isEqualTo(local(i)).isNotEqualTo(model.direct(picture(i)));
        }
    }

    @Test
    void theGatewayAnswersInFloatWhenTheInputGoesUp() throws Exception {
        InferenceResult result = infer(device, gateway.port(), Split.cloud(), RAW, 1);
        assertThat(result.source()).isEqualTo(Source.CLOUD);
        assertThat(SplitModel.answer(result)).containsExactly(model.direct(picture(1)), ROUNDING);
    }

    @Test
    void aSplitAtEveryPointAnswersAsTheRoundTripThatWasMeasured() throws Exception {
        for (int point = 1; point <= contract.splitPoints(); point++) {
            for (String quality : List.of(RAW, "default")) {
                InferenceResult result = infer(device, gateway.port(), Split.at(point), quality, point);
                assertThat(result.source()).isEqualTo(Source.SPLIT);
                assertThat(result.splitPoint()).isEqualTo(point);
                assertThat(SplitModel.answer(result))
                        .as("point %d, %s", point, quality)
                        .containsExactly(roundTrip(point, quality, point), ROUNDING);
            }
        }
    }

    @Test
    void finishesInIntegersFromTheActivationInHandWhenTheLinkSwallowsAll() throws Exception {
        Semaphore up = new Semaphore(0);
        AgentListener listener = new AgentListener() {
            @Override
            public void linkUp(String gateway, String gatewayVersion) {
                up.release();
            }
        };
        try (LinkShaper link = LinkShaper.startLocal(gateway.port(), Links.CELLULAR);
                EdgeAgent agent = model.agent(device, link.port())
                        .split(Split.at(2))
                        .listener(listener)
                        .build()) {
            up.acquire();
            link.blackHole(true);
            InferenceResult result = agent.infer(SplitModel.input(picture(5)), Duration.ofSeconds(5))
                    .get();
            assertThat(result.source()).isEqualTo(Source.LOCAL);
            assertThat(result.fallback().cause()).isEqualTo(Fallback.Cause.LINK_DOWN);
            assertThat(result.wireBytes()).isPositive();
            assertThat(SplitModel.answer(result)).isEqualTo(local(5));
        }
    }

    @Test
    void aDeviceFetchesItsIntegersFromTheGateway() throws Exception {
        Path file = temporary.resolve("fetched.cleave");
        try (GatewayProcess full = GatewayProcess.start(model.served())) {
            full.fetch(model.bundle().id(), file);
            Bundle fetched = Bundle.open(file);
            assertThat(fetched.view()).isEqualTo(View.EDGE);
            assertThat(fetched.hasGraph("int8", "segment-0")).isTrue();
            assertThat(fetched.hasGraph("fp32", "segment-0")).isFalse();
            InferenceResult result = infer(fetched, full.port(), Split.at(1), RAW, 2);
            assertThat(result.source()).isEqualTo(Source.SPLIT);
            assertThat(SplitModel.answer(result)).containsExactly(roundTrip(1, RAW, 2), ROUNDING);
        }
    }

    /** Whoever runs a head of his own has floats, whatever this device makes. */
    @Test
    void tailsTakeTheBoundaryInFloatsByTheOpenInferenceProtocol() throws Exception {
        ManagedChannel channel = gateway.channel();
        try {
            for (int point = 0; point < contract.local(); point++) {
                Map<String, Tensor> boundary = floats.run(0, point, Map.of("x", picture(0)), 0);
                ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                        .setModelName(contract.modelName() + (point == 0 ? "" : ".split-" + point));
                for (TensorSpec spec : contract.points().get(point).specs()) {
                    Tensor tensor = boundary.get(spec.name());
                    InferInputTensor.Builder input =
                            request.addInputsBuilder().setName(spec.name()).setDatatype("FP32");
                    for (long dim : tensor.shape().dims()) {
                        input.addShape(dim);
                    }
                    request.addRawInputContents(ByteString.copyFrom(tensor.data()));
                }
                ModelInferResponse response =
                        GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request.build());
                FloatBuffer y = response.getRawOutputContents(0)
                        .asReadOnlyByteBuffer()
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .asFloatBuffer();
                float[] answer = new float[y.remaining()];
                y.get(answer);
                float[] expected = floats(floats.run(0, contract.local(), Map.of("x", picture(0)), 0));
                assertThat(answer).as("point " + point).containsExactly(expected, ROUNDING);
            }
        } finally {
            channel.shutdownNow();
        }
    }
}
