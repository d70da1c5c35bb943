package dev.cleave.benchmarks.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.process.ChildProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A gateway in a JVM of its own, one thread a run unless told otherwise, ready when {@link #start} returns. Owns the process. */
public final class GatewayChild implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String ONE_THREAD = "{\"threads\":1}";

    private final ChildProcess process;
    private final int port;
    private final int httpPort;

    private GatewayChild(ChildProcess process, JsonNode announcement) {
        this.process = process;
        this.port = announcement.get("port").asInt();
        this.httpPort = announcement.get("httpPort").asInt();
    }

    /**
     * Starts one on free ports.
     *
     * @param bundles folder that it serves
     * @param work for its settings and its log
     */
    public static GatewayChild start(Path bundles, Path work) throws IOException {
        return start(bundles, work, 0);
    }

    /** @param port 0 for a free one */
    public static GatewayChild start(Path bundles, Path work, int port) throws IOException {
        return start(bundles, work, port, ONE_THREAD);
    }

    /** @param settings as its file has them */
    public static GatewayChild start(Path bundles, Path work, String settings) throws IOException {
        return start(bundles, work, 0, settings);
    }

    private static GatewayChild start(Path bundles, Path work, int port, String settings) throws IOException {
        Path config = Files.writeString(work.resolve("gateway.json"), settings);
        ChildProcess process = ChildProcess.start(
                work.resolve("gateway.log"),
                List.of(
                        "serve",
                        "--models",
                        bundles.toString(),
                        "--config",
                        config.toString(),
                        "--port",
                        Integer.toString(port),
                        "--http-port",
                        "0",
                        "--provider",
                        "cpu",
                        "--json"));
        try {
            return new GatewayChild(process, JSON.readTree(process.readUntil("}")));
        } catch (IOException | RuntimeException failed) {
            process.close();
            throw failed;
        }
    }

    /** The gRPC port. */
    public int port() {
        return port;
    }

    /** The port of its metrics. */
    public int httpPort() {
        return httpPort;
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    public long processId() {
        return process.processId();
    }

    /** What it tells of itself now. */
    public Metrics metrics() throws IOException, InterruptedException {
        return metrics(httpPort);
    }

    /** What a gateway of this machine tells of itself now. */
    public static Metrics metrics(int httpPort) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + httpPort + "/metrics"))
                .timeout(PATIENCE)
                .build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new UserException("the gateway's metrics answer " + response.statusCode() + "; expected 200");
        }
        return new Metrics(response.body());
    }

    @Override
    public void close() {
        process.close();
    }
}
