package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.View;
import dev.cleave.gateway.ChildGateway;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.ModelInferRequest;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.Open;
import dev.cleave.v1.ServedBundle;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gigabyte is claimed in every place that has a size, from a gateway that would take one and has 64 MiB of heap: nothing is
 * allocated for what is only said. A JVM without room ends here, and the test with it.
 */
class ClaimsTest {
    private static final TestModel MODEL = TestModel.named("affine");
    /** Every bound is above what is claimed, so that none of them is what saves it. */
    private static final String SETTINGS =
            "{'maxFrameBytes': '2047M', 'maxTensorBytes': '2047M', 'maxRequestBytes': '1G', 'creditBytes': '2G',"
                    + " 'maxHeldBytes': '8G', 'maxBatchBytes': '16M'}";

    private static final int GIGABYTE = 1 << 30;

    @TempDir
    Path home;

    private final List<AutoCloseable> open = new ArrayList<>();
    private ChildGateway gateway;
    private ManagedChannel channel;
    private String bundle;

    @BeforeEach
    void start() throws Exception {
        Path models = home.resolve("models");
        bundle = Bundle.open(MODEL.write(Files.createDirectories(models))).id();
        TestModel.named("wide").withWidth(GIGABYTE / 4).write(models, View.CLOUD);
        TestModel.named("wider").withWidth(Integer.MAX_VALUE).write(models, View.CLOUD);
        gateway = ChildGateway.start(models, home, SETTINGS, "-Xmx64m", "-XX:MaxDirectMemorySize=64m");
        channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        channel.shutdownNow();
        for (AutoCloseable each : open) {
            each.close();
        }
        gateway.close();
    }

    private void assertStillServes() throws Exception {
        TestAgent agent = new TestAgent(channel);
        agent.open(bundle);
        agent.send(TestAgent.frame(1, 1, 1), MODEL.payload(1, 5));
        assertThat(MODEL.decode(1, 1, agent.reply(1).payload())[0]).isEqualTo(TestModel.y(5));
        assertThat(gateway.isAlive()).isTrue();
    }

    @Test
    void inTheHeadersOfFrames() throws Exception {
        for (int stream = 0; stream < 20; stream++) {
            ByteAgent agent = new ByteAgent(channel);
            agent.open(bundle);
            for (int id = 1; id <= 50; id++) {
                agent.send(Misdeed.chunk(id, 0, 1024, 1024).setFrameBytes(GIGABYTE));
            }
            agent.awaitDealtWith();
            assertThat(agent.errors()).isEmpty();
        }
        assertStillServes();
    }

    @Test
    void inTheLengthOfMessages() throws Exception {
        RawConnection caller = new RawConnection(gateway.port()).greet(1 << 16);
        open.add(caller);
        for (int stream = 1; stream < 200; stream += 2) {
            caller.call(stream, "/cleave.v1.SplitInference/Stream");
            caller.frame(RawConnection.DATA, 0, stream, (byte) 0, (byte) 0x40, (byte) 0, (byte) 0, (byte) 0, (byte) 10);
        }
        assertStillServes();
    }

    /** A field of bytes that claims to be longer than its message. */
    @Test
    void insideAMessage() throws Exception {
        ByteAgent agent = new ByteAgent(channel);
        agent.send(new byte[] {0x12, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4, 1, 2, 3});
        assertThat(agent.awaitEnd().getDescription()).contains("bytes are no message ClientMessage");
        assertStillServes();
    }

    @Test
    void inTheLengthOfBodies() throws Exception {
        for (int i = 0; i < 50; i++) {
            Socket caller = new Socket("localhost", gateway.httpPort());
            open.add(caller);
            caller.getOutputStream()
                    .write(("POST /v2/models/affine/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + GIGABYTE
                                    + "\r\n\r\n{\"inputs\":[")
                            .getBytes(StandardCharsets.US_ASCII));
        }
        assertStillServes();
    }

    @Test
    void inShapesOverHttp() throws Exception {
        String shape = "{'name':'x','datatype':'FP32','shape':[1,%d],%s}";
        String binary = "'parameters':{'binary_data_size':" + GIGABYTE + "}";
        for (String model : List.of("affine", "wide", "wider")) {
            assertThat(post(model, shape.formatted(GIGABYTE / 4, "'data':[1]"))).isIn(400, 413);
            assertThat(post(model, shape.formatted(GIGABYTE / 4, binary))).isIn(400, 413);
            assertThat(post(model, shape.formatted(Long.MAX_VALUE, binary))).isIn(400, 413);
        }
        assertStillServes();
    }

    private int post(String model, String input) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + gateway.httpPort() + "/v2/models/" + model + "/infer"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"inputs\":[" + input.replace('\'', '"') + "]}"))
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.body()).startsWith("{\"error\":\"").hasLineCount(1);
        return response.statusCode();
    }

    @Test
    void inShapesOverGrpc() throws Exception {
        for (String model : List.of("affine", "wide", "wider")) {
            ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
            request.addInputsBuilder()
                    .setName("x")
                    .setDatatype("FP32")
                    .addShape(1)
                    .addShape(GIGABYTE / 4);
            assertRefused(request.build());
            assertRefused(request.addRawInputContents(ByteString.copyFrom(new byte[8]))
                    .build());
        }
        assertStillServes();
    }

    private void assertRefused(ModelInferRequest request) {
        assertThatThrownBy(
                        () -> GRPCInferenceServiceGrpc.newBlockingStub(channel).modelInfer(request))
                .isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
                    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                    assertThat(refused.getStatus().getDescription()).contains("input \"x\"");
                });
    }

    /** Two of the bundles say that a row has a gigabyte and more. They are served, and not warmed up. */
    @Test
    void inTheShapesOfBundles() throws Exception {
        List<ServedBundle> served = SplitInferenceGrpc.newBlockingStub(channel)
                .describe(DescribeRequest.getDefaultInstance())
                .getBundlesList();
        assertThat(served).extracting(ServedBundle::getState).containsOnly("READY");
        assertThat(served.get(1).getReason())
                .contains("no warm-up of 1 rows: its inputs take 1073741824 bytes; expected at most 16777216");
        assertThat(served.get(2).getReason()).contains("no warm-up of 1 rows");
        for (int i = 1; i <= 2; i++) {
            ByteAgent agent = new ByteAgent(channel);
            agent.send(ClientMessage.newBuilder()
                    .setOpen(Open.newBuilder().setBundleId(served.get(i).getBundleId())));
            agent.send(Misdeed.whole(1, new Random(i)));
            agent.awaitDealtWith();
            assertThat(agent.errors()).hasSize(1);
            assertThat(agent.errors().get(0).getMessage()).contains("tensor \"a\"");
        }
        assertStillServes();
    }
}
