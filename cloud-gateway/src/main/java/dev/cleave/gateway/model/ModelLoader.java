package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.bundle.View;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.FixedDelay;
import dev.cleave.gateway.batch.LearnedDelay;
import dev.cleave.gateway.config.ConcurrencyLimit;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.HalfPrecision;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.exec.BatchExecutor;
import dev.cleave.gateway.exec.BatchQueue;
import dev.cleave.gateway.exec.BatchWorker;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.limit.RequestLimit;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.picture.PictureCodec;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Makes a model ready to serve: sessions, codecs, warm-up, queue and workers; and what takes long to build afterwards, while
 * it serves. Thread-safe. Owns the thread that builds.
 */
public final class ModelLoader implements AutoCloseable {
    private final GatewayConfig config;
    private final Engine engine;
    private final TailLoader tailLoader;
    private final EngineBuilds builds;
    private final PictureCodec pictures;
    private final GatewayMetrics metrics;
    private final ScheduledExecutorService timer;
    private final LongSupplier clock;

    /** @param pictures or null: frames that hold JPEG or PNG are then refused */
    public ModelLoader(
            GatewayConfig config,
            Engine engine,
            PictureCodec pictures,
            GatewayMetrics metrics,
            ScheduledExecutorService timer,
            LongSupplier clock) {
        this(config, engine, List.of(new Accelerator("0", 0)), Compilations.NONE, pictures, metrics, timer, clock);
    }

    /**
     * @param devices that models run on where the engine has a provider for them; at least one
     * @param compilations where what is compiled is kept; stays the caller's, to be closed after this
     * @param pictures or null: frames that hold JPEG or PNG are then refused
     */
    public ModelLoader(
            GatewayConfig config,
            Engine engine,
            List<Accelerator> devices,
            Compilations compilations,
            PictureCodec pictures,
            GatewayMetrics metrics,
            ScheduledExecutorService timer,
            LongSupplier clock) {
        this.config = config;
        this.engine = engine;
        this.tailLoader = new TailLoader(config, engine, devices, compilations);
        this.builds = new EngineBuilds(clock);
        this.pictures = pictures;
        this.metrics = metrics;
        this.timer = timer;
        this.clock = clock;
    }

    /** What graphs are loaded on; its owner's to close. */
    public Engine engine() {
        return engine;
    }

    /**
     * Loads and warms a model. If it would run better on a provider that takes long to build, that is begun.
     *
     * @throws BundleException if this view of a bundle cannot be served
     * @throws EngineException if the engine refuses a graph
     */
    public ServedModel load(ModelSource source) throws IOException, EngineException {
        int first = firstPoint(source);
        Contract contract = source.contract();
        TailSet tails = tailLoader.atOnce(source, first);
        boolean complete = false;
        try {
            requireFixedState(contract);
            SortedMap<Integer, PointCodec> codecs = codecs(contract, first);
            List<String> notes = new ArrayList<>();
            if (source instanceof PlainModel && !contract.batchReason().isEmpty()) {
                notes.add("requests are not joined: " + contract.batchReason());
            }
            WarmUpReport warm = warmUp(contract, tails);
            notes.addAll(warm.notes());
            Serving serving = new Serving(tails.all().size(), warm);
            ServedModel model = serve(source, tails.with(notes), codecs, first, serving);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                tails.close();
            }
        }
    }

    /**
     * Bytes that a model will need, about; {@link MemoryNeed} says how roughly.
     *
     * @throws BundleException if this view of a bundle cannot be served
     */
    public long estimate(ModelSource source) throws BundleException {
        if (source instanceof PlainModel plain) {
            return MemoryNeed.ofPlain(plain.bytes());
        }
        Bundle bundle = ((BundleSource) source).bundle();
        int first = firstPoint(bundle);
        boolean halves =
                config.models().halfPrecision() == HalfPrecision.ALWAYS && TailSessions.hasHalves(bundle, first);
        return halves
                ? MemoryNeed.ofTails(bundle.contract(), TailSessions.HALF, first)
                : MemoryNeed.ofChain(bundle.contract(), first);
    }

    /**
     * The first point that a gateway serves of a model.
     *
     * @throws BundleException if this view of a bundle cannot be served
     */
    public static int firstPoint(ModelSource source) throws BundleException {
        return source instanceof BundleSource bundled ? firstPoint(bundled.bundle()) : 0;
    }

    /** The first point whose tail this view holds whole and the privacy floor allows. */
    private static int firstPoint(Bundle bundle) throws BundleException {
        if (bundle.manifest().view() == View.EDGE) {
            throw new BundleException(
                    bundle.file().getFileName() + " holds the edge view; a gateway needs full or cloud");
        }
        Contract contract = bundle.contract();
        if (contract.privacyFloor() == contract.local()) {
            throw new BundleException(bundle.file().getFileName()
                    + " has its privacy floor at LOCAL; a gateway needs a point that may be split");
        }
        int first = contract.local();
        while (first > contract.privacyFloor() && bundle.hasGraph(contract.precision(), "segment-" + (first - 1))) {
            first--;
        }
        if (first == contract.local()) {
            throw new BundleException(bundle.file().getFileName() + " holds no graph segment-" + (first - 1) + " of "
                    + contract.precision() + "; expected the tail of at least one point");
        }
        return first;
    }

    /** A stream begins with zeros, of which there must be a known number. */
    private static void requireFixedState(Contract contract) throws BundleException {
        for (StateTensor state : contract.state()) {
            TensorSpec spec = contract.input(state.input());
            if (!spec.shape().withRows(1).isStatic()) {
                throw new BundleException(
                        "state \"" + spec.name() + "\" of model \"" + contract.modelName() + "\" has shape "
                                + spec.shape() + "; expected a fixed one, so that a stream can begin with zeros");
            }
        }
    }

    private SortedMap<Integer, PointCodec> codecs(Contract contract, int first) {
        SortedMap<Integer, PointCodec> codecs = new TreeMap<>();
        for (int point = first; point < contract.local(); point++) {
            codecs.put(point, new PointCodec(contract, point, pictures));
        }
        return codecs;
    }

    /** Runs what has to have run before the first request. */
    private WarmUpReport warmUp(Contract contract, TailSet set) {
        return new WarmUp(
                        contract,
                        config.models().runLimit().toNanos(),
                        config.batching().maxBatchBytes())
                .run(set, BatchSizes.of(config, contract).toWarm(Providers.isGpu(set.provider())));
    }

    private ServedModel serve(
            ModelSource source, TailSet loaded, SortedMap<Integer, PointCodec> codecs, int first, Serving serving) {
        GatewayConfig.Batching batching = config.batching();
        BatchSizes sizes = BatchSizes.of(config, source.contract());
        BatchQueue queue = new BatchQueue(
                new BatchPolicy(sizes.most(), batching.maxBatchBytes(), sizes.preferred(), batching.queueBound()),
                batching.maxQueueDelay() == null
                        ? new LearnedDelay(sizes.most())
                        : new FixedDelay(batching.maxQueueDelay().toNanos()),
                timer,
                clock);
        String name = source.contract().modelName();
        ModelMetrics meters = metrics.model(name, source.contract().modelVersion());
        SwitchingTails tails = new SwitchingTails(loaded);
        BatchExecutor.Joining joining = batching.mixedCuts() ? queue::join : BatchExecutor.Joining.NONE;
        List<BatchWorker> workers = new ArrayList<>();
        String better = isFixed(codecs) ? tailLoader.worthBuilding(loaded) : null;
        boolean onGpus = better != null || Providers.isGpu(loaded.provider());
        int count = config.models().executors() * (onGpus ? tailLoader.devices() : 1);
        for (int i = 0; i < count; i++) {
            BatchExecutor executor = new BatchExecutor(
                    codecs, tails.tail(i), config.models().runLimit().toNanos(), meters, clock, joining);
            workers.add(new BatchWorker("cleave-exec-" + name + "-" + i, queue, executor));
        }
        RequestLimit limit = limit(batching, count, sizes.most(), queue);
        EngineUpgrade upgrade = better == null ? null : new EngineUpgrade(better);
        ServedModel model =
                new ServedModel(source, tails, upgrade, codecs, sizes.most(), queue, limit, workers, meters);
        if (upgrade != null) {
            builds.submit(new EngineBuilds.Job(
                    name,
                    upgrade,
                    wanted -> build(source, first, better, wanted, serving),
                    tails,
                    queue::forgetRuns,
                    meters));
        }
        return model;
    }

    /** Whether one row has one size. What is compiled for sizes, and tried with them, must not take the place of what takes any. */
    private static boolean isFixed(SortedMap<Integer, PointCodec> codecs) {
        return codecs.values().stream()
                .flatMap(codec -> Stream.concat(codec.boundary().stream(), codec.state().stream()))
                .allMatch(spec -> spec.shape().withRows(1).isStatic());
    }

    private RequestLimit limit(GatewayConfig.Batching batching, int executors, int maxRows, BatchQueue queue) {
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

    /** What serves, as a measure for what is built. */
    private record Serving(int devices, WarmUpReport warm) {}

    /** Tails for a provider that takes long, warm, if they are no worse than those that serve. */
    private TailSet build(ModelSource source, int first, String provider, BooleanSupplier wanted, Serving serving)
            throws IOException, EngineException {
        boolean complete = false;
        TailSet built = null;
        try {
            built = tailLoader.built(source, first, provider, wanted);
            if (built.all().size() < serving.devices()) {
                throw new EngineException(String.join("; ", built.remarks()));
            }
            WarmUpReport warm = warmUp(source.contract(), built);
            String worse = warm.worseThan(serving.warm());
            if (!worse.isEmpty()) {
                throw new EngineException(worse);
            }
            built.keepCompiled();
            complete = true;
            return built.with(warm.notes());
        } catch (EngineException e) {
            throw ChainTail.withoutDirectory(e, source.file());
        } finally {
            if (!complete && built != null) {
                built.close();
            }
        }
    }

    /** Builds nothing more; waits a while for a build under way. To be called when the models are closed. */
    @Override
    public void close() {
        builds.close();
    }
}
