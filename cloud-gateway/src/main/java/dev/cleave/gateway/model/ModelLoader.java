package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.HalfPrecision;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.gateway.trial.GraphMemory;
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
    private final HeapShares heap;
    private final TailLoader tailLoader;
    private final EngineBuilds builds;
    private final PictureCodec pictures;
    private final Assembly assembly;

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
        this(
                config,
                engine,
                devices,
                compilations,
                HeapShares.usual(),
                pictures,
                new Assembly(config, metrics, timer, clock),
                new EngineBuilds(clock),
                clock);
    }

    ModelLoader(
            GatewayConfig config,
            Engine engine,
            List<Accelerator> devices,
            Compilations compilations,
            HeapShares heap,
            PictureCodec pictures,
            Assembly assembly,
            EngineBuilds builds,
            LongSupplier clock) {
        this.config = config;
        this.engine = engine;
        this.heap = heap;
        this.tailLoader = new TailLoader(config, engine, devices, compilations, heap, clock);
        this.builds = builds;
        this.pictures = pictures;
        this.assembly = assembly;
    }

    /** What graphs are loaded on; its owner's to close. */
    public Engine engine() {
        return engine;
    }

    /** What graphs of plain models may take of the heap while they are loaded. */
    public GraphMemory graphMemory() {
        return heap.loading();
    }

    /**
     * Loads and warms a model. If it would run better on a provider that takes long to build, that is begun.
     *
     * @throws BundleException if this view of a bundle cannot be served
     * @throws EngineException if the engine refuses a graph
     */
    public ServedModel load(ModelSource source) throws IOException, EngineException {
        ServingPlan plan = ServingPlan.of(config, source);
        Contract contract = source.contract();
        TailSet tails = tailLoader.atOnce(plan);
        boolean complete = false;
        try {
            requireFixedState(contract);
            SortedMap<Integer, PointCodec> codecs = codecs(contract, plan.first());
            List<String> notes = new ArrayList<>();
            if (source instanceof PlainModel && !contract.batchReason().isEmpty()) {
                notes.add("requests are not joined: " + contract.batchReason());
            }
            if (!plan.sizes().note().isEmpty()) {
                notes.add(plan.sizes().note());
            }
            WarmUpReport warm = warmUp(plan, tails);
            notes.addAll(warm.notes());
            String better = isFixed(codecs) ? tailLoader.worthBuilding(tails) : null;
            EngineUpgrade upgrade = better == null ? null : new EngineUpgrade(better);
            int devices = tails.all().size();
            int mostDevices = upgrade == null ? devices : Math.max(devices, tailLoader.devices());
            ServedModel model = assembly.serve(plan, tails.with(notes), upgrade, codecs, mostDevices);
            complete = true;
            if (upgrade != null) {
                Serving serving = new Serving(devices, tails.isChain(), warm);
                builds.submit(new EngineBuilds.Job(model, upgrade, wanted -> build(plan, better, wanted, serving)));
            }
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
        int first = FirstPoint.of(source);
        boolean halves =
                config.models().halfPrecision() == HalfPrecision.ALWAYS && TailSessions.hasHalves(bundle, first);
        if (halves) {
            return MemoryNeed.ofTails(bundle.contract(), TailSessions.HALF, first);
        }
        String own = bundle.contract().precision();
        return tailLoader.isChain(source)
                ? MemoryNeed.ofChain(bundle.contract(), first)
                : MemoryNeed.ofTails(bundle.contract(), own, first);
    }

    /**
     * What a bundle is going to be loaded with, if the forms of its tails are to be compared first.
     *
     * @return null if they need not be
     * @throws BundleException if this view of a bundle cannot be served
     */
    public SessionOptions toCompare(BundleSource source) throws BundleException {
        return tailLoader.toCompare(ServingPlan.of(config, source));
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
    private WarmUpReport warmUp(ServingPlan plan, TailSet set) {
        long limitNanos = config.models().runLimit().toNanos();
        return new WarmUp(plan.source().contract(), limitNanos, plan.sizes().mostBytes())
                .run(set, plan.sizes().toWarm(Providers.isGpu(set.provider())));
    }

    /** Whether one row has one size. What is compiled for sizes, and tried with them, must not take the place of what takes any. */
    private static boolean isFixed(SortedMap<Integer, PointCodec> codecs) {
        return codecs.values().stream()
                .flatMap(codec -> Stream.concat(codec.boundary().stream(), codec.state().stream()))
                .allMatch(spec -> spec.shape().withRows(1).isStatic());
    }

    /** What serves, as a measure for what is built. */
    private record Serving(int devices, boolean chained, WarmUpReport warm) {}

    /** Tails for a provider that takes long, warm, if they are no worse than those that serve. */
    private TailSet build(ServingPlan plan, String provider, BooleanSupplier wanted, Serving serving)
            throws IOException, EngineException {
        boolean complete = false;
        TailSet built = null;
        try {
            built = tailLoader.built(plan, provider, serving.chained(), wanted);
            if (!wanted.getAsBoolean()) {
                throw new EngineException("the model is not wanted any more");
            }
            if (built.all().size() < serving.devices()) {
                throw new EngineException(String.join("; ", built.remarks()));
            }
            WarmUpReport warm = warmUp(plan, built);
            String worse = warm.worseThan(serving.warm());
            if (!worse.isEmpty()) {
                throw new EngineException(worse);
            }
            built.keepCompiled();
            complete = true;
            return built.with(warm.notes());
        } catch (EngineException e) {
            throw ChainTail.withoutDirectory(e, plan.source().file());
        } finally {
            if (!complete && built != null) {
                built.close();
            }
        }
    }

    /** Builds nothing more; a build under way ends as soon as it can. Waits for nothing. */
    public void stop() {
        builds.stop();
    }

    /** The same, and waits a moment for a build under way, which is then abandoned. To be called when the models are closed. */
    @Override
    public void close() {
        builds.close();
    }
}
