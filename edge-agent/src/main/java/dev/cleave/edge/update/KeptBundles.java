package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The versions that an agent may begin with: its own bundle, and those newer ones that it fetched before. Owns the folder until
 * closed. Not thread-safe.
 */
public final class KeptBundles implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(KeptBundles.class.getName());

    /** A version whose trial was begun so often and never came to its end has ended the process each time, perhaps. */
    private static final int MOST_TRIAL_STARTS = 3;

    private final Bundle own;
    private final BundleTrust trust;
    private final BundleShelf shelf;

    private KeptBundles(Bundle own, BundleTrust trust, BundleShelf shelf) {
        this.own = own;
        this.trust = trust;
        this.shelf = shelf;
    }

    /**
     * Opens the folder.
     *
     * @param own the bundle that the application came with, which says what the application relies on
     * @param trust null: any bundle is believed
     * @throws IOException if the folder cannot be used; one line
     */
    public static KeptBundles open(UpdateSettings settings, Bundle own, BundleTrust trust) throws IOException {
        return new KeptBundles(own, trust, BundleShelf.open(settings.folder()));
    }

    /** Those that were fetched, are still believed and newer than the agent's own: the newest first. What is not is removed. */
    public List<Bundle> newerThanOwn() throws IOException {
        List<Bundle> newer = new ArrayList<>();
        for (String id : shelf.kept()) {
            if (shelf.entry(id).state() == BundleShelf.State.TRIAL
                    && shelf.entry(id).starts() >= MOST_TRIAL_STARTS) {
                doesNotServe(id, "its trial was begun " + MOST_TRIAL_STARTS + " times and never came to its end");
                continue;
            }
            Bundle bundle = opened(id);
            if (bundle != null) {
                newer.add(bundle);
            }
        }
        newer.sort(KeptBundles::newestFirst);
        return newer;
    }

    private static int newestFirst(Bundle a, Bundle b) {
        BundleVersion first = VersionOrder.of(a);
        BundleVersion second = VersionOrder.of(b);
        return VersionOrder.isNewer(first, second) ? -1 : VersionOrder.isNewer(second, first) ? 1 : 0;
    }

    private Bundle opened(String id) throws IOException {
        String why;
        try {
            Bundle bundle = Bundle.open(shelf.file(id));
            why = refusal(id, bundle);
            if (why == null) {
                return bundle;
            }
        } catch (IOException e) {
            why = e.getMessage();
        }
        LOG.log(Level.INFO, "version {0} that was fetched before is removed: {1}", new Object[] {id, why});
        shelf.drop(id);
        return null;
    }

    private String refusal(String id, Bundle bundle) throws IOException {
        if (!bundle.id().equals(id)) {
            return "it is bundle " + bundle.id();
        }
        if (!VersionOrder.isNewer(VersionOrder.of(bundle), VersionOrder.of(own))) {
            return "the application's own is " + VersionOrder.of(own);
        }
        if (trust != null) {
            trust.check(bundle);
        }
        return Compatibility.refusal(own.contract(), bundle.contract());
    }

    /** Is not run any more. */
    public void doesNotServe(String bundleId, String why) throws IOException {
        LOG.log(Level.WARNING, "version {0} that was fetched before is not used: {1}", new Object[] {bundleId, why});
        shelf.mark(bundleId, BundleShelf.State.BAD, 0);
        shelf.remove(bundleId);
    }

    /** Whether a version is still on trial. */
    public boolean isOnTrial(Bundle bundle) {
        BundleShelf.Entry entry = shelf.entry(bundle.id());
        return entry != null && entry.state() == BundleShelf.State.TRIAL;
    }

    /** Remembers that one on trial is about to run: whatever that does to the process. */
    public void begins(Bundle bundle) throws IOException {
        if (isOnTrial(bundle)) {
            shelf.mark(
                    bundle.id(),
                    BundleShelf.State.TRIAL,
                    shelf.entry(bundle.id()).starts() + 1);
        }
    }

    /** What is known of a bundle by its name. */
    public static BundleVersion version(Bundle bundle) {
        return VersionOrder.of(bundle);
    }

    Bundle own() {
        return own;
    }

    BundleTrust trust() {
        return trust;
    }

    BundleShelf shelf() {
        return shelf;
    }

    @Override
    public void close() {
        shelf.close();
    }
}
