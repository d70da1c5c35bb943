package dev.cleave.gateway.model;

import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.FixedDelay;
import dev.cleave.gateway.batch.LearnedDelay;
import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.MixedCuts;
import dev.cleave.gateway.exec.BatchExecutor;
import dev.cleave.gateway.exec.BatchQueue;
import dev.cleave.gateway.exec.BatchWorker;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.limit.RequestLimit;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.metrics.ModelMetrics;
import java.util.SortedMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** Joins to tails what a model needs beside them to serve: queue, limit, meters, workers. Thread-safe. */
final class Assembly {
    private final GatewayConfig config;
    private final GatewayMetrics metrics;
    private final ScheduledExecutorService timer;
    private final LongSupplier clock;

    Assembly(GatewayConfig config, GatewayMetrics metrics, ScheduledExecutorService timer, LongSupplier clock) {
        this.config = config;
        this.metrics = metrics;
        this.timer = timer;
        this.clock = clock;
    }

    /**
     * A model that serves from now on.
     *
     * @param upgrade of the tails, or null
     * @param codecs one for every point that is served
     * @param mostDevices that it may come to run on; it begins with those of its tails
     */
    ServedModel serve(
            ServingPlan plan,
            TailSet loaded,
            EngineUpgrade upgrade,
            SortedMap<Integer, PointCodec> codecs,
            int mostDevices) {
        ModelSource source = plan.source();
        String name = source.contract().modelName();
        String version = source.contract().modelVersion();
        BatchSizes sizes = plan.sizes();
        BatchQueue queue = queue(sizes);
        SwitchingTails tails = new SwitchingTails(loaded);
        RequestLimit limit = limit(config.models().executors() * mostDevices, sizes.most(), queue);
        ModelMetrics meters = metrics.model(name, version);
        Workers workers = workers(name, codecs, tails, queue, meters);
        ServedModel model = new ServedModel(
                source,
                tails,
                upgrade,
                codecs,
                sizes.most(),
                queue,
                limit,
                workers,
                meters,
                () -> metrics.release(name, version));
        boolean complete = false;
        try {
            workers.serve(loaded.all().size());
            complete = true;
            return model;
        } finally {
            if (!complete) { // No thread is to be had.
                model.close();
            }
        }
    }

    private Workers workers(
            String model,
            SortedMap<Integer, PointCodec> codecs,
            SwitchingTails tails,
            BatchQueue queue,
            ModelMetrics meters) {
        long limitNanos = config.models().runLimit().toNanos();
        BatchExecutor.Joining joining =
                config.batching().mixedCuts() == MixedCuts.NEVER ? BatchExecutor.Joining.NONE : queue::join;
        return new Workers(
                config.models().executors(),
                number -> new BatchWorker(
                        "cleave-exec-" + model + "-" + number,
                        queue,
                        new BatchExecutor(codecs, tails.tail(number), limitNanos, meters, clock, joining)));
    }

    private BatchQueue queue(BatchSizes sizes) {
        GatewayConfig.Batching batching = config.batching();
        return new BatchQueue(
                new BatchPolicy(sizes.most(), sizes.mostBytes(), sizes.preferred(), batching.queueBound()),
                batching.maxQueueDelay() == null
                        ? new LearnedDelay(sizes.most())
                        : new FixedDelay(batching.maxQueueDelay().toNanos()),
                timer,
                clock);
    }

    private RequestLimit limit(int executors, int maxRows, BatchQueue queue) {
        GatewayConfig.Batching batching = config.batching();
        ConcurrencyLimit wanted = batching.concurrencyLimit();
        return switch (wanted.kind()) {
            case OFF -> RequestLimit.none();
            case FIXED -> RequestLimit.fixed(wanted.requests(), clock);
            case AUTO ->
                RequestLimit.learned(
                        executors,
                        batching.queueBound() + executors * maxRows,
                        batching.residenceTarget(),
                        queue,
                        clock);
        };
    }
}
