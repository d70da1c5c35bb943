package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.model.BundleOpener;
import dev.cleave.gateway.model.ModelLoader;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.trial.ModelTrials;
import dev.cleave.gateway.trial.ResidentMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The models of a directory while they come and go: the facade over what knows them ({@link Holdings}), what decides
 * ({@link NextStep}) and what does it ({@link RepositoryLoop}, {@link VersionWork}, {@link RepositoryThreads}). Owns the
 * loaded models and the threads. Thread-safe. docs/REPOSITORY.md.
 */
public final class ModelRepository implements AutoCloseable {
    /** The label that is asked for where none is named, and beyond which agents are offered nothing. */
    public static final String STABLE = "stable";

    private final Path directory;
    private final GatewayConfig.Lifecycle settings;
    private final StateFolder state;
    private final Holdings holdings;
    private final RepositoryLoop loop;
    private final VersionWork work;
    private final ModelTrials trials;
    private final RepositoryListener listener;
    private final LongSupplier clock;
    private final Incoming incoming;
    private final OperatorRequests requests;
    private final FirstLoad first;
    private final ReadyVersions versions;
    private final RepositoryThreads threads;
    /** What the listener was told last; the looking thread's. */
    private RepositoryStatus told;

    private volatile boolean draining;

    private ModelRepository(
            GatewayConfig config,
            BundleOpener opener,
            ModelLoader loader,
            LongSupplier clock,
            LongSupplier resident,
            RepositoryListener listener,
            StateFolder state)
            throws IOException {
        this.directory = config.models().directory();
        this.settings = config.lifecycle();
        this.state = state;
        this.clock = clock;
        this.listener = listener;
        this.holdings = new Holdings(settings, LabelFile.read(state.labels()), FirstLoad.SETTLING.toNanos());
        this.trials = ModelTrials.of(settings.trials(), loader.engine(), loader.graphMemory(), state.trials(), clock);
        this.work = new VersionWork(
                directory, new StableCopies(state.copies()), opener, trials, loader, holdings, resident, clock);
        this.loop = new RepositoryLoop(
                new ModelFolder(directory),
                holdings,
                work,
                listener,
                clock,
                config.drainGrace().toNanos());
        this.requests = new OperatorRequests(holdings, state);
        this.first = new FirstLoad(directory, settings.loadAtStart(), holdings, loop, requests);
        this.versions = new ReadyVersions(holdings);
        this.threads = new RepositoryThreads(loop, holdings, settings.pollEvery(), this::tell);
        this.incoming = new Incoming(directory, opener, config.admin().maxPushBytes());
        this.incoming.tidy();
    }

    /**
     * Asked before anything is made in or beside it: a name that was mistyped is to be refused, not made.
     *
     * @throws GatewayException if it is no directory
     */
    public static void requireDirectory(Path directory) throws GatewayException {
        ModelFolder.requireDirectory(directory);
    }

    /**
     * Looks at the directory for the first time; nothing is loaded yet.
     *
     * @throws GatewayException if it is no directory, cannot be read, or holds no model where one is expected
     */
    public static ModelRepository open(
            GatewayConfig config,
            BundleOpener opener,
            ModelLoader loader,
            LongSupplier clock,
            RepositoryListener listener)
            throws GatewayException {
        return open(config, opener, loader, clock, ResidentMemory::bytes, listener);
    }

    static ModelRepository open(
            GatewayConfig config,
            BundleOpener opener,
            ModelLoader loader,
            LongSupplier clock,
            LongSupplier resident,
            RepositoryListener listener)
            throws GatewayException {
        Path directory = config.models().directory();
        requireDirectory(directory);
        StateFolder state = null;
        ModelRepository repository = null;
        try {
            if (new ModelFolder(directory).look().files().isEmpty()
                    && config.lifecycle().mode() == LoadMode.POLLING) {
                throw new GatewayException("models directory " + directory + " holds no *" + ModelFolder.SUFFIX
                        + " or *" + ModelFolder.PLAIN + " file");
            }
            state = StateFolder.open(directory, config.lifecycle().stateDirectory());
            repository = new ModelRepository(config, opener, loader, clock, resident, listener, state);
            repository.loop.look();
            return repository;
        } catch (IOException e) {
            throw new GatewayException("models directory " + directory + " cannot be used: " + e.getMessage(), e);
        } finally {
            if (repository == null && state != null) {
                state.close();
            }
        }
    }

    /**
     * Loads what is wanted at the start, on this thread.
     *
     * @throws GatewayException if models are found by polling and not one can be served; the message gives the first reason
     */
    public void load() throws GatewayException {
        first.load();
        tell();
        if (settings.mode() == LoadMode.POLLING && !isReady()) {
            throw first.nothing(statuses());
        }
        work.started();
    }

    /** Starts the two threads: from now on models come and go by themselves. */
    public void watch() {
        threads.start();
    }

    /** One look at the directory. */
    void look() {
        loop.look();
    }

    /** Takes what steps there are. */
    void advance() {
        threads.advance();
    }

    private void tell() {
        RepositoryStatus now = status();
        if (!now.equals(told)) {
            told = now;
            listener.changed(now);
        }
    }

    /** One per version, in the order of their files. */
    public List<ModelStatus> statuses() {
        return status().models();
    }

    public RepositoryStatus status() {
        return holdings.status(directory.toString(), clock.getAsLong());
    }

    /** True if a model can take requests. */
    public boolean isReady() {
        return !draining && holdings.models().stream().anyMatch(model -> !model.isDraining());
    }

    /** Every loaded version, draining ones included. */
    public List<ServedModel> models() {
        return holdings.models();
    }

    /** The loaded version of a bundle id, or null. */
    public ServedModel byBundleId(String bundleId) {
        return models().stream()
                .filter(model -> model.id().equals(bundleId))
                .findFirst()
                .orElse(null);
    }

    /**
     * The READY version of a model that a name means.
     *
     * @param versionOrLabel empty: what {@link #STABLE} points to if that is READY, else the newest; a version comes before a
     *     label of the same name
     * @return null if there is none
     */
    public ServedModel find(String name, String versionOrLabel) {
        return versions.find(name, versionOrLabel);
    }

    /**
     * Whether agents of older versions may be told to fetch this one: it is READY, and not newer than what {@link #STABLE}
     * points to, if that label is set.
     */
    public boolean isOffered(ServedModel model) {
        return versions.isOffered(model);
    }

    /**
     * Has a version loaded, and kept until it is unloaded.
     *
     * @param version empty: the newest that lies there
     * @return the file that it is in
     * @throws RepositoryException if none of that name lies there
     */
    public String load(String name, String version) throws RepositoryException {
        loop.look();
        String file = requests.load(name, version);
        threads.wake();
        return file;
    }

    /**
     * Has a version drained and taken out of memory; its file is not loaded again until it changes or is asked for.
     *
     * @param version empty: every version
     * @param force whether open streams, which are told to go elsewhere, are no reason to refuse
     * @throws RepositoryException if there is none, a label points to it, or streams are open
     */
    public void unload(String name, String version, boolean force) throws RepositoryException {
        requests.unload(name, version, force);
        threads.wake();
    }

    /**
     * Points a label of a model to a READY version.
     *
     * @param version empty: the label is taken away
     * @throws RepositoryException if the version is not READY, or labels cannot be kept
     */
    public void label(String name, String label, String version) throws RepositoryException {
        requests.label(name, label, version);
        threads.wake();
    }

    /** Where bundles that are pushed are received. */
    public Incoming incoming() {
        return incoming;
    }

    /** Has the directory looked at now. */
    public void lookSoon() {
        threads.wake();
    }

    /** Where views of bundles may be written that devices fetch: in the state folder, and gone when that is taken again. */
    public Path edgeViews() {
        return state.edgeViews();
    }

    /** Where the repository keeps what is its own. */
    public Path stateFolder() {
        return state.folder();
    }

    /** The gateway is stopping: nothing is loaded any more, every model drains. */
    public void drain() {
        stop();
        models().forEach(ServedModel::drain);
    }

    /** From now on nothing is looked at or loaded; a trial under way ends. Waits for nothing. */
    public void stop() {
        draining = true;
        holdings.close();
        trials.close();
        threads.stop();
    }

    /** Closes every version that is held; one that is still being loaded is closed when that ends. */
    public void closeModels() {
        models().forEach(ServedModel::close);
    }

    /** The same, and waits for a load under way. */
    @Override
    public void close() {
        stop();
        closeModels();
        threads.awaitEnd();
        closeModels(); // What has come to be meanwhile.
        state.close();
    }
}
