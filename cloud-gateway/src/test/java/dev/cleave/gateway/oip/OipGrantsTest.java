package dev.cleave.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.gateway.oip.v2.ModelInferRequest.InferInputTensor;
import dev.cleave.gateway.oip.v2.ModelMetadataRequest;
import dev.cleave.gateway.oip.v2.ModelReadyRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the tokens file lets callers do, and what is too much for a model, over gRPC and over HTTP. */
class OipGrantsTest extends TokenFixture {
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    @BeforeEach
    void write() throws Exception {
        TestModel.named("lines").write(models);
        TestModel.named("secret").write(models);
    }

    private HttpResponse<String> http(String path, String body) throws Exception {
        return http(path, body, "Bearer one");
    }

    private GRPCInferenceServiceBlockingStub calls() {
        return calls("Bearer one");
    }

    private static ModelInferRequest infer(String model) {
        return ModelInferRequest.newBuilder()
                .setModelName(model)
                .addInputs(InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(1)
                        .addShape(4))
                .addRawInputContents(ByteString.copyFrom(new byte[16]))
                .build();
    }

    private static StatusRuntimeException refusalOf(Runnable call) {
        StatusRuntimeException[] refusal = new StatusRuntimeException[1];
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(StatusRuntimeException.class, refused -> refusal[0] = refused);
        return refusal[0];
    }

    @Test
    void aModelThatItMayNotUseIsNotThereOverHttp() throws Exception {
        startWithTokens("models=l*");
        assertThat(http("/v2/models/lines", null).statusCode()).isEqualTo(200);
        assertThat(http("/v2/models/lines.split-1", null).statusCode()).isEqualTo(200);
        assertThat(http("/v2/models/lines/infer", ONE).statusCode()).isEqualTo(200);
        for (String path : new String[] {
            "/v2/models/secret", "/v2/models/secret.split-1", "/v2/models/secret/ready", "/v2/models/secret/infer"
        }) {
            HttpResponse<String> refused = http(path, path.endsWith("infer") ? ONE : null);
            assertThat(refused.statusCode()).as(path).isEqualTo(404);
            assertThat(refused.body()).contains("is not served here; expected lines, lines.split-1");
            assertThat(refused.body().replace("model \\\"secret", "")).doesNotContain("secret");
        }
        assertThat(gateway.get("/v2/models/secret/ready").statusCode())
                .as("of somebody without a token, such as a load balancer")
                .isEqualTo(200);
        assertThat(gateway.metrics()).contains("cleave_device_denials_total{device=\"camera-1\",what=\"model\"} 4.0");
    }

    @Test
    void aModelThatItMayNotUseIsNotThereOverGrpc() throws Exception {
        startWithTokens("models=lines");
        assertThat(calls().modelInfer(infer("lines")).getModelName()).isEqualTo("lines");
        ModelReadyRequest ready =
                ModelReadyRequest.newBuilder().setName("secret").build();
        assertThat(refusalOf(() -> calls().modelInfer(infer("secret")))
                        .getStatus()
                        .getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refusalOf(() -> calls().modelMetadata(ModelMetadataRequest.newBuilder()
                                .setName("secret")
                                .build()))
                        .getStatus()
                        .getDescription())
                .isEqualTo("model \"secret\" is not served here; expected lines, lines.split-1, lines.split-2");
        assertThat(refusalOf(() -> calls().modelReady(ready)).getStatus().getCode())
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(gateway.calls().modelReady(ready).getReady()).isTrue();
    }

    @Test
    void whatIsUsedUpIsRefusedWithTheTimeUntilThereIsMore() throws Exception {
        startWithTokens("rate=30/h burst=2");
        assertThat(http("/v2/models/lines/infer", ONE).statusCode()).isEqualTo(200);
        calls().modelInfer(infer("lines"));
        HttpResponse<String> refused = http("/v2/models/lines/infer", ONE);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("camera-1 has used up its requests; expected the next in ");
        assertThat(refused.headers().firstValueAsLong("Retry-After").getAsLong())
                .isBetween(60L, 120L);
        StatusRuntimeException exhausted = refusalOf(() -> calls().modelInfer(infer("lines")));
        assertThat(exhausted.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Long.parseLong(exhausted.getTrailers().get(PUSHBACK))).isBetween(60_000L, 120_000L);
        assertThat(http("/v2/models/lines", null).statusCode())
                .as("metadata costs nothing")
                .isEqualTo(200);
        assertThat(gateway.metrics())
                .contains("cleave_rejected_requests_total{model=\"lines\",reason=\"rate\",version=\"1\"} 2.0");
    }

    @Test
    void whatIsBeyondTheLimitIsRefusedOverBoth() throws Exception {
        settings.concurrencyLimit(ConcurrencyLimit.of(1));
        startWithTokens("");
        calls().modelInfer(infer("lines"));
        gateway.engine.hold();
        CompletableFuture<HttpResponse<String>> running = CompletableFuture.supplyAsync(() -> {
            try {
                return http("/v2/models/lines/infer", ONE);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        gateway.engine.awaitHeld(1);
        HttpResponse<String> refused = http("/v2/models/lines/infer", ONE);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.body()).contains("model \\\"lines\\\" has 1 requests in the house; expected fewer than 1");
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
        StatusRuntimeException exhausted = refusalOf(() -> calls().modelInfer(infer("lines")));
        assertThat(exhausted.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(exhausted.getTrailers().get(PUSHBACK)).matches("[1-9][0-9]*");
        gateway.engine.release();
        assertThat(running.get().statusCode()).isEqualTo(200);
        gateway.awaitMetric("cleave_limit_in_flight{model=\"lines\",version=\"1\"} 0.0");
        assertThat(gateway.metrics())
                .contains("cleave_rejected_requests_total{model=\"lines\",reason=\"limit\",version=\"1\"} 2.0");
    }
}
