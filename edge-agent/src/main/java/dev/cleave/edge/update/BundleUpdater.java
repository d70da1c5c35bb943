package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.v1.DescribeResponse;
import io.grpc.Channel;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps an agent's bundle up to date. Owns the folder of kept bundles and its {@link UpdateThread}, on which everything here
 * happens, one after another: so no state has a lock.
 *
 * <pre>
 *  +------- nothing newer, refused, given up ------+
 *  v                                               |
 * IDLE --due--&gt; ASKING --newer--&gt; FETCHING --whole--&gt; CHANGING ({@link VersionInUse})
 *  ^                                                   |
 *  +---------------- in use, on trial -----------------+
 * </pre>
 *
 * <p>What becomes of a trial is {@link VersionInUse}'s; the gateway is asked meanwhile, too, or a version that is asked nothing would
 * keep every later one out.
 */
public final class BundleUpdater implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(BundleUpdater.class.getName());
    private static final int MOST_PASSED_OVER = 100;
    private static final int MOST_LOOKED_AT = 8;

    private enum Phase {
        IDLE,
        ASKING,
        FETCHING,
        CHANGING
    }

    private final UpdateSettings settings;
    private final KeptBundles kept;
    private final BundleHost host;
    private final VersionInUse version;
    private final BundleSource source;
    private final Scheduler scheduler;
    private final Random random;
    private final AskTimes times;
    private final AgentListener listener;
    private final UpdateThread thread;
    /** The version to return to if that which the agent began with is on trial still; else null. */
    private final Bundle former;

    /** Offers that are not to be looked at again by this process. */
    private final Set<String> passedOver = new LinkedHashSet<>();

    private Phase phase = Phase.IDLE;
    /** While one is under way. */
    private BundleFetch fetch;

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
        this.thread = new UpdateThread(executor, this::recover);
        this.former = former;
        this.host = host;
        this.version = new VersionInUse(kept, host, settings.trialRequests(), running, new Trying());
        this.source = new BundleSource(gateway, thread::execute);
        this.scheduler = scheduler;
        this.random = random;
        this.times = new AskTimes(settings.checkEvery().toNanos(), random);
        this.listener = listener;
    }

    /** Begins: with a trial that did not come to its end, or waiting for the link. */
    public void start() {
        thread.execute(() -> {
            // Not at once: a version that has answered nothing yet is one that nothing can be compared with.
            times.asked(scheduler.nanoTime());
            wakeAt(times.soon());
            if (former != null) {
                version.goOnTrying(former);
            }
        });
    }

    /** A stream to the gateway was opened, or is gone. */
    public void linkChanged(boolean up) {
        thread.execute(() -> {
            if (phase == Phase.IDLE) {
                wakeAt(times.afterLink(up));
            } else if (phase == Phase.FETCHING && up) {
                fetch.linkUp();
            }
        });
    }

    /** A request of a version ended. */
    public void requestEnded(String bundleId, RequestSample sample) {
        version.requestEnded(bundleId, sample);
    }

    /** What becomes of a version that is in use, or was to be. */
    private final class Trying implements VersionInUse.Owner {
        @Override
        public void execute(Runnable step) {
            thread.execute(step);
        }

        @Override
        public void tried() {
            idle();
        }

        @Override
        public void refused(Offer offer, String why) {
            passOver(offer, why);
            idle();
        }

        @Override
        public void settled() {
            if (phase == Phase.IDLE) {
                idle(); // of another version, which may have another link
            }
        }

        @Override
        public void tell(Consumer<AgentListener> event) {
            BundleUpdater.this.tell(event);
        }
    }

    /** A step has thrown; a version that is about to be in use will still be so, or be refused. */
    private void recover() {
        if (fetch != null) {
            fetch.end("an error");
        }
        if (phase != Phase.CHANGING || !version.isChanging()) {
            idle();
        }
    }

    /** One timer, for whatever the phase waits for. */
    private void wakeAt(long nanos) {
        timer.cancel();
        long wake = ++wakes;
        timer = scheduler.schedule(() -> thread.execute(() -> woken(wake)), nanos);
    }

    private void woken(long wake) {
        if (wake != wakes) {
            return; // it came to its time while something else happened
        }
        switch (phase) {
            case IDLE -> ask();
            case FETCHING -> fetch.woken();
            case ASKING, CHANGING -> {}
        }
    }

    private void idle() {
        phase = Phase.IDLE;
        fetch = null;
        wakeAt(times.next(host.isLinked()));
    }

    /** The gateway is asked again soon. */
    private void idleForNow() {
        idle();
        wakeAt(times.soon());
    }

    private void ask() {
        times.asked(scheduler.nanoTime());
        if (!settings.isAllowed()) {
            idle();
            return;
        }
        phase = Phase.ASKING;
        source.describe(version.version().modelName(), new BundleSource.Answer() {
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

    private void choose(DescribeResponse response) {
        Bundle former = version.former();
        if (former != null
                && host.isStranded()
                && OfferChoice.serves(response, former.id())
                && !OfferChoice.serves(response, version.running().id())) {
            version.withdraw("the gateway serves " + VersionOrder.of(former) + " and not this one any more");
        }
        boolean signed = kept.mustBeSigned();
        Offer newest = OfferChoice.newest(response, version.version(), this::isPassedOver);
        for (int looked = 0; newest != null && looked < MOST_LOOKED_AT; looked++) {
            String refusal = OfferChoice.refusal(newest, signed, settings.maxBundleBytes());
            if (refusal == null) {
                phase = Phase.FETCHING;
                fetch = new BundleFetch(newest, settings, kept.shelf(), source, scheduler, random, new Fetched(newest));
                fetch.start();
                return;
            }
            passOver(newest, refusal);
            newest = OfferChoice.newest(response, version.version(), this::isPassedOver);
        }
        idle();
    }

    /** What is here already is as its contract says: another file under its name brings nothing, and must not take its place. */
    private boolean isPassedOver(Offer asked) {
        String id = asked.version().bundleId();
        return passedOver.contains(asked.key()) || id.equals(version.running().id()) || kept.isKnown(id);
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
            idleForNow();
        }

        @Override
        public void wakeAt(long nanos) {
            BundleUpdater.this.wakeAt(nanos);
        }
    }

    private void install(Offer offer, Path part) {
        if (version.isChanging()) {
            idleForNow(); // to the version before: what has come stays
            return;
        }
        phase = Phase.CHANGING;
        fetch = null;
        timer.cancel();
        try {
            FetchedBundle.Checked checked = FetchedBundle.check(part, offer, version.running(), kept);
            if (checked.refusal() != null) {
                passOver(offer, checked.refusal());
                idle();
            } else {
                version.tryOut(offer, checked.bundle());
            }
        } catch (IOException e) {
            giveUp(offer, "it cannot be kept in " + settings.folder() + ": " + e.getMessage());
        }
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
        thread.end(this::end);
    }

    private void end() {
        if (fetch != null) {
            fetch.end("agent is closed");
        }
        timer.cancel();
        kept.close();
    }
}
