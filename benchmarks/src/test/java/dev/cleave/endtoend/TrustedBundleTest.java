package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.SigningKey;
import dev.cleave.crypto.VerifyingKey;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.EdgeAgentBuilder;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.trust.BundleSigner;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Agents and gateways that run only what a key has signed. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TrustedBundleTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final SigningKey key = SigningKey.generate(new SecureRandom());
    private SplitModel model;
    private Path served;
    private VerifyingKey publicKey;

    @BeforeEach
    void split() throws Exception {
        model = SplitModel.classifier(folder, "classifier", 1);
        served = model.bundle().file();
        publicKey = key.verifyingKey(Cryptographies.find());
    }

    @AfterEach
    void close() {
        model.close();
    }

    private Bundle signed(long release) throws IOException {
        Path file = folder.resolve("release-" + release + ".cleave");
        BundleSigner.sign(model.bundle(), List.of(key), release, file);
        return Bundle.open(file);
    }

    private EdgeAgentBuilder agent(Bundle bundle, int port) {
        return model.agent(bundle, port)
                .split(Split.at(1))
                .quality("raw")
                .trust(BundleTrust.of(publicKey).rememberingReleasesIn(folder.resolve("state")));
    }

    private InferenceResult ask(EdgeAgentBuilder builder) throws Exception {
        try (EdgeAgent agent = builder.build()) {
            InferenceResult result =
                    agent.infer(SplitModel.input(ExactModels.classifierRow(3))).get();
            assertThat(SplitModel.answer(result)).isEqualTo(model.direct(ExactModels.classifierRow(3)));
            return result;
        }
    }

    private GatewayProcess gateway() throws Exception {
        Path file = Files.writeString(folder.resolve("release.pub"), publicKey.pem());
        return GatewayProcess.start(
                model.served(), 0, "{\"trustedKeys\": [" + JSON.writeValueAsString(file.toString()) + "]}");
    }

    @Test
    void whatWasSignedIsServedAndFetchedAndRun() throws Exception {
        BundleSigner.sign(model.bundle(), List.of(key), 1, served);
        Bundle bundle = Bundle.open(served);
        Path fetched = folder.resolve("fetched.cleave");
        try (GatewayProcess gateway = gateway()) {
            gateway.fetch(bundle.id(), fetched);
            assertThat(ask(agent(Bundle.open(fetched), gateway.port())).source())
                    .isEqualTo(Source.SPLIT);
        }
    }

    @Test
    void anOlderOrUnsignedBundleIsRefusedByNameAndTheCurrentOneRunsOn() throws Exception {
        try (GatewayProcess gateway = GatewayProcess.start(model.served())) {
            assertThat(ask(agent(signed(2), gateway.port())).source()).isEqualTo(Source.SPLIT);
            assertThatThrownBy(() -> agent(signed(1), gateway.port()).build())
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("is release 1 of classifier, and release 2 was accepted before");
            assertThatThrownBy(() -> agent(model.bundle(), gateway.port()).build())
                    .isInstanceOf(BundleException.class)
                    .hasMessageContaining("is not signed");
            assertThat(ask(agent(signed(2), gateway.port())).source()).isEqualTo(Source.SPLIT);
        }
    }

    @Test
    void aGatewayDoesNotServeWhatNobodySigned() throws Exception {
        Bundle other = signed(1);
        Files.copy(other.file(), model.served().resolve("signed.cleave"));
        try (GatewayProcess gateway = gateway()) {
            JsonNode unsigned = gateway.models().get(0);
            assertThat(unsigned.get("state").textValue()).isEqualTo("FAILED");
            assertThat(unsigned.get("reason").textValue()).contains("classifier.cleave is not signed; expected a");
            assertThat(gateway.models().get(1).get("state").textValue()).isEqualTo("READY");
        }
    }
}
