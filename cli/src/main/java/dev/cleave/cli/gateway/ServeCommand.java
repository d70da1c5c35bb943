package dev.cleave.cli.gateway;

import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.trust.TrustOptions;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.ConfigFile;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.model.ModelStatus;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code cleave serve}: a gateway until it is told to end; SIGINT and SIGTERM drain it first. */
@Command(
        name = "serve",
        description = "Serves the tails of the bundles in a folder.",
        footer = {"", "Example:", "  cleave serve --models models --port 8500 --http-port 8501 --set maxBatch=64"})
public final class ServeCommand extends Verb {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
    private static final int DEFAULT_PORT = 8500;
    private static final int DEFAULT_HTTP_PORT = 8501;
    private static final int DEFAULT_ADMIN_PORT = 8502;

    /** Which execution providers are tried, in this order, before the CPU. */
    enum Provider {
        AUTO(List.of("tensorrt", "cuda")),
        CPU(List.of()),
        CUDA(List.of("cuda")),
        TENSORRT(List.of("tensorrt"));

        private final List<String> names;

        Provider(List<String> names) {
            this.names = names;
        }
    }

    @Option(
            names = "--models",
            paramLabel = "DIR",
            description = "Folder with NAME.cleave and NAME/VERSION/*.cleave files, or plain .onnx ones.")
    private Path models;

    @Option(names = "--config", paramLabel = "FILE", description = "Settings as JSON; options given here win.")
    private Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Any setting of the file by its key, such as maxBatch=64 or devices='[\"0\",\"1\"]'; repeatable.")
    private Map<String, String> single = new LinkedHashMap<>();

    @Option(names = "--port", paramLabel = "PORT", description = "gRPC port, 0 for a free one. Default 8500.")
    private Integer port;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Port of health, metrics and inferences over HTTP. Default 8501.")
    private Integer httpPort;

    @Option(
            names = "--admin-port",
            paramLabel = "PORT",
            description =
                    "Port by which models are controlled, on 127.0.0.1; -1 for none. Default 8502, if it is free.")
    private Integer adminPort;

    @Option(
            names = "--provider",
            paramLabel = "NAME",
            description = "Execution provider: auto, cpu, cuda or tensorrt. Default auto.")
    private Provider provider;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Speak TLS on every port, with this certificate, PEM.")
    private Path tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Private key of that certificate, PEM (PKCS#8).")
    private Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Let in only callers whose certificate leads to one of these, PEM, on every port.")
    private Path tlsClientCa;

    @Option(
            names = "--tokens",
            paramLabel = "FILE",
            description = "Let in only devices with a token whose hash is here; see cleave token.")
    private Path tokens;

    @Mixin
    private TrustOptions trust;

    /** The JSON document, printed when the gateway is ready. */
    record Document(int port, int httpPort, int adminPort, int healthPort, boolean tls, List<ModelStatus> models) {
        static Document of(Gateway gateway) {
            return new Document(
                    gateway.port(),
                    gateway.httpPort(),
                    gateway.adminPort(),
                    gateway.healthPort(),
                    gateway.isTls(),
                    gateway.models());
        }
    }

    @Override
    protected void run(Terminal terminal) throws Exception {
        GatewayConfig settings = settings();
        CountDownLatch drained = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        try (Engine engine = Engines.create(null);
                Gateway gateway = Gateway.start(settings, engine)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> drain(gateway, settings, drained, closed)));
            announce(terminal, gateway);
            drained.await();
        } finally {
            closed.countDown();
        }
    }

    /**
     * Runs in the shutdown hook: the JVM waits for it, and it waits for the engine to be closed. Not for the thread that
     * closes it, which goes on to exit and then waits for the hooks.
     */
    private static void drain(Gateway gateway, GatewayConfig settings, CountDownLatch drained, CountDownLatch closed) {
        gateway.drain(settings.drainGrace());
        drained.countDown();
        try {
            if (!closed.await(settings.drainGrace().toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("engine was not closed within {}", settings.drainGrace());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private GatewayConfig settings() throws GatewayException {
        if (models == null && config == null && !single.containsKey("modelsDirectory")) {
            throw usage("missing --models DIR (or a --config FILE that names it)");
        }
        GatewayConfigBuilder builder = GatewayConfig.builder()
                .port(DEFAULT_PORT)
                .httpPort(DEFAULT_HTTP_PORT)
                .adminPortIfFree(DEFAULT_ADMIN_PORT)
                .providers(Provider.AUTO.names);
        if (config != null) {
            ConfigFile.apply(config, builder);
        }
        single(builder);
        if (models != null) {
            builder.modelsDirectory(models);
        }
        if (port != null) {
            builder.port(port);
        }
        if (httpPort != null) {
            builder.httpPort(httpPort);
        }
        if (adminPort != null) {
            builder.adminPort(adminPort);
        }
        if (provider != null) {
            builder.providers(provider.names);
        }
        trust.check();
        access(builder);
        if (port != null && port > 0 && port.equals(httpPort)) {
            throw usage("--port and --http-port are both " + port + "; expected two ports");
        }
        try {
            return builder.build();
        } catch (IllegalArgumentException refused) {
            throw usage(refused.getMessage());
        }
    }

    private void single(GatewayConfigBuilder builder) {
        try {
            for (Map.Entry<String, String> setting : single.entrySet()) {
                ConfigFile.set(setting.getKey(), setting.getValue(), builder);
            }
        } catch (GatewayException refused) {
            throw usage(refused.getMessage());
        }
    }

    /** Each option wins over the file by itself. */
    private void access(GatewayConfigBuilder builder) {
        if (tlsCertificate != null) {
            builder.tlsCertificate(tlsCertificate);
        }
        if (tlsKey != null) {
            builder.tlsKey(tlsKey);
        }
        if (tlsClientCa != null) {
            builder.tlsClientCa(tlsClientCa);
        }
        if (tokens != null) {
            builder.tokens(tokens);
        }
        if (!trust.keys().isEmpty()) {
            builder.trustedKeys(trust.keys());
        }
        if (trust.releases() != null) {
            builder.releases(trust.releases());
        }
        if (trust.bundleKeys() != null) {
            builder.bundleKeys(trust.bundleKeys());
        }
    }

    private static void announce(Terminal terminal, Gateway gateway) {
        if (terminal.isJson()) {
            terminal.json().document(Document.of(gateway));
            return;
        }
        Table table = Table.of("model", "version", "state", "provider", "reason");
        for (ModelStatus model : gateway.models()) {
            table.row(model.name(), model.version(), model.state(), model.provider(), model.reason());
        }
        terminal.print(table);
        terminal.print("serving on port " + gateway.port() + ", " + (gateway.isTls() ? "https" : "http")
                + "://127.0.0.1:" + gateway.httpPort() + "/metrics");
    }
}
