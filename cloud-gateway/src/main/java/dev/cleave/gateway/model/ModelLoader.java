package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.bundle.View;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.batch.BatchPolicy;
import dev.cleave.gateway.batch.FixedDelay;
import dev.cleave.gateway.batch.LearnedDelay;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.HalfPrecision;
import dev.cleave.gateway.exec.BatchExecutor;
import dev.cleave.gateway.exec.BatchQueue;
import dev.cleave.gateway.exec.BatchWorker;
import dev.cleave.gateway.exec.PointCodec;
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
import java.util.function.LongSupplier;

/** Makes a model ready to serve: sessions, codecs, warm-up, queue and workers. Thread-safe. */
public final class ModelLoader {
    private final GatewayConfig config;
    private final Engine engine;
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
        this.config = config;
        this.engine = engine;
        this.pictures = pictures;
        this.metrics = metrics;
        this.timer = timer;
        this.clock = clock;
    }

    /** What graphs are loaded on; its owner's to close. */
    public Engine engine() {
        return engine;
    }

    /** @param notes what is notable about a model that is served all the same; one line each */
    public record Loaded(ServedModel model, String provider, List<String> notes) {}

    /**
     * Loads and warms a model.
     *
     * @throws BundleException if this view of a bundle cannot be served
     * @throws EngineException if the engine refuses a graph
     */
    public Loaded load(ModelSource source) throws IOException, EngineException {
        int first = firstPoint(source);
        Contract contract = source.contract();
        SessionOptions options = SessionOptions.defaults()
                .withThreads(config.models().threads())
                .withProviders(config.models().providers());
        LoadedTails tails = tails(source, options, first);
        boolean complete = false;
        try {
            requireFixedState(contract);
            SortedMap<Integer, PointCodec> codecs = codecs(contract, first);
            List<String> notes = new ArrayList<>(tails.refusedProviders());
            if (source instanceof PlainModel && !contract.batchReason().isEmpty()) {
                notes.add("requests are not joined: " + contract.batchReason());
            }
            notes.addAll(warmUp(contract, tails));
            ServedModel model = serve(source, tails, codecs);
            complete = true;
            return new Loaded(model, tails.provider(), notes);
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

    private LoadedTails tails(ModelSource source, SessionOptions options, int first)
            throws IOException, EngineException {
        if (source instanceof PlainModel plain) {
            return WholeModel.load(plain, engine, options);
        }
        Bundle bundle = ((BundleSource) source).bundle();
        HalfPrecision wanted = config.models().halfPrecision();
        if (wanted != HalfPrecision.NEVER && TailSessions.hasHalves(bundle, first)) {
            TailSessions halves = TailSessions.loadHalves(bundle, engine, options, first, wanted == HalfPrecision.AUTO);
            if (halves != null) {
                return halves;
            }
        }
        return ChainTail.load(bundle, engine, options, first);
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

    private List<String> warmUp(Contract contract, LoadedTails tails) {
        int maxRows = maxRows(contract);
        List<Integer> sizes = new ArrayList<>(config.models().warmupRows());
        sizes.addAll(config.batching().preferredBatches());
        sizes.removeIf(rows -> rows > maxRows);
        WarmUp warmUp = new WarmUp(tails, config.models().runLimit().toNanos());
        List<String> notes = new ArrayList<>();
        for (int point : tails.warmUpPoints()) {
            notes.addAll(warmUp.run(contract, contract.points().get(point), sizes));
        }
        return notes;
    }

    private ServedModel serve(ModelSource source, LoadedTails tails, SortedMap<Integer, PointCodec> codecs) {
        GatewayConfig.Batching batching = config.batching();
        Contract contract = source.contract();
        int maxRows = maxRows(contract);
        List<Integer> preferred = batching.preferredBatches().stream()
                .filter(rows -> rows <= maxRows)
                .toList();
        BatchQueue queue = new BatchQueue(
                new BatchPolicy(maxRows, batching.maxBatchBytes(), preferred, batching.queueBound()),
                batching.maxQueueDelay() == null
                        ? new LearnedDelay(maxRows)
                        : new FixedDelay(batching.maxQueueDelay().toNanos()),
                timer,
                clock);
        String name = contract.modelName();
        ModelMetrics meters = metrics.model(name, contract.modelVersion());
        BatchExecutor.Joining joining = batching.mixedCuts() ? queue::join : BatchExecutor.Joining.NONE;
        List<BatchWorker> workers = new ArrayList<>();
        for (int i = 0; i < config.models().executors(); i++) {
            BatchExecutor executor =
                    new BatchExecutor(codecs, tails, config.models().runLimit().toNanos(), meters, clock, joining);
            workers.add(new BatchWorker("cleave-exec-" + name + "-" + i, queue, executor));
        }
        return new ServedModel(source, tails, codecs, maxRows, queue, workers, meters);
    }

    private int maxRows(Contract contract) {
        return Math.max(1, Math.min(config.batching().maxBatch(), contract.maxBatch()));
    }
}
