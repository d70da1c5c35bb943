package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.engine.EngineException;
import dev.cleave.v1.DescribeResponse;
import io.grpc.Channel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps an agent's bundle up to date. Owns the folder of kept bundles and its executor, on which everything here happens, one
 * after another: so no state has a lock.
 *
 * <pre>
 *  +------- nothing newer, refused, given up --------------+
 *  v                                                       |
 * IDLE --due--> ASKING --newer--> FETCHING --whole--> INSTALLING --in use--> TRIAL
 *  ^                                                                         |  |
 *  +----------------------------------- kept --------------------------------+  | worse
 *  +--------------- former in use ------------- RETURNING &lt;---------------------+
 * </pre>
 */
public final class BundleUpdater implements AutoCloseable {
    static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);
    static final long ASK_UNLINKED_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final Logger LOG = Logger.getLogger(BundleUpdater.class.getName());
    private static final long CLOSE_SECONDS = 10;
    private static final int MOST_PASSED_OVER = 100;
    private static final int MOST_LOOKED_AT = 8;

    private enum Phase {
        IDLE,
        ASKING,
        FETCHING,
        INSTALLING,
        TRIAL,
        RETURNING,
        CLOSED
    }

    private final UpdateSettings settings;
    private final KeptBundles kept;
    private final BundleHost host;
    private final BundleSource source;
    private final Scheduler scheduler;
    private final Random random;
    private final AgentListener listener;
    private final ExecutorService executor;
    private final VersionWatch watch;
    /** Offers that are not to be looked at again by this process. */
    private final Set<String> passedOver = new LinkedHashSet<>();

    private Phase phase = Phase.IDLE;
    private Bundle running;
    /** Of the version on trial; else null. */
    private Bundle former;

    /** While one is under way. */
    private BundleFetch fetch;

    private long askedNanos;
    private long wakes;
    private Scheduler.Timer timer = () -> {};

    /**
     * @param running the bundle that the agent began with
     * @param former the one to return to if that is on trial still, or null
     * @param gateway a channel to the gateway in use, with the credentials that calls need
     * @param listener told on this updater's executor
     * @param executor of one thread; ended with this
     */
    public BundleUpdater(
            UpdateSettings settings,
            KeptBundles kept,
            Bundle running,
            Bundle former,
            BundleHost host,
            Supplier<Channel> gateway,
            Scheduler scheduler,
            Random random,
            AgentListener listener,
            ExecutorService executor) {
        this.settings = settings;
        this.kept = kept;
        this.running = running;
        this.former = former;
        this.host = host;
        this.source = new BundleSource(gateway, this::execute);
        this.scheduler = scheduler;
        this.random = random;
        this.listener = listener;
        this.executor = executor;
        this.watch = new VersionWatch(running.id());
    }

    /** Begins: with a trial that did not come to its end, or waiting for the link. */
    public void start() {
        execute(() -> {
            // Not at once: a version that has answered nothing yet is one that nothing can be compared with.
            askedNanos = scheduler.nanoTime();
            if (former == null) {
                wakeAt(askedNanos + atMostEvery(ASK_AGAIN_NANOS));
            } else {
                phase = Phase.TRIAL;
                watch.begin(running.id(), settings.trialRequests());
            }
        });
    }

    /** A stream to the gateway was opened, or is gone. */
    public void linkChanged(boolean up) {
        execute(() -> {
            if (phase == Phase.IDLE) {
                wakeAt(askedNanos + atMostEvery(up ? ASK_AGAIN_NANOS : ASK_UNLINKED_NANOS));
            } else if (phase == Phase.FETCHING && up) {
                fetch.linkUp();
            }
        });
    }

    private long atMostEvery(long nanos) {
        return Math.min(nanos, settings.checkEvery().toNanos());
    }

    /** A request of a version ended. */
    public void requestEnded(String bundleId, RequestSample sample) {
        if (watch.ended(bundleId, sample)) {
            execute(this::judge);
        }
    }

    private void execute(Runnable step) {
        try {
            executor.execute(() -> runLogged(step));
        } catch (RejectedExecutionException closed) {
            LOG.log(Level.FINEST, "after the end", closed);
        }
    }

    private void runLogged(Runnable step) {
        if (phase == Phase.CLOSED) {
            return;
        }
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.log(Level.SEVERE, "looking after updates failed", e);
            recover();
        }
    }

    /** What the application gave has thrown, most likely. */
    private void recover() {
        if (fetch != null) {
            fetch.stop("an error");
        }
        if (phase == Phase.ASKING || phase == Phase.FETCHING) {
            idle();
        }
    }

    /** One timer, for whatever the phase waits for. */
    private void wakeAt(long nanos) {
        timer.cancel();
        long wake = ++wakes;
        timer = scheduler.schedule(() -> execute(() -> woken(wake)), nanos);
    }

    private void woken(long wake) {
        if (wake != wakes) {
            return; // it came to its time while something else happened
        }
        switch (phase) {
            case IDLE -> ask();
            case FETCHING -> fetch.woken();
            case ASKING, INSTALLING, TRIAL, RETURNING, CLOSED -> {}
        }
    }

    private void idle() {
        phase = Phase.IDLE;
        fetch = null;
        double jitter = 0.9 + 0.2 * random.nextDouble();
        long every = (long) (settings.checkEvery().toNanos() * jitter);
        wakeAt(askedNanos + (host.isLinked() ? every : Math.min(every, ASK_UNLINKED_NANOS)));
    }

    private void ask() {
        askedNanos = scheduler.nanoTime();
        if (!settings.isAllowed()) {
            idle();
            return;
        }
        phase = Phase.ASKING;
        source.describe(version().modelName(), new BundleSource.Answer() {
            @Override
            public void described(DescribeResponse response) {
                choose(response);
            }

            @Override
            public void failed(Status status) {
                LOG.log(Level.FINE, "gateway does not say what it serves: {0}", status);
                idle();
            }
        });
    }

    private BundleVersion version() {
        return VersionOrder.of(running);
    }

    private void choose(DescribeResponse response) {
        boolean signed = kept.trust() != null;
        Offer newest = OfferChoice.newest(response, version(), this::isPassedOver);
        for (int looked = 0; newest != null && looked < MOST_LOOKED_AT; looked++) {
            String refusal = OfferChoice.refusal(newest, signed, settings.maxBundleBytes());
            if (refusal == null) {
                phase = Phase.FETCHING;
                fetch = new BundleFetch(newest, settings, kept.shelf(), source, scheduler, random, new Fetched(newest));
                fetch.start();
                return;
            }
            passOver(newest, refusal);
            newest = OfferChoice.newest(response, version(), this::isPassedOver);
        }
        idle();
    }

    private boolean isPassedOver(Offer asked) {
        return passedOver.contains(asked.key())
                || kept.shelf().isBad(asked.version().bundleId());
    }

    /** What becomes of a download. */
    private final class Fetched implements BundleFetch.Owner {
        private final Offer offer;

        Fetched(Offer offer) {
            this.offer = offer;
        }

        @Override
        public void whole(Path part) {
            install(offer, part);
        }

        @Override
        public void refused(String why) {
            passOver(offer, why);
            idle();
        }

        @Override
        public void gaveUp(String why) {
            giveUp(offer, why);
        }

        @Override
        public void withdrawn() {
            idle();
            wakeAt(askedNanos + atMostEvery(ASK_AGAIN_NANOS));
        }

        @Override
        public void wakeAt(long nanos) {
            BundleUpdater.this.wakeAt(nanos);
        }
    }

    private void install(Offer offer, Path part) {
        phase = Phase.INSTALLING;
        timer.cancel();
        try {
            FetchedBundle.Checked checked = FetchedBundle.check(part, offer, version(), kept);
            if (checked.refusal() != null) {
                passOver(offer, checked.refusal());
                idle();
            } else {
                tryOut(offer, checked.bundle());
            }
        } catch (IOException e) {
            giveUp(offer, "it cannot be kept in " + settings.folder() + ": " + e.getMessage());
        }
    }

    private void tryOut(Offer offer, Bundle bundle) throws IOException {
        kept.shelf().mark(bundle.id(), BundleShelf.State.TRIAL, 1);
        watch.begin(bundle.id(), settings.trialRequests());
        try {
            host.use(bundle, () -> execute(() -> inUse(bundle)));
        } catch (EngineException | RuntimeException | LinkageError e) {
            watch.forget();
            kept.shelf().mark(bundle.id(), BundleShelf.State.BAD, 0);
            kept.shelf().remove(bundle.id());
            passOver(offer, "it does not run here: " + e.getMessage());
            idle();
        } catch (IOException | OutOfMemoryError e) {
            watch.forget();
            kept.shelf().drop(bundle.id());
            passOver(offer, "it cannot be loaded: " + e.getMessage());
            idle();
        }
    }

    private void inUse(Bundle bundle) {
        BundleVersion from = version();
        former = running;
        running = bundle;
        fetch = null;
        phase = Phase.TRIAL;
        tell(to -> to.bundleUpdated(from, version()));
        judge();
    }

    /** The trial is decided, or about to begin. */
    private void judge() {
        if (phase != Phase.TRIAL) {
            return;
        }
        switch (watch.verdict()) {
            case KEEP -> keep();
            case WORSE -> giveBack(watch.why());
            case UNDECIDED -> {}
        }
    }

    private void keep() {
        watch.kept();
        former = null;
        try {
            if (kept.trust() != null) {
                kept.trust().accepted(running);
            }
            kept.shelf().mark(running.id(), BundleShelf.State.GOOD, 0);
            kept.shelf().keepOnly(running.id());
        } catch (IOException e) {
            LOG.log(Level.WARNING, "{0} did well, and begins with another trial at the next start: {1}", new Object[] {
                version(), e.getMessage()
            });
        }
        idle();
    }

    private void giveBack(String why) {
        Bundle worse = running;
        Bundle better = former;
        phase = Phase.RETURNING;
        try {
            kept.shelf().mark(worse.id(), BundleShelf.State.BAD, 0);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "that {0} did worse is not remembered: {1}", new Object[] {version(), e.getMessage()
            });
        }
        try {
            host.use(better, () -> execute(() -> returned(worse, better, why)));
        } catch (IOException | EngineException | RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.log(
                    Level.SEVERE,
                    "the version before " + version() + " does not load any more; it stays, though " + why,
                    e);
            watch.kept();
            former = null;
            idle();
        }
    }

    private void returned(Bundle worse, Bundle better, String why) {
        running = better;
        former = null;
        watch.forget();
        kept.shelf().remove(worse.id());
        tell(to -> to.rolledBack(VersionOrder.of(worse), version(), why));
        idle();
    }

    private void passOver(Offer refused, String why) {
        if (passedOver.size() >= MOST_PASSED_OVER) {
            passedOver.clear();
        }
        passedOver.add(refused.key());
        LOG.log(Level.INFO, "{0} is not taken: {1}", new Object[] {refused.version(), why});
        tell(to -> to.updateRefused(refused.version(), why));
    }

    /** For now: it is looked at again when the gateway is asked next. */
    private void giveUp(Offer offer, String why) {
        LOG.log(Level.INFO, "{0} is not taken for now: {1}", new Object[] {offer.version(), why});
        tell(to -> to.updateRefused(offer.version(), why));
        idle();
    }

    private void tell(Consumer<AgentListener> event) {
        try {
            event.accept(listener);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "an agent's listener failed", e);
        }
    }

    /** Stops; what of a download has come stays. Waits for a bundle that is being loaded, within reason. */
    @Override
    public void close() {
        execute(this::end);
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.log(Level.WARNING, "a bundle is still being loaded; its memory is freed when that ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        timer.cancel();
        if (fetch != null) {
            fetch.stop("agent is closed");
        }
        phase = Phase.CLOSED;
        kept.close();
    }
}
