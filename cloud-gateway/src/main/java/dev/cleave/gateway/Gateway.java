package dev.cleave.gateway;

import dev.cleave.engine.Engine;
import dev.cleave.gateway.admin.AdminServer;
import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.device.NvidiaSmi;
import dev.cleave.gateway.grpc.CallWatch;
import dev.cleave.gateway.grpc.GatewayVersion;
import dev.cleave.gateway.grpc.GrpcServer;
import dev.cleave.gateway.grpc.SplitInferenceService;
import dev.cleave.gateway.http.Endpoints;
import dev.cleave.gateway.http.HttpServer;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.EdgeViews;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.oip.Inferences;
import dev.cleave.gateway.oip.OipModels;
import dev.cleave.gateway.oip.ServerFacts;
import dev.cleave.gateway.oip.grpc.InferenceService;
import dev.cleave.gateway.oip.http.InferenceEndpoints;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.repository.RepositoryListener;
import dev.cleave.gateway.repository.RepositoryStatus;
import dev.cleave.picture.PictureCodecs;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that runs the tails of split models in batches. The facade: it makes the parts, joins them and ends them in
 * the right order.
 *
 * <pre>{@code
 * GatewayConfig config = GatewayConfig.builder().modelsDirectory(directory).build();
 * try (Gateway gateway = Gateway.start(config, engine)) {
 *     ... gateway.port() ...
 *     gateway.drain(config.drainGrace());
 * }
 * }</pre>
 *
 * The engine stays the caller's, to be closed after the gateway. Thread-safe.
 */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final long SWEEP_MILLIS = 250;
    /** Probes and scrapers are few. */
    private static final int HEALTH_CONNECTIONS = 100;
    /** What a slow link needs for the largest single message, and more. */
    private static final Duration TAKING = Duration.ofMinutes(5);

    private final GatewayConfig config;
    private final LongSupplier clock = System::nanoTime;
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final EdgeViews edgeViews;
    private final ScheduledThreadPoolExecutor timer;
    private final Accelerators accelerators;
    private final ModelLoader loader;
    private final ModelRepository repository;
    private final SplitInferenceService service;
    private final CallWatch calls;
    private final InferenceService inferenceService;
    private final InferenceEndpoints inferenceEndpoints;
    private final GatewayIdentity identity;
    private HttpServer http;
    /** Null: there is none. */
    private HttpServer health;

    private volatile AdminServer admin;
    private volatile GrpcServer grpc;
    /** Times that the repository told of a change; its own monitor is waited on. */
    private final AtomicLong changes = new AtomicLong();

    private volatile boolean draining;
    private boolean closed;

    private Gateway(GatewayConfig config, Engine engine) throws GatewayException {
        this.config = config;
        ModelRepository.requireDirectory(config.models().directory());
        this.accelerators = Accelerators.find(config, engine, System.getenv(), new NvidiaSmi());
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "cleave-timer");
            thread.setDaemon(true);
            return thread;
        });
        this.timer.setRemoveOnCancelPolicy(true); // Most requests end before their deadline does.
        this.loader = new ModelLoader(
                config,
                engine,
                accelerators.devices(),
                accelerators.compilations(),
                PictureCodecs.find(),
                metrics,
                timer,
                clock);
        ModelRepository opened = null;
        boolean complete = false;
        try {
            BundleOpener opener = BundleOpener.of(config.models().trust());
            opened = ModelRepository.open(config, opener, loader, clock, new Versions());
            this.identity = GatewayIdentity.open(config.access(), metrics);
            complete = true;
        } finally {
            if (!complete) {
                timer.shutdownNow();
                accelerators.close();
                if (opened != null) {
                    opened.close();
                }
            }
        }
        this.repository = opened;
        this.edgeViews = new EdgeViews(opened.edgeViews());
        Admission admission = new Admission(
                config.streams().maxTensorBytes(), config.batching().maxHeldBytes(), clock);
        metrics.heldBytes(admission::heldBytes);
        this.service = new SplitInferenceService(repository, edgeViews, admission, config.streams(), metrics, clock);
        OipModels names = new OipModels(repository);
        Inferences inferences =
                new Inferences(names, admission, config.streams().maxTensorBytes(), clock);
        Patience patience = new Patience(config.streams().reassemblyTime());
        ServerFacts facts = new ServerFacts(GatewayVersion.text(), this::isReady);
        this.inferenceService = new InferenceService(names, inferences, facts);
        this.inferenceEndpoints = new InferenceEndpoints(
                names,
                inferences,
                facts,
                identity,
                new InferenceEndpoints.Limits(
                        (int) config.streams().maxRequestBytes(),
                        config.batching().maxHeldBytes(),
                        patience),
                clock);
        this.calls = new CallWatch(
                new CallWatch.Limits(patience, TAKING, config.batching().maxHeldBytes()), clock);
        metrics.incomingBytes(
                () -> calls.incomingBytes() + service.incomingBytes() + inferenceEndpoints.incomingBytes());
    }

    /**
     * Loads the models and opens the ports: HTTP first, so that a slow load can be watched, gRPC once it can serve.
     *
     * @throws GatewayException if a port cannot be opened or not one model can be served
     */
    public static Gateway start(GatewayConfig config, Engine engine) throws GatewayException {
        Gateway gateway = new Gateway(config, engine);
        boolean started = false;
        try {
            gateway.open();
            started = true;
            return gateway;
        } finally {
            if (!started) {
                gateway.close();
            }
        }
    }

    private void open() throws GatewayException {
        HttpServer.Tls tls =
                identity.isTls() ? new HttpServer.Tls(identity::sslContext, identity.asksForCertificates()) : null;
        http = http("HTTP", config.httpPort(), config.connections().http(), inferenceEndpoints, tls);
        metrics.connections("http", http::connections);
        if (config.access().healthPort() >= 0) {
            health = http("health", config.access().healthPort(), HEALTH_CONNECTIONS, null, null);
            metrics.connections("health", health::connections);
        }
        timer.scheduleWithFixedDelay(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        repository.load();
        List<String> names =
                repository.models().stream().map(ServedModel::name).distinct().toList();
        grpc = GrpcServer.start(
                config.port(),
                new GrpcServer.Limits(
                        config.streams().maxPerConnection(),
                        (int) config.streams().maxRequestBytes(),
                        config.connections().grpc()),
                List.of(
                        new GrpcServer.Service(service, Set.of(), SplitInferenceService.QUICK_METHODS),
                        new GrpcServer.Service(inferenceService, InferenceService.HEALTH_METHODS, Set.of())),
                names,
                identity,
                calls,
                metrics);
        admin = AdminServer.start(config.admin(), config.access().reloadEvery(), tls, repository);
        repository.watch();
        LOG.info(
                "gateway serves {} models {}, over gRPC on port {}, over HTTP on port {}",
                repository.models().size(),
                identity.isTls() ? "over TLS" : "in the clear",
                grpc.port(),
                http.port());
    }

    /**
     * A port of health and metrics.
     *
     * @param inference what else is there; null: nothing
     * @param tls null: in the clear
     */
    private HttpServer http(String name, int port, int connections, InferenceEndpoints inference, HttpServer.Tls tls)
            throws GatewayException {
        Endpoints endpoints = new Endpoints(
                metrics,
                this::isReady,
                repository::statuses,
                () -> repository.status().trouble(),
                inference);
        HttpServer.Place place =
                new HttpServer.Place(name, config.access().httpAddress(), port, connections, Endpoints::refuse, tls);
        return HttpServer.start(place, endpoints, HttpServer.Times.USUAL, clock);
    }

    /** Ends what has been waited for long enough. A timer that throws would never come again. */
    private void sweep() {
        try {
            service.sweep();
            calls.sweep();
            http.sweep();
            if (health != null) {
                health.sweep();
            }
            if (admin != null) {
                admin.sweep();
            }
        } catch (RuntimeException | Error e) {
            say(e);
        }
    }

    private static void say(Throwable thrown) {
        try {
            LOG.error("calls could not be looked after", thrown);
        } catch (RuntimeException | Error e) {
            // There is no memory for that, either; the next turn says so again.
        }
    }

    /** The gRPC port that is listened on. */
    public int port() {
        return grpc.port();
    }

    /** The HTTP port that is listened on. */
    public int httpPort() {
        return http.port();
    }

    /** The port for health and metrics alone that is listened on; -1 if there is none. */
    public int healthPort() {
        return health == null ? -1 : health.port();
    }

    /** Whether all ports but {@link #healthPort} speak TLS. */
    public boolean isTls() {
        return identity.isTls();
    }

    /** The admin port that is listened on; -1 if there is none. */
    public int adminPort() {
        return admin == null ? -1 : admin.port();
    }

    /** What became of each bundle file. */
    public List<ModelStatus> models() {
        return repository.statuses();
    }

    /**
     * Waits until the models are as wanted; looked at anew whenever something has become of one.
     *
     * @param wanted given what {@link #models} says
     */
    public void awaitModels(Predicate<List<ModelStatus>> wanted) throws InterruptedException {
        while (true) {
            long seen = changes.get();
            if (wanted.test(models())) {
                return;
            }
            synchronized (changes) {
                while (changes.get() == seen) {
                    changes.wait();
                }
            }
        }
    }

    /** Whether a request would be taken now. */
    public boolean isReady() {
        return !draining && grpc != null && repository.isReady();
    }

    /**
     * Shuts down in good order: agents are told to go elsewhere, nothing new is taken, what is queued is finished. What
     * is not finished after the grace time is refused. Blocks until everything is closed.
     */
    public void drain(Duration grace) {
        draining = true;
        LOG.info("gateway drains for at most {}", grace);
        if (grpc != null) {
            grpc.drain();
        }
        service.drain(grace.toNanos());
        repository.drain();
        try {
            awaitQuiet(clock.getAsLong() + grace.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    private void awaitQuiet(long untilNanos) throws InterruptedException {
        for (ServedModel model : repository.models()) {
            long left = untilNanos - clock.getAsLong();
            if (!model.queue().awaitQuiet(left)) {
                LOG.warn("model {} was not done within the grace time", model.name());
            }
        }
    }

    /** Passes on what becomes of versions: to the metrics, to health, to the views that were written for agents. */
    private final class Versions implements RepositoryListener {
        @Override
        public void changed(RepositoryStatus status) {
            metrics.modelsReadable(status.trouble().isEmpty());
            metrics.models(status.models().stream()
                    .filter(model -> !model.name().isEmpty() && model.state() != ModelState.UNLOADED)
                    .map(model -> new GatewayMetrics.ModelGauges(
                            model.name(),
                            model.version(),
                            model.state().name().toLowerCase(Locale.ROOT),
                            model.provider(),
                            model.bytes(),
                            model.streams()))
                    .toList());
            GrpcServer server = grpc;
            if (server != null && !draining) {
                server.models(names(status, false), names(status, true));
            }
            synchronized (changes) {
                changes.incrementAndGet();
                changes.notifyAll();
            }
        }

        private Set<String> names(RepositoryStatus status, boolean readyOnly) {
            return status.models().stream()
                    .filter(model -> model.state() == ModelState.READY
                            || !readyOnly
                                    && (model.state() == ModelState.LOADING || model.state() == ModelState.DRAINING))
                    .map(ModelStatus::name)
                    .filter(name -> !name.isEmpty())
                    .collect(Collectors.toSet());
        }

        @Override
        public void unloaded(ServedModel model) {
            try {
                edgeViews.forget(model.id());
            } catch (IOException e) {
                LOG.warn("edge view of {} was not removed: {}", model.name(), e.toString());
            }
        }
    }

    /**
     * Ends everything now; requests that have not run are refused. Streams and ports are closed before anything is waited for that takes
     * long, a load or a build. A second call does nothing.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        draining = true;
        if (admin != null) {
            admin.close();
        }
        repository.stop();
        loader.stop();
        repository.closeModels();
        service.endStreams();
        if (grpc != null) {
            grpc.close();
        }
        service.close();
        if (http != null) {
            http.close();
        }
        if (health != null) {
            health.close();
        }
        try {
            edgeViews.close();
        } catch (IOException e) {
            LOG.warn("edge views could not be removed: {}", e.toString());
        }
        repository.close();
        loader.close();
        accelerators.close();
        timer.shutdownNow();
        identity.close();
        metrics.close();
    }
}
