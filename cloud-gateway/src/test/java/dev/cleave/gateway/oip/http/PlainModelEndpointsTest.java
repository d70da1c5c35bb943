package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.gateway.config.TryModels;
import dev.cleave.gateway.model.PlainFile;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.Error;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import dev.cleave.v1.ServedBundle;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plain model in the gateway's repository, as clients of both of its protocols see it. */
class PlainModelEndpointsTest extends OverHttp {
    @BeforeEach
    void startWithPlainModels() throws Exception {
        PlainFile.write(models.resolve("double.onnx"), 4, 2);
        PlainFile.write(
                models.resolve("open/7/model.onnx"), "input x int64 [1,?]", "output y int64 [1,?] = affine x 3 0");
        settings.tryModels(TryModels.NONE);
        start();
    }

    @Test
    void metadataAndHealthAreThoseOfAnyModel() throws Exception {
        assertThat(gateway.get("/v2/models/double").body())
                .isEqualTo("{\"name\":\"double\",\"versions\":[\"1\"],\"platform\":\"onnx_onnxv1\","
                        + "\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                        + "\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[-1,4]}],"
                        + "\"parameters\":{\"provider\":\"cpu\",\"precision\":\"plain\"}}\n");
        assertThat(gateway.get("/v2/models/open/versions/7").body()).contains("\"shape\":[1,-1]");
        assertThat(gateway.get("/v2/models/double/ready").statusCode()).isEqualTo(200);
        assertThat(gateway.get("/health/ready").body()).contains("double.onnx").contains("\"plain\"");
        assertThat(gateway.metrics()).contains("cleave_model_state{model=\"double\",state=\"ready\",version=\"1\"} 1");
    }

    @Test
    void rowsThatAreIndependentAreTakenTogether() throws Exception {
        assertThat(gateway.post(
                                "/v2/models/double/infer",
                                "{'inputs':[{'name':'x','shape':[2,4],'datatype':'FP32','data':[1,2,3,4,5,6,7,8]}]}")
                        .body())
                .isEqualTo("{\"model_name\":\"double\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"y\","
                        + "\"datatype\":\"FP32\",\"shape\":[2,4],\"data\":[2.0,4.0,6.0,8.0,10.0,12.0,14.0,16.0]}]}\n");
    }

    @Test
    void openDimensionsBesideTheRowsStayOpen() throws Exception {
        String three = "{'inputs':[{'name':'x','shape':[1,3],'datatype':'INT64','data':[1,2,3]}]}";
        assertThat(gateway.post("/v2/models/open/infer", three).body()).contains("\"shape\":[1,3],\"data\":[3,6,9]");
        String two = "{'inputs':[{'name':'x','shape':[2,1],'datatype':'INT64','data':[1,2]}]}";
        assertError(gateway.post("/v2/models/open/infer", two), 400, "has shape [2,1]; expected [1,?]");
    }

    @Test
    void thereAreNoTails() throws Exception {
        assertError(
                gateway.get("/v2/models/double.split-1"),
                404,
                "is not served: a plain ONNX model has no tail of point 1 here; expected double");
    }

    /** Agents know bundles; they are told in one line what this is. */
    @Test
    void agentsAreRefusedByName() throws Exception {
        ServedBundle described = SplitInferenceGrpc.newBlockingStub(gateway.channel)
                .describe(DescribeRequest.newBuilder().setModelName("double").build())
                .getBundles(0);
        assertThat(described.getState()).isEqualTo("READY");
        assertThat(described.getEdgeViewBytes()).isZero();
        Opened opened = open(described.getBundleId());
        assertThat(opened.getError().getCode()).isEqualTo(Error.Code.BUNDLE_NOT_SERVED);
        assertThat(opened.getError().getMessage())
                .isEqualTo(
                        "model \"double\" 1 is a plain ONNX model, served whole by the Open Inference Protocol alone;"
                                + " expected the id of a bundle");
        assertThat(open("0".repeat(64)).getError().getMessage())
                .endsWith("is not served here; expected none, as no bundle is");
        Iterator<?> pieces = SplitInferenceGrpc.newBlockingStub(gateway.channel)
                .fetchBundle(FetchBundleRequest.newBuilder()
                        .setBundleId(described.getBundleId())
                        .build());
        assertThatThrownBy(pieces::hasNext).hasMessageContaining("there is no edge view of it");
    }

    private Opened open(String bundleId) throws Exception {
        CompletableFuture<Opened> answer = new CompletableFuture<>();
        StreamObserver<ClientMessage> stream =
                SplitInferenceGrpc.newStub(gateway.channel).stream(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerMessage message) {
                        answer.complete(message.getOpened());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answer.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answer.completeExceptionally(new IllegalStateException("ended without an answer"));
                    }
                });
        stream.onNext(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId(bundleId).setDeviceId("test"))
                .build());
        Opened opened = answer.get(60, TimeUnit.SECONDS);
        stream.onCompleted();
        return opened;
    }
}
