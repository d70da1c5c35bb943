package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.SealedBundle;
import dev.cleave.crypto.KeyProvider;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.update.UpdateSettings;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.sample.Samples;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sealed bundles on ONNX Runtime, in an agent and in a gateway. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SealedRunTest {
    private static final Samples PICTURES = Networks.pictures(24);

    @TempDir
    private static Path temporary;

    @AutoClose
    private static SplitModel model;

    private static Path keyFile;
    private static KeyProvider keys;
    private static Path sealed;

    @BeforeAll
    static void seal() throws Exception {
        model = SplitModel.integerHeads(temporary.resolve("model"), PICTURES);
        keyFile =
                Files.writeString(temporary.resolve("fleet.key"), SealingKeyFile.newLine("fleet", new SecureRandom()));
        keys = new SealingKeyFile(keyFile);
        sealed = Files.createDirectories(temporary.resolve("served")).resolve("model.cleave");
        SealedBundle.seal(model.bundle().file(), "fleet", keys.key("fleet"), sealed);
    }

    /** The whole model's outputs, segment by segment. */
    private static Map<String, Tensor> outputs(Bundle bundle, String precision, Map<String, Tensor> inputs)
            throws Exception {
        int local = bundle.contract().local();
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        try (Engine engine = Engines.create("onnxruntime");
                SegmentChain chain = SegmentChain.load(bundle, engine, options, precision, 0, local)) {
            return chain.run(0, local, inputs, 0);
        }
    }

    @Test
    void weightsInMemoryGiveTheSameBitsAsThoseOfTheFile() throws Exception {
        Bundle opened = Bundle.open(sealed, keys);
        Map<String, Tensor> inputs = PICTURES.get(3).inputs();
        for (String precision : List.of("fp32", "int8")) {
            Map<String, Tensor> expected = outputs(model.bundle(), precision, inputs);
            Map<String, Tensor> actual = outputs(opened, precision, inputs);
            assertThat(actual.keySet()).isEqualTo(expected.keySet()).isNotEmpty();
            expected.forEach((name, tensor) ->
                    assertThat(actual.get(name).data()).as(precision).isEqualTo(tensor.data()));
        }
    }

    @Test
    void agentAndGatewayRunWhatTheyHaveTheKeyOf() throws Exception {
        String config = "{\"bundleKeys\": " + new ObjectMapper().writeValueAsString(keyFile.toString()) + "}";
        try (GatewayProcess gateway = GatewayProcess.start(sealed.getParent(), 0, config);
                EdgeAgent agent = EdgeAgent.builder()
                        .bundle(sealed)
                        .bundleKeys(keys)
                        .gateway(gateway.address())
                        .split(Split.at(2))
                        .build()) {
            InferenceResult split = agent.infer(PICTURES.get(5).inputs()).get();
            assertThat(split.source()).as("%s", split.fallback()).isEqualTo(Source.SPLIT);
            assertThatThrownBy(() -> gateway.fetch(model.bundle().id(), temporary.resolve("fetched")))
                    .isInstanceOf(StatusRuntimeException.class)
                    .hasMessageContaining("is held as the sealed full view");
        }
        try (EdgeAgent agent = EdgeAgent.builder()
                .bundle(sealed)
                .bundleKeys(keys)
                .split(Split.local())
                .build()) {
            assertThat(agent.infer(PICTURES.get(5).inputs()).get().source()).isEqualTo(Source.LOCAL);
        }
    }

    @Test
    void whatIsSealedDoesNotTakeUpdatesInTheClear() {
        assertThatThrownBy(() -> EdgeAgent.builder()
                        .bundle(sealed)
                        .bundleKeys(keys)
                        .gateway("localhost:1")
                        .updates(UpdateSettings.into(temporary.resolve("updates")))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(sealed + " is sealed, and updates would be kept in the clear; expected one of the two");
    }

    @Test
    void nobodyElseDoes() {
        assertThatThrownBy(() -> EdgeAgent.builder().bundle(sealed).build())
                .hasMessage(sealed + " is sealed with key \"fleet\"; expected that key");
    }
}
