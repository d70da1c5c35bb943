package dev.cleave.gateway.grpc;

import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.admission.Admission;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.EdgeViews;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.gateway.repository.RepositoryListener;
import dev.cleave.gateway.video.VideoThreads;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The service on an in-process transport, with the fake engine under it. */
final class GatewayFixture {
    final FakeEngine engine = new FakeEngine();
    final GatewayMetrics metrics = new GatewayMetrics();
    final SplitInferenceService service;
    final ModelRepository repository;
    final Admission admission;
    /** One thread, which a test may keep busy. */
    final VideoThreads readers = new VideoThreads(1);
    /** For a server on a socket; swept with the rest. */
    final CallWatch calls;

    private final GatewayConfig config;
    private final AtomicLong skew = new AtomicLong();
    private final Timer timer = new Timer();
    private final EdgeViews edgeViews;
    private final Server server;
    private final ManagedChannel channel;

    GatewayFixture(Path directory, GatewayConfigBuilder settings, TestModel... models) throws Exception {
        for (TestModel model : models) {
            model.write(directory);
        }
        config = settings.modelsDirectory(directory).build();
        repository = ModelRepository.open(
                config,
                BundleOpener.of(config.models().trust()),
                new ModelLoader(config, engine, null, metrics, timer, this::nanoTime),
                this::nanoTime,
                RepositoryListener.NONE);
        repository.load();
        edgeViews = new EdgeViews(repository.edgeViews());
        admission = new Admission(
                config.streams().maxTensorBytes(), config.batching().maxHeldBytes(), this::nanoTime);
        service = new SplitInferenceService(
                repository, edgeViews, admission, config.streams(), metrics, readers, this::nanoTime);
        calls = new CallWatch(
                new CallWatch.Limits(
                        new Patience(config.streams().reassemblyTime()),
                        Duration.ofMinutes(5),
                        config.batching().maxHeldBytes()),
                this::nanoTime);
        String name = InProcessServerBuilder.generateName();
        server =
                InProcessServerBuilder.forName(name).addService(service).build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    /** Fires when its time has come, and whenever the test moves the clock: a queue's timer may be early. */
    private static final class Timer extends ScheduledThreadPoolExecutor {
        private final Queue<Runnable> scheduled = new ConcurrentLinkedQueue<>();

        Timer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            scheduled.add(command);
            return super.schedule(command, delay, unit);
        }

        /** What is scheduled meanwhile waits for the next time. */
        void fire() {
            List<Runnable> now = new ArrayList<>();
            for (Runnable next = scheduled.poll(); next != null; next = scheduled.poll()) {
                now.add(next);
            }
            now.forEach(Runnable::run);
        }
    }

    private long nanoTime() {
        return System.nanoTime() + skew.get();
    }

    /** Moves the gateway's clock and lets its timer look at deadlines and streams. */
    void advance(long nanos) {
        skew.addAndGet(nanos);
        timer.fire();
        service.sweep();
        calls.sweep();
    }

    /** A stream of anybody's over a call that is none; the service does not know of it. */
    StreamSession session(FakeCall call) {
        StreamParts parts = new StreamParts(
                new Handshake(repository, config.streams(), () -> false),
                admission,
                config.streams(),
                new MemoryShares(config.streams().maxReferenceBytes()),
                new MemoryShares(config.streams().maxStateBytes()),
                readers,
                this::nanoTime);
        return new StreamSession(call, Device.ANYBODY, parts, null);
    }

    ServedModel model(int index) {
        return repository.models().get(index);
    }

    SplitInferenceGrpc.SplitInferenceBlockingStub calls() {
        return SplitInferenceGrpc.newBlockingStub(channel);
    }

    /** A stream that is not opened yet. */
    TestAgent connect() {
        return new TestAgent(channel);
    }

    /** A stream that is opened for a model. */
    TestAgent open(int index) throws InterruptedException {
        TestAgent agent = connect();
        agent.open(model(index).bundle().id());
        return agent;
    }

    void close() throws InterruptedException {
        engine.release();
        channel.shutdownNow();
        server.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        service.close();
        repository.close();
        timer.shutdownNow();
        metrics.close();
    }
}
