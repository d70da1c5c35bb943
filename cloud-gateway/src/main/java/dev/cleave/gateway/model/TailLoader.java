package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.engine.DeviceOptions;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.compiled.Workspace;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.HalfPrecision;
import dev.cleave.gateway.config.MixedCuts;
import dev.cleave.gateway.device.Accelerator;
import dev.cleave.gateway.memory.MachineMemory;
import dev.cleave.gateway.trial.FormReport;
import dev.cleave.gateway.trial.GraphMemory;
import dev.cleave.gateway.trial.HeldGraph;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the tails of models: in which precision, with which execution providers, on which devices. Thread-safe.
 *
 * <p>Sessions are bound to one device, so there is a set of tails for each. Where the first device has no GPU provider, neither have
 * the others, and one set on the CPU serves for all.
 */
final class TailLoader {
    private static final Logger LOG = LoggerFactory.getLogger(TailLoader.class);
    private static final String SHARED = "points share segments";
    private static final String APART = "a session for each point";
    /** Of the machine's memory, what a model's sessions may take unasked, each with weights of its own. */
    private static final int PART_OF_MACHINE = 8;

    private final GatewayConfig config;
    private final Engine engine;
    private final List<Accelerator> devices;
    private final Compilations compilations;
    private final Providers providers;
    private final HeapShares heap;
    private final LongSupplier clock;

    /** @param devices at least one */
    TailLoader(
            GatewayConfig config,
            Engine engine,
            List<Accelerator> devices,
            Compilations compilations,
            HeapShares heap,
            LongSupplier clock) {
        this.clock = clock;
        this.heap = heap;
        this.compilations = compilations;
        this.config = config;
        this.engine = engine;
        this.devices = List.copyOf(devices);
        this.providers = Providers.of(config.models().providers(), engine::unavailableReason);
    }

    /** Devices that batches are to be spread over, if a model runs on GPUs. */
    int devices() {
        return devices.size();
    }

    /** The provider that a model which runs on another one should be built for; null if there is none. */
    String worthBuilding(TailSet inUse) {
        return providers.worthBuilding(inUse.provider());
    }

    /** Whether a model's tails in its own precision are to be a chain. */
    boolean isChain(ModelSource source) throws BundleException {
        return switch (config.batching().mixedCuts()) {
            case ALWAYS -> true;
            case NEVER -> !hasSessions(source);
            case AUTO -> !hasSessions(source) || ((BundleSource) source).form().chain();
        };
    }

    /** Whether a bundle has what a session for each point is loaded from, beside its segments. */
    private static boolean hasSessions(ModelSource source) throws BundleException {
        return source instanceof BundleSource bundled
                && TailSessions.has(bundled.bundle(), source.contract().precision(), FirstPoint.of(source));
    }

    /**
     * What a bundle would be loaded with at once in either form, so that they can be compared.
     *
     * @return null if it is settled which one it is, or if there is nothing to share. Who has set a bound to memory wants the weights once
     */
    SessionOptions toCompare(ServingPlan plan) throws BundleException {
        Contract contract = plan.source().contract();
        boolean open = config.batching().mixedCuts() == MixedCuts.AUTO
                && hasSessions(plan.source())
                && canJoin(contract, plan.first())
                && config.lifecycle().memory() == 0
                && MemoryNeed.ofTails(contract, contract.precision(), plan.first())
                        <= MachineMemory.bytes() / PART_OF_MACHINE;
        return open ? options(providers.atOnce(), options(devices.get(0), plan.sizes())) : null;
    }

    private static boolean canJoin(Contract contract, int first) {
        List<LadderPoint> points = contract.points().subList(first, contract.local());
        return points.size() > 1
                && contract.maxBatch() > 1
                && points.stream().allMatch(LadderPoint::isBatched)
                && contract.state().isEmpty();
    }

    private SessionOptions options(List<String> preferred, DeviceOptions device) {
        return SessionOptions.defaults()
                .withThreads(threads(config.models(), Runtime.getRuntime().availableProcessors()))
                .withProviders(preferred)
                .withDevice(device);
    }

    /** Tails that do not take long to load. */
    TailSet atOnce(ServingPlan plan) throws IOException, EngineException {
        return new Making(plan, providers.atOnce(), null, isChain(plan.source()), () -> true)
                .make()
                .behind(providers.refused());
    }

    /**
     * Tails with a provider that takes long to build.
     *
     * @param chained whether the tails in use are a chain, as these are to be
     * @param wanted asked between two graphs
     * @throws EngineException with the reason if it comes to nothing
     */
    TailSet built(ServingPlan plan, String provider, boolean chained, BooleanSupplier wanted)
            throws IOException, EngineException {
        TailSet built = new Making(plan, providers.all(), provider, chained, wanted).make();
        if (built.provider().equals(provider)) {
            return built;
        }
        built.close();
        throw new EngineException(built.remarks().stream()
                .filter(remark -> remark.startsWith(provider + ": "))
                .map(remark -> remark.substring(provider.length() + 2))
                .findFirst()
                .orElse("became " + built.provider() + " without a reason"));
    }

    /** One set of tails in the making. */
    private final class Making {
        private final ModelSource source;
        private final int first;
        private final BatchSizes sizes;
        private final List<String> preferred;
        private final String compiling;
        private final BooleanSupplier wanted;
        private final List<LoadedTails> loaded = new ArrayList<>();
        private final List<String> remarks = new ArrayList<>();
        private final List<Workspace> workspaces = new ArrayList<>();
        /** Whether tails in the bundle's own precision are a chain. */
        private boolean chained;

        /** @param compiling the provider that compiles; null if none does */
        Making(ServingPlan plan, List<String> preferred, String compiling, boolean chained, BooleanSupplier wanted) {
            this.chained = chained;
            this.source = plan.source();
            this.first = plan.first();
            this.sizes = plan.sizes();
            this.preferred = preferred;
            this.compiling = compiling;
            this.wanted = wanted;
        }

        TailSet make() throws IOException, EngineException {
            boolean complete = false;
            try {
                loaded.add(load(devices.get(0)));
                remarks.addAll(loaded.get(0).refusedProviders());
                if (Providers.isGpu(loaded.get(0).provider())) {
                    for (Accelerator device : devices.subList(1, devices.size())) {
                        add(device);
                    }
                }
                complete = true;
                return new TailSet(loaded, remarks, workspaces);
            } finally {
                if (!complete) {
                    loaded.forEach(LoadedTails::close);
                    workspaces.forEach(Workspace::close);
                }
            }
        }

        /** A further device does what the first one does, or is left out. */
        private void add(Accelerator device) throws IOException {
            String leftOut = "device " + device.name() + " is left out: ";
            try {
                LoadedTails tails = load(device);
                LoadedTails others = loaded.get(0);
                if (tails.provider().equals(others.provider())
                        && tails.precision().equals(others.precision())) {
                    loaded.add(tails);
                } else {
                    remarks.add(leftOut + String.join("; ", tails.refusedProviders()));
                    tails.close();
                }
            } catch (EngineException e) {
                remarks.add(
                        leftOut + ChainTail.withoutDirectory(e, source.file()).getMessage());
            }
        }

        private LoadedTails load(Accelerator device) throws IOException, EngineException {
            if (source instanceof PlainModel plain) {
                return whole(plain, device);
            }
            BundleSource bundled = (BundleSource) source;
            Bundle bundle = bundled.bundle();
            GraphLoader graphs = (precision, graph) ->
                    load(device, precision, graph, bundle.graph(precision, graph, engine.format()));
            HalfPrecision halves = config.models().halfPrecision();
            if (halves != HalfPrecision.NEVER && TailSessions.hasHalves(bundle, first)) {
                TailSessions tails = TailSessions.loadHalves(bundle, graphs, first, halves == HalfPrecision.AUTO);
                if (tails != null) {
                    return new PaddedTails(tails, clock);
                }
            }
            return own(bundled, graphs);
        }

        /** In the bundle's own precision. Where sessions were found faster and cannot be loaded, there is still the chain. */
        private LoadedTails own(BundleSource source, GraphLoader graphs) throws IOException, EngineException {
            boolean told = loaded.isEmpty() && !source.form().equals(FormReport.UNASKED); // Once for all devices.
            if (told) {
                LOG.info(
                        "model {} {}: {}: {}",
                        source.contract().modelName(),
                        source.contract().modelVersion(),
                        chained ? SHARED : APART,
                        source.form().why());
            }
            if (!chained) {
                try {
                    LoadedTails sessions = sessions(source.bundle(), graphs);
                    if (told) {
                        remarks.add(APART + ": " + source.form().why());
                    }
                    return sessions;
                } catch (EngineException e) {
                    if (config.batching().mixedCuts() == MixedCuts.NEVER) {
                        throw e;
                    }
                    remarks.add(SHARED + ": a session for each would be faster, but "
                            + ChainTail.withoutDirectory(e, source.file()).getMessage());
                    chained = true;
                }
            }
            return ChainTail.load(source.bundle(), graphs, first);
        }

        private LoadedTails sessions(Bundle bundle, GraphLoader graphs) throws IOException, EngineException {
            List<Integer> points =
                    IntStream.range(first, bundle.contract().local()).boxed().toList();
            return new PaddedTails(
                    TailSessions.load(bundle, graphs, bundle.contract().precision(), points), clock);
        }

        private LoadedTails whole(PlainModel plain, Accelerator device) throws IOException, EngineException {
            GraphMemory memory = compiling == null ? heap.loading() : heap.building();
            try (HeldGraph graph = plain.files().read(memory)) {
                Session session = load(device, PlainModel.FORM, "whole", graph.source());
                return new PaddedTails(WholeModel.of(plain, session), clock);
            }
        }

        private Session load(Accelerator device, String precision, String graph, GraphSource file)
                throws EngineException {
            if (!wanted.getAsBoolean()) {
                throw new EngineException(
                        precision + " " + graph + " was not loaded: the model is not wanted any more");
            }
            DeviceOptions options = options(device, sizes);
            if (compiling != null && !source.isSealed()) { // What is compiled holds the weights.
                Compilations.Graph named = new Compilations.Graph(
                        source.id(), precision, graph, compiling, engine.name() + " " + engine.version());
                Workspace workspace = compilations.begin(named, device, options);
                if (workspace != null) {
                    workspaces.add(workspace);
                    options = options.withCompiled(workspace.folder());
                }
            }
            return engine.load(file, options(preferred, options));
        }
    }

    /**
     * Threads of one run on the CPU. Those that run at a time share the cores that the JVM may use; by itself ONNX Runtime would take
     * one for every core of the machine, whatever a container may use, and bind each to its core.
     */
    static int threads(GatewayConfig.Models settings, int cores) {
        return settings.threads() > 0 ? settings.threads() : Math.max(1, cores / settings.executors());
    }

    private DeviceOptions options(Accelerator device, BatchSizes sizes) {
        GatewayConfig.Devices settings = config.models().devices();
        return DeviceOptions.first()
                .withIndex(device.index())
                .withMemoryBytes(settings.memory())
                .withHalves(settings.halves())
                .withRows(sizes.usual(), sizes.most());
    }
}
