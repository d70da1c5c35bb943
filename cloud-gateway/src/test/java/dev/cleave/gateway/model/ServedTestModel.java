package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Offer;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.tensor.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;

/** A {@link TestModel} on an engine of accelerators that are not there, with its loader; asked without a transport. */
final class ServedTestModel implements AutoCloseable {
    private static final AtomicLong IDS = new AtomicLong();

    final FakeEngine computing = new FakeEngine();
    final FakeAccelerators engine;
    final GatewayMetrics metrics = new GatewayMetrics();
    final ModelLoader loader;
    final TestModel source;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private ServedModel model;

    /** @param available providers that the machine has */
    ServedTestModel(TestModel source, GatewayConfigBuilder settings, List<Accelerator> devices, String... available) {
        this(source, settings, devices, Compilations.NONE, available);
    }

    ServedTestModel(
            TestModel source,
            GatewayConfigBuilder settings,
            List<Accelerator> devices,
            Compilations compilations,
            String... available) {
        this.source = source;
        this.engine = new FakeAccelerators(computing, available);
        this.loader = new ModelLoader(
                settings.build(), engine, devices, compilations, null, metrics, timer, System::nanoTime);
    }

    /** Loads it from a file in the directory. */
    ServedModel load(Path directory) throws Exception {
        model = loader.load(new BundleSource(Bundle.open(source.write(directory))));
        return model;
    }

    /** Sends one row from point 1. */
    CompletableFuture<Outcome> ask(float x) {
        return ask(model, source, 1, x);
    }

    /** Sends one row to a model from a point. */
    static CompletableFuture<Outcome> ask(ServedModel model, TestModel source, int point, float x) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        InferenceTask task = new InferenceTask(
                IDS.incrementAndGet(),
                model.codec(point).key(List.of(Shape.of(1, source.width()))),
                TestModel.RAW,
                Entropy.NONE,
                1,
                4L * source.width(),
                0,
                System.nanoTime(),
                BatchTask.NO_DEADLINE,
                source.payload(point, x),
                (done, outcome) -> answer.complete(outcome));
        if (model.queue().offer(task) != Offer.TAKEN) {
            answer.completeExceptionally(new AssertionError("the queue is full or closed"));
        }
        return answer;
    }

    /** Whether the answer to one row is right. */
    boolean answers(float x) throws Exception {
        Outcome outcome = ask(x).get();
        return outcome.refusal() == null && source.decode(1, 1, outcome.payload())[0] == TestModel.y(x);
    }

    @Override
    public void close() {
        computing.release();
        engine.release("tensorrt");
        engine.releaseRuns("cuda");
        if (model != null) {
            model.close();
        }
        loader.close();
        timer.shutdownNow();
        metrics.close();
    }
}
