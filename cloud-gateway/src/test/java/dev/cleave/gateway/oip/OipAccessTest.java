package dev.cleave.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelMetadataRequest;
import dev.cleave.gateway.oip.v2.ModelReadyRequest;
import dev.cleave.gateway.oip.v2.ServerLiveRequest;
import dev.cleave.gateway.oip.v2.ServerMetadataRequest;
import dev.cleave.gateway.oip.v2.ServerReadyRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in, over gRPC and over HTTP. */
class OipAccessTest extends TokenFixture {
    private static final String INFER = "/v2/models/m/infer";

    @BeforeEach
    void write() throws Exception {
        TestModel.named("m").write(models);
    }

    @Test
    void inferencesAndMetadataOverHttpAskForAToken() throws Exception {
        startWithTokens("");
        for (String path : List.of("/v2", "/v2/models/m", "/v2/models/nothing", INFER)) {
            String body = path.equals(INFER) ? ONE : null;
            for (String wrong : new String[] {null, "Basic one", "Bearer two", "Bearer", ""}) {
                HttpResponse<String> refused = http(path, body, wrong);
                assertThat(refused.statusCode()).as(path + " " + wrong).isEqualTo(401);
                assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
                assertThat(refused.body()).startsWith("{\"error\":\"").contains("token");
            }
            assertThat(http(path, body, "Bearer one").statusCode())
                    .as(path)
                    .isEqualTo(path.endsWith("nothing") ? 404 : 200);
        }
        assertThat(gateway.metrics()).contains("cleave_unauthenticated_calls_total{reason=\"unknown_token\"} 4.0");
    }

    @Test
    void healthAndMetricsAskForNone() throws Exception {
        startWithTokens("");
        for (String path : List.of(
                "/v2/health/live",
                "/v2/health/ready",
                "/v2/models/m/ready",
                "/health/live",
                "/health/ready",
                "/metrics")) {
            assertThat(gateway.get(path).statusCode()).as(path).isEqualTo(200);
        }
    }

    @Test
    void callsOverGrpcAskForATokenButThoseOfHealth() throws Exception {
        startWithTokens("");
        GRPCInferenceServiceBlockingStub stranger = gateway.calls();
        stranger.serverLive(ServerLiveRequest.getDefaultInstance());
        stranger.serverReady(ServerReadyRequest.getDefaultInstance());
        stranger.modelReady(ModelReadyRequest.newBuilder().setName("m").build());
        assertUnauthenticated(() -> stranger.serverMetadata(ServerMetadataRequest.getDefaultInstance()));
        assertUnauthenticated(() -> stranger.modelMetadata(ModelMetadataRequest.getDefaultInstance()));
        assertUnauthenticated(() -> stranger.modelInfer(ModelInferRequest.getDefaultInstance()));
        assertUnauthenticated(() -> calls("Bearer two").modelInfer(ModelInferRequest.getDefaultInstance()));
        assertThat(calls("Bearer one")
                        .modelMetadata(
                                ModelMetadataRequest.newBuilder().setName("m").build())
                        .getName())
                .isEqualTo("m");
    }

    private static void assertUnauthenticated(Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED));
    }
}
