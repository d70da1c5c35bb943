package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.engine.EngineException;
import java.io.IOException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Which version is in use, and whether it is on trial: takes a new one into use, judges it by its requests, and keeps it or goes
 * back. Belongs to its updater's executor but for {@link #requestEnded}.
 *
 * <pre>
 *           tryOut               in use            kept
 * SETTLED ----------&gt; CHANGING ----------&gt; TRIAL --------&gt; SETTLED
 *    ^                |   |  ^            ^ | |
 *    +- does not load +   |  +-- tryOut ----+ | worse, or withdrawn
 *                         +- does not load +  v
 *                                          RETURNING --former in use--&gt; SETTLED
 * </pre>
 *
 * <p>A trial may give way to that of a still newer version. What both are compared with, and give way to, is the last version that is
 * not on trial.
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

        /** A version that was to be tried is in use, on trial. */
        void tried();

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
    /** While the running one is on trial: what it gives way to; else null. */
    private Bundle former;

    VersionInUse(KeptBundles kept, BundleHost host, int trialRequests, Bundle running, Owner owner) {
        this.kept = kept;
        this.host = host;
        this.trialRequests = trialRequests;
        this.running = running;
        this.owner = owner;
        this.watch = new VersionWatch(running.id());
    }

    Bundle running() {
        return running;
    }

    BundleVersion version() {
        return VersionOrder.of(running);
    }

    /** Whether another version is about to be in use. */
    boolean isChanging() {
        return phase == Phase.CHANGING || phase == Phase.RETURNING;
    }

    /** A trial that did not come to its end in the process before goes on. */
    void goOnTrying(Bundle before) {
        former = before;
        phase = Phase.TRIAL;
        watch.begin(before.id(), running.id(), trialRequests);
    }

    /** A request of a version ended; from any thread. */
    void requestEnded(String bundleId, RequestSample sample) {
        if (watch.ended(bundleId, sample)) {
            owner.execute(this::judge);
        }
    }

    /** Takes a version into use that is remembered to be on trial. Not while another one {@link #isChanging}. */
    void tryOut(Offer offer, Bundle bundle) {
        Bundle better = former == null ? running : former;
        phase = Phase.CHANGING;
        try {
            host.use(bundle, () -> {
                watch.begin(better.id(), bundle.id(), trialRequests);
                owner.execute(() -> inUse(bundle, better));
            });
        } catch (EngineException | RuntimeException | LinkageError e) {
            kept.doesNotServe(bundle.id(), e.getMessage());
            notInUse(offer, "it does not run here: " + e.getMessage());
        } catch (IOException | Error e) {
            kept.forget(bundle.id(), e.getMessage());
            notInUse(offer, "it cannot be loaded: " + e.getMessage());
        }
    }

    /** All is as it was, and a trial goes on. */
    private void notInUse(Offer offer, String why) {
        phase = former == null ? Phase.SETTLED : Phase.TRIAL;
        owner.refused(offer, why);
        judge();
    }

    private void inUse(Bundle bundle, Bundle better) {
        BundleVersion from = version();
        if (running != better) {
            kept.forget(running.id(), "its trial gives way to that of " + VersionOrder.of(bundle));
        }
        former = better;
        running = bundle;
        phase = Phase.TRIAL;
        owner.tell(to -> to.bundleUpdated(from, version()));
        owner.tried();
        judge();
    }

    /** The trial is decided, or about to begin. */
    private void judge() {
        if (phase != Phase.TRIAL) {
            return;
        }
        switch (watch.verdict()) {
            case KEEP -> keep();
            case WORSE -> giveBack(watch.why(), kept::doesNotServe);
            case UNDECIDED -> {}
        }
    }

    private void keep() {
        kept.cameThrough(running);
        settle();
    }

    private void settle() {
        watch.kept();
        former = null;
        phase = Phase.SETTLED;
        owner.settled();
    }

    /** The version that the one on trial gives way to; null while none is. */
    Bundle former() {
        return phase == Phase.TRIAL ? former : null;
    }

    /** The one on trial gives way, and nothing is wrong with it: it may come again. */
    void withdraw(String why) {
        giveBack(why, kept::forget);
    }

    /** @param fate of the one on trial, given its id and why */
    private void giveBack(String why, BiConsumer<String, String> fate) {
        Bundle worse = running;
        Bundle better = former;
        phase = Phase.RETURNING;
        try {
            host.useAtOnce(better, () -> owner.execute(() -> returned(worse, better, why, fate)));
        } catch (IOException | EngineException | RuntimeException | Error e) {
            LOG.log(
                    Level.SEVERE,
                    "the version before " + version() + " does not load any more; it stays, though " + why,
                    e);
            settle();
        }
    }

    /** Only now is the worse one done with: had the former not loaded, there would be no other. */
    private void returned(Bundle worse, Bundle better, String why, BiConsumer<String, String> fate) {
        running = better;
        former = null;
        phase = Phase.SETTLED;
        watch.givenBack();
        fate.accept(worse.id(), why);
        owner.tell(to -> to.rolledBack(VersionOrder.of(worse), version(), why));
        owner.settled();
    }
}
