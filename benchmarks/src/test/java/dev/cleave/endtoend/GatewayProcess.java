package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.v1.BundlePiece;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gateway in a JVM of its own, ready when {@link #start} returns. Owns the process. */
final class GatewayProcess implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration HTTP_PATIENCE = Duration.ofSeconds(20);

    private final CleaveProcess process;
    private final JsonNode announcement;

    private GatewayProcess(CleaveProcess process, JsonNode announcement) {
        this.process = process;
        this.announcement = announcement;
    }

    /** Serves a folder of bundles on free ports, with the default settings. */
    static GatewayProcess start(Path models) throws IOException, InterruptedException {
        return start(models, 0, "{}");
    }

    /**
     * Serves a folder of bundles.
     *
     * @param port 0 for a free one
     * @param config JSON object of further settings
     */
    static GatewayProcess start(Path models, int port, String config) throws IOException, InterruptedException {
        Path file = Files.writeString(Files.createTempFile(models.getParent(), "gateway-", ".json"), config);
        CleaveProcess process =
                CleaveProcess.start(models.getParent(), arguments(models, port, "--config", file.toString(), "--json"));
        try {
            return new GatewayProcess(process, process.document());
        } catch (IOException | RuntimeException | Error failure) {
            process.close();
            throw failure;
        }
    }

    /** Arguments of {@code serve}. */
    static List<String> arguments(Path models, int port, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "serve",
                "--models",
                models.toString(),
                "--port",
                Integer.toString(port),
                "--http-port",
                "0",
                "--provider",
                "cpu"));
        arguments.addAll(List.of(more));
        return arguments;
    }

    int port() {
        return announcement.get("port").intValue();
    }

    /** -1 if there is none. */
    int adminPort() {
        return announcement.get("adminPort").intValue();
    }

    int httpPort() {
        return announcement.get("httpPort").intValue();
    }

    /** In the clear, where the others may not be. */
    private int metricsPort() {
        int health = announcement.get("healthPort").intValue();
        return health < 0 ? httpPort() : health;
    }

    /** Processes that it has started and that still run. */
    List<ProcessHandle> children() {
        return process.children();
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    /** What became of each bundle file, as {@code serve --json} says. */
    JsonNode models() {
        return announcement.get("models");
    }

    /** A channel to it; the caller's to shut down. */
    ManagedChannel channel() {
        return ManagedChannelBuilder.forAddress("127.0.0.1", port())
                .usePlaintext()
                .build();
    }

    /** Writes what an agent is given of a bundle. */
    void fetch(String bundleId, Path target) throws IOException {
        ManagedChannel channel = channel();
        try (OutputStream file = Files.newOutputStream(target)) {
            Iterator<BundlePiece> pieces = SplitInferenceGrpc.newBlockingStub(channel)
                    .fetchBundle(FetchBundleRequest.newBuilder()
                            .setBundleId(bundleId)
                            .build());
            while (pieces.hasNext()) {
                pieces.next().getData().writeTo(file);
            }
        } finally {
            channel.shutdownNow();
        }
    }

    /**
     * Sum of the samples of one metric.
     *
     * @param labels text that a sample's labels contain, {@code le="1.0"} say; empty for any
     */
    double metric(String name, String labels) throws IOException, InterruptedException {
        URI metrics = URI.create("http://127.0.0.1:" + metricsPort() + "/metrics");
        HttpResponse<String> response = HTTP.send(
                HttpRequest.newBuilder(metrics).timeout(HTTP_PATIENCE).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        Pattern sample = Pattern.compile("^" + name + "(\\{[^}]*\\})? (\\S+)$", Pattern.MULTILINE);
        Matcher matcher = sample.matcher(response.body());
        double sum = 0;
        while (matcher.find()) {
            if (labels.isEmpty() || matcher.group(1) != null && matcher.group(1).contains(labels)) {
                sum += Double.parseDouble(matcher.group(2));
            }
        }
        return sum;
    }

    /** SIGTERM. */
    void terminate() {
        process.terminate();
    }

    int awaitExit() throws IOException, InterruptedException {
        return process.awaitExit();
    }

    /** SIGKILL, and waits until it is gone. */
    @Override
    public void close() {
        process.close();
    }
}
