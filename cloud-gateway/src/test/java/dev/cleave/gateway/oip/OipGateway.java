package dev.cleave.gateway.oip;

import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc;
import dev.cleave.gateway.oip.v2.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A gateway over real sockets with the fake engine under it, as clients of the protocol see it. */
public final class OipGateway implements AutoCloseable {
    public final FakeEngine engine = new FakeEngine();
    public final Gateway gateway;
    public final ManagedChannel channel;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** @param settings its ports and folder are set here */
    public OipGateway(Path models, GatewayConfigBuilder settings) throws Exception {
        gateway = Gateway.start(
                settings.port(0).httpPort(0).modelsDirectory(models).build(), engine);
        channel = NettyChannelBuilder.forAddress("localhost", gateway.port())
                .usePlaintext()
                .build();
    }

    public GRPCInferenceServiceBlockingStub calls() {
        return GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    public GRPCInferenceServiceGrpc.GRPCInferenceServiceStub asyncCalls() {
        return GRPCInferenceServiceGrpc.newStub(channel);
    }

    public HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + gateway.httpPort() + path));
    }

    public HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<byte[]> sendForBytes(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(to(path));
    }

    /** @param json with {@code '} for quotes */
    public HttpResponse<String> post(String path, String json) throws IOException, InterruptedException {
        return send(to(path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))));
    }

    public String metrics() throws IOException, InterruptedException {
        return get("/metrics").body();
    }

    /** Waits until a line stands in the metrics. */
    public void awaitMetric(String line) throws IOException, InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
                !metrics().contains(line); ) {
            if (System.nanoTime() > end) {
                throw new AssertionError("never saw " + line + " in\n" + metrics());
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() {
        engine.release();
        channel.shutdownNow();
        gateway.close();
    }
}
