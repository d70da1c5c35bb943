package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.OipGateway;
import dev.cleave.gateway.oip.SlowUpload;
import dev.cleave.v1.Error;
import dev.cleave.v1.ServerMessage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Versions that take each other's place, and are unloaded, under callers who never stop asking. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class VersionSwapTest {
    private static final int VERSIONS = 5;
    private static final int ROUNDS = 25;
    /** Of one version. */
    private static final int SESSIONS = 3;

    private static final String INFER = "/v2/models/m/infer";

    @TempDir
    Path models;

    /** Versions go as soon as they may. */
    private static GatewayConfigBuilder settings() {
        return GatewayConfig.builder()
                .concurrencyLimit(ConcurrencyLimit.OFF)
                .pollEvery(Duration.ofMillis(20))
                .reconnectTime(Duration.ofMillis(100));
    }

    /** The id of its bundle. */
    private String write(int version) throws IOException {
        String text = Integer.toString(version);
        Path file =
                TestModel.named("m").withVersion(text).writeTo(models.resolve("m/" + text + "/m.cleave"), View.FULL);
        return Bundle.open(file).id();
    }

    private static void await(OipGateway gateway, int version, ModelState state) throws InterruptedException {
        gateway.gateway.awaitModels(models -> {
            assertThat(models).extracting(ModelStatus::state).doesNotContain(ModelState.FAILED);
            return models.stream()
                    .anyMatch(status -> status.version().equals(Integer.toString(version)) && status.state() == state);
        });
    }

    @Test
    void noRequestFailsWhileVersionsComeAndGo() throws Exception {
        String first = write(1);
        OipGateway gateway = new OipGateway(models, settings());
        try (gateway;
                SwapLoad load = new SwapLoad(gateway, first)) {
            load.awaitAll("1");
            for (int version = 2; version <= VERSIONS; version++) {
                try (SlowUpload upload = SlowUpload.begin(gateway, INFER)) {
                    String bundle = write(version);
                    await(gateway, version, ModelState.READY);
                    load.newest(bundle);
                    await(gateway, version - 1, ModelState.UNLOADED);
                    assertThat(gateway.engine.openSessions()).isEqualTo(SESSIONS);
                    assertThat(upload.finish())
                            .startsWith("HTTP/1.1 200 ")
                            .contains("\"model_version\":\"" + version + "\"");
                    load.awaitAll(Integer.toString(version));
                }
            }
        }
        assertThat(gateway.engine.openSessions()).isZero();
    }

    private static void act(OipGateway gateway, String action) throws Exception {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + gateway.gateway.adminPort() + "/v1/models/m/" + action))
                                .header("Cleave-Admin", "test")
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"version\": \"2\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }

    /** The version that all of them ask goes from one moment to the next. */
    @Test
    void noRequestFailsWhenAnOperatorTakesTheNewestVersionAwayAndBringsItBack() throws Exception {
        String first = write(1);
        write(2);
        OipGateway gateway = new OipGateway(
                models, settings().versionPolicy(VersionPolicy.ALL).adminPort(0));
        try (gateway;
                SwapLoad load = new SwapLoad(gateway, first)) {
            for (int round = 0; round < ROUNDS; round++) {
                load.awaitOthers("2");
                act(gateway, "unload");
                await(gateway, 2, ModelState.UNLOADED);
                assertThat(gateway.engine.openSessions()).isEqualTo(SESSIONS);
                load.awaitOthers("1");
                act(gateway, "load");
                await(gateway, 2, ModelState.READY);
            }
        }
        assertThat(gateway.engine.openSessions()).isZero();
    }

    @Test
    void anAgentThatStaysOnAnOldVersionForTooLongIsSentToTheNewOneUnderLoad() throws Exception {
        String first = write(1);
        OipGateway gateway = new OipGateway(models, settings().keepOldVersionsFor(Duration.ofMillis(100)));
        try (gateway) {
            TestAgent idle = new TestAgent(gateway.channel);
            idle.open(first);
            String second = write(2);
            await(gateway, 2, ModelState.READY);
            try (SwapLoad load = new SwapLoad(gateway, second)) {
                idle.await(ServerMessage::hasDrain);
                idle.send(TestAgent.frame(1, 1, 1), TestModel.named("m").payload(1, 7));
                assertThat(idle.reply(1).error()).isEqualTo(Error.Code.DRAINING);
                idle.halfClose();
                assertThat(idle.awaitEnd().isOk()).isTrue();
                await(gateway, 1, ModelState.UNLOADED);
                assertThat(gateway.engine.openSessions()).isEqualTo(SESSIONS);
                load.awaitAll("2");
            }
        }
        assertThat(gateway.engine.openSessions()).isZero();
    }

    @Test
    void anUploadThatOutlivesTheVersionItBeganWithIsAnsweredByTheNextUnlessItNamedIt() throws Exception {
        write(1);
        try (OipGateway gateway = new OipGateway(models, settings());
                SlowUpload named = SlowUpload.begin(gateway, "/v2/models/m/versions/1/infer")) {
            SlowUpload.awaitRead(gateway);
            write(2);
            await(gateway, 1, ModelState.UNLOADED);
            assertThat(named.finish())
                    .startsWith("HTTP/1.1 404 ")
                    .contains("version \\\"1\\\" of model \\\"m\\\" is not served; expected 2");
            try (SlowUpload any = SlowUpload.begin(gateway, INFER)) {
                SlowUpload.awaitRead(gateway);
                write(3);
                await(gateway, 2, ModelState.UNLOADED);
                assertThat(any.finish()).startsWith("HTTP/1.1 200 ").contains("\"model_version\":\"3\"");
            }
        }
    }
}
