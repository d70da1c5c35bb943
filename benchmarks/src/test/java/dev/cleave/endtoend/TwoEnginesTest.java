package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.View;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.EngineUse;
import dev.cleave.edge.events.Source;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.plan.BundleTable;
import dev.cleave.partition.plan.CandidateCost;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfileJson;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Devices that run heads with TensorFlow Lite or ONNX Runtime, and a gateway that knows ONNX alone. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TwoEnginesTest {
    private static final Samples PICTURES = Networks.pictures(24);
    private static final Offset<Float> ROUNDING = Offset.offset(1e-4f);
    /** Of answers as large as 50, of heads in integers: a level here and there, where products are rounded half way. */
    private static final Offset<Float> A_LEVEL = Offset.offset(0.5f);

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel pictures;

    @AutoClose
    private static SplitModel integers;

    @AutoClose
    private static GatewayProcess gateway;

    private static Bundle floatForms;
    private static Bundle integerForms;
    private static Bundle mixedForms;

    @BeforeAll
    static void start() throws Exception {
        pictures = SplitModel.brightestPixel(Files.createDirectories(temporary.resolve("pictures")));
        integers = SplitModel.integerHeads(Files.createDirectories(temporary.resolve("integers")), PICTURES);
        Path devices = Files.createDirectories(temporary.resolve("devices"));
        floatForms = BothForms.of(pictures.bundle(), 2, devices.resolve("floats.cleave"));
        integerForms = BothForms.of(integers.bundle(), 4, devices.resolve("integers.cleave"));
        mixedForms = BothForms.of(integers.bundle(), 2, devices.resolve("mixed.cleave"));
        Path served = Files.createDirectories(temporary.resolve("served"));
        BundleWriter.writeView(floatForms, View.CLOUD, 0, served.resolve("floats.cleave"));
        BundleWriter.writeView(integerForms, View.CLOUD, 0, served.resolve("integers.cleave"));
        gateway = GatewayProcess.start(served);
    }

    private static EdgeAgentBuilder agent(Bundle bundle) {
        return EdgeAgent.builder()
                .bundle(bundle)
                .sessionOptions(SessionOptions.defaults().withThreads(1))
                .gateway("127.0.0.1:" + gateway.port());
    }

    private static InferenceResult infer(Bundle bundle, String engine, Split split, Tensor input) throws Exception {
        try (EdgeAgent agent =
                agent(bundle).engine(engine).split(split).quality("raw").build()) {
            assertThat(agent.engineInUse().engine()).isEqualTo(engine);
            assertThat(agent.engineInUse().refused()).isEmpty();
            return agent.infer(SplitModel.input(input)).get();
        }
    }

    private static Tensor picture(int index) throws Exception {
        return PICTURES.get(index).inputs().get("x");
    }

    @Test
    void headsInFloatAnswerAlikeAtEveryPoint() throws Exception {
        Contract contract = floatForms.contract();
        for (int point = 1; point <= contract.local(); point++) {
            for (int i = 0; i < 4; i++) {
                Tensor input = ExactModels.picture(16, 16, i);
                InferenceResult onnx = infer(floatForms, "onnxruntime", Split.at(point), input);
                InferenceResult tflite = infer(floatForms, "tflite", Split.at(point), input);
                assertThat(tflite.source()).isEqualTo(onnx.source());
                assertThat(SplitModel.answer(tflite))
                        .as("point %d", point)
                        .containsExactly(SplitModel.answer(onnx), ROUNDING)
                        .containsExactly(pictures.direct(input), ROUNDING);
            }
        }
    }

    @Test
    void headsInIntegersAnswerAlikeAtEveryPoint() throws Exception {
        Contract contract = integerForms.contract();
        assertThat(contract.edgePrecision()).isEqualTo("int8");
        int alike = 0;
        int all = 0;
        for (int point = 1; point <= contract.local(); point++) {
            for (int i = 0; i < 6; i++) {
                float[] onnx = SplitModel.answer(infer(integerForms, "onnxruntime", Split.at(point), picture(i)));
                float[] tflite = SplitModel.answer(infer(integerForms, "tflite", Split.at(point), picture(i)));
                assertThat(tflite).as("point %d", point).containsExactly(onnx, A_LEVEL);
                alike += SplitModel.argmax(onnx) == SplitModel.argmax(tflite) ? 1 : 0;
                all++;
            }
        }
        System.out.println("heads in integers: " + alike + " of " + all + " answers alike");
        assertThat(alike).isEqualTo(all);
    }

    @Test
    void segmentsWithoutASecondFormRunOnOnnxRuntime() throws Exception {
        try (EdgeAgent agent =
                agent(mixedForms).engine("tflite").split(Split.local()).build()) {
            assertThat(agent.engineInUse().segments())
                    .matches("tflite \\S+ \\(cpu\\) runs segments 0 to 1, onnxruntime \\S+ \\(cpu\\) segments 2 to 3");
            InferenceResult result = agent.infer(SplitModel.input(picture(2))).get();
            assertThat(result.source()).isEqualTo(Source.LOCAL);
            float[] onnx = SplitModel.answer(infer(integerForms, "onnxruntime", Split.local(), picture(2)));
            assertThat(SplitModel.answer(result)).containsExactly(onnx, A_LEVEL);
        }
    }

    @Test
    void theFasterEngineIsFoundRememberedAndPlannedWith() throws Exception {
        Path file = temporary.resolve("state/device.json");
        BlockingQueue<EngineUse> told = new LinkedBlockingQueue<>();
        AgentListener listener = new AgentListener() {
            @Override
            public void engineInUse(EngineUse use) {
                told.add(use);
            }
        };
        EngineUse found;
        try (EdgeAgent agent = agent(integerForms)
                .deviceProfile(file)
                .listener(listener)
                .split(Split.at(2))
                .quality("raw")
                .build()) {
            assertThat(told.take().engine()).isEqualTo("onnxruntime");
            float[] before =
                    SplitModel.answer(agent.infer(SplitModel.input(picture(3))).get());
            found = told.take();
            System.out.println(found);
            assertThat(found.why())
                    .contains("tflite ")
                    .contains("onnxruntime ")
                    .startsWith("measured on this device: ");
            assertThat(SplitModel.answer(
                            agent.infer(SplitModel.input(picture(3))).get()))
                    .containsExactly(before, A_LEVEL);
            Eventually.until("device.json is written", () -> Files.exists(file));
        }
        try (EdgeAgent agent = agent(integerForms).deviceProfile(file).build()) {
            assertThat(agent.engineInUse().engine()).isEqualTo(found.engine());
            assertThat(agent.engineInUse().why()).isEqualTo(found.why());
        }
        planWith(DeviceProfileJson.read(file));
    }

    private static void planWith(DeviceProfile profile) throws Exception {
        assertThat(profile.spotChecks()).hasSize(3);
        assertThat(profile.model().precision()).isEqualTo("int8");
        List<CandidateCost> rows = BundleTable.of(integerForms, 1, profile).rows();
        assertThat(rows)
                .filteredOn(row -> row.kind() == CandidateKind.LOCAL)
                .singleElement()
                .satisfies(row ->
                        assertThat(row.headMillis()).isEqualTo(profile.whole().medianMillis()));
        assertThat(rows)
                .filteredOn(row -> row.tensors().equals(List.of("r3")))
                .singleElement()
                .satisfies(row -> assertThat(row.headMillis())
                        .isEqualTo(profile.spotChecks().get(2).headMillis()));
    }
}
