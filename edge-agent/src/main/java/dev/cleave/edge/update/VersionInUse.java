package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Which version is in use, and whether it is on trial: takes a new one into use, judges it by its requests, and keeps it or goes
 * back. Belongs to its updater's executor but for {@link #requestEnded}.
 *
 * <pre>
 *          tryOut               in use            kept
 * SETTLED --------&gt; CHANGING ----------&gt; TRIAL --------&gt; SETTLED
 *    ^                  |                  | worse          ^
 *    +-- does not load -+                  v   former in use|
 *                                      RETURNING -----------+
 * </pre>
 */
final class VersionInUse {
    private static final Logger LOG = Logger.getLogger(VersionInUse.class.getName());

    private enum Phase {
        SETTLED,
        CHANGING,
        TRIAL,
        RETURNING
    }

    /** The updater. */
    interface Owner {
        /** Runs a step on the executor. */
        void execute(Runnable step);

        /** A version that was to be tried cannot be run. */
        void refused(Offer offer, String why);

        /** There is nothing on trial any more. */
        void settled();

        void tell(Consumer<AgentListener> event);
    }

    private final KeptBundles kept;
    private final BundleHost host;
    private final int trialRequests;
    private final Owner owner;
    private final VersionWatch watch;
    private Phase phase = Phase.SETTLED;
    private Bundle running;
    /** While the running one is on trial. */
    private Bundle former;

    VersionInUse(KeptBundles kept, BundleHost host, int trialRequests, Bundle running, Owner owner) {
        this.kept = kept;
        this.host = host;
        this.trialRequests = trialRequests;
        this.running = running;
        this.owner = owner;
        this.watch = new VersionWatch(running.id());
    }

    BundleVersion version() {
        return VersionOrder.of(running);
    }

    /** A trial that did not come to its end in the process before goes on. */
    void goOnTrying(Bundle before) {
        former = before;
        phase = Phase.TRIAL;
        watch.begin(running.id(), trialRequests);
    }

    /** A request of a version ended; from any thread. */
    void requestEnded(String bundleId, RequestSample sample) {
        if (watch.ended(bundleId, sample)) {
            owner.execute(this::judge);
        }
    }

    /**
     * Takes a version into use, on trial.
     *
     * @throws IOException if that cannot be remembered; nothing has changed
     */
    void tryOut(Offer offer, Bundle bundle) throws IOException {
        kept.shelf().mark(bundle.id(), BundleShelf.State.TRIAL, 1);
        watch.begin(bundle.id(), trialRequests);
        phase = Phase.CHANGING;
        try {
            host.use(bundle, () -> owner.execute(() -> inUse(bundle)));
        } catch (EngineException | RuntimeException | LinkageError e) {
            notInUse();
            kept.shelf().mark(bundle.id(), BundleShelf.State.BAD, 0);
            kept.shelf().remove(bundle.id());
            owner.refused(offer, "it does not run here: " + e.getMessage());
        } catch (IOException | OutOfMemoryError e) {
            notInUse();
            kept.shelf().drop(bundle.id());
            owner.refused(offer, "it cannot be loaded: " + e.getMessage());
        }
    }

    private void notInUse() {
        phase = Phase.SETTLED;
        watch.forget();
    }

    private void inUse(Bundle bundle) {
        BundleVersion from = version();
        former = running;
        running = bundle;
        phase = Phase.TRIAL;
        owner.tell(to -> to.bundleUpdated(from, version()));
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
        settle();
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
        owner.settled();
    }

    private void settle() {
        watch.kept();
        former = null;
        phase = Phase.SETTLED;
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
            host.use(better, () -> owner.execute(() -> returned(worse, better, why)));
        } catch (IOException | EngineException | RuntimeException | LinkageError | OutOfMemoryError e) {
            LOG.log(
                    Level.SEVERE,
                    "the version before " + version() + " does not load any more; it stays, though " + why,
                    e);
            settle();
            owner.settled();
        }
    }

    private void returned(Bundle worse, Bundle better, String why) {
        running = better;
        former = null;
        phase = Phase.SETTLED;
        watch.forget();
        kept.shelf().remove(worse.id());
        owner.tell(to -> to.rolledBack(VersionOrder.of(worse), version(), why));
        owner.settled();
    }
}
