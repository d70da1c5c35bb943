package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The application's own bundle and the newer ones that an agent fetched, with what became of them. Owns the folder until closed. Not
 * thread-safe.
 *
 * <p>Whatever is not remembered, since the disk is full say, is logged: it costs another trial or another download, never the
 * version in use.
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

    /**
     * Those that were fetched, are trusted and newer than the agent's own, and that one, if it is trusted. What cannot be used any more
     * is removed, unless nothing would be left.
     *
     * @throws IOException if none is trusted: why the agent's own is not
     */
    public StartingVersions startingVersions() throws IOException {
        List<Bundle> versions = new ArrayList<>();
        Map<String, String> refused = new LinkedHashMap<>();
        for (String id : shelf.kept()) {
            try {
                versions.add(opened(id));
            } catch (IOException | RuntimeException e) {
                refused.put(id, e.getMessage());
            }
        }
        versions.sort(KeptBundles::newestFirst);
        addOwn(versions);
        refused.forEach(this::forget);
        for (Bundle version : new ArrayList<>(versions.subList(0, versions.size() - 1))) {
            if (isOnTrial(version) && shelf.entry(version.id()).starts() >= MOST_TRIAL_STARTS) {
                versions.remove(version);
                doesNotServe(
                        version.id(), "its trial was begun " + MOST_TRIAL_STARTS + " times and never came to its end");
            }
        }
        Set<String> onTrial = new HashSet<>();
        versions.stream().filter(this::isOnTrial).forEach(version -> onTrial.add(version.id()));
        return new StartingVersions(versions, onTrial);
    }

    private static int newestFirst(Bundle a, Bundle b) {
        BundleVersion first = VersionOrder.of(a);
        BundleVersion second = VersionOrder.of(b);
        return VersionOrder.isNewer(first, second) ? -1 : VersionOrder.isNewer(second, first) ? 1 : 0;
    }

    /** @throws IOException if it is not to be run; one line */
    private Bundle opened(String id) throws IOException {
        Bundle bundle = Bundle.open(shelf.file(id));
        if (!bundle.id().equals(id)) {
            throw new IOException("it is bundle " + bundle.id());
        }
        if (!VersionOrder.isNewer(VersionOrder.of(bundle), VersionOrder.of(own))) {
            throw new IOException("the application's own is " + VersionOrder.of(own));
        }
        String changed = Compatibility.refusal(own.contract(), own.contract(), bundle.contract());
        if (changed != null) {
            throw new IOException(changed);
        }
        requireTrusted(bundle);
        return bundle;
    }

    private void addOwn(List<Bundle> versions) throws IOException {
        try {
            requireTrusted(own);
            versions.add(own);
        } catch (IOException e) {
            if (versions.isEmpty()) {
                throw e;
            }
            LOG.log(Level.WARNING, "there is no returning to the application''s own bundle: {0}", e.getMessage());
        }
    }

    /** Sorts out early. What keeps a bundle that is not trusted from running is the check where it would be loaded. */
    void requireTrusted(Bundle bundle) throws IOException {
        if (trust != null) {
            trust.check(bundle);
        }
    }

    private boolean isOnTrial(Bundle bundle) {
        BundleShelf.Entry entry = shelf.entry(bundle.id());
        return entry != null && entry.state() == BundleShelf.State.TRIAL;
    }

    /**
     * Remembers that one on trial is about to run: whatever that does to the process.
     *
     * @throws IOException if that cannot be remembered; then it is not to be run, since its starts would not be counted
     */
    public void begins(Bundle bundle) throws IOException {
        if (isOnTrial(bundle)) {
            shelf.mark(
                    bundle.id(),
                    BundleShelf.State.TRIAL,
                    shelf.entry(bundle.id()).starts() + 1);
        }
    }

    /** A version came through its trial. It is good before its release is accepted: the next start sees to what is left undone. */
    void cameThrough(Bundle bundle) {
        try {
            shelf.mark(bundle.id(), BundleShelf.State.GOOD, 0);
            if (trust != null) {
                trust.accepted(bundle);
            }
            shelf.keepOnly(bundle.id());
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "{0} did well; the next start has to see to what is not remembered of it: {1}",
                    new Object[] {VersionOrder.of(bundle), e.getMessage()});
        }
    }

    /** A version is neither run nor fetched any more. */
    public void doesNotServe(String bundleId, String why) {
        LOG.log(Level.WARNING, "version {0} that was fetched is not used any more: {1}", new Object[] {bundleId, why});
        try {
            shelf.mark(bundleId, BundleShelf.State.BAD, 0);
        } catch (IOException e) {
            notRemembered(bundleId, e);
        }
        shelf.remove(bundleId);
    }

    /** A version and its file go; it may be fetched again. */
    void forget(String bundleId, String why) {
        LOG.log(Level.INFO, "version {0} that was fetched is removed: {1}", new Object[] {bundleId, why});
        try {
            shelf.drop(bundleId);
        } catch (IOException e) {
            notRemembered(bundleId, e);
        }
    }

    private static void notRemembered(String bundleId, IOException why) {
        LOG.log(Level.WARNING, "that is not remembered of version {0}: {1}", new Object[] {bundleId, why.getMessage()});
    }

    /** Whether a version is here already, or was and did not serve: nothing that goes by its name is fetched. */
    boolean isKnown(String bundleId) {
        return bundleId.equals(own.id())
                || shelf.isBad(bundleId)
                || shelf.kept().contains(bundleId);
    }

    boolean mustBeSigned() {
        return trust != null;
    }

    Bundle own() {
        return own;
    }

    BundleShelf shelf() {
        return shelf;
    }

    @Override
    public void close() {
        shelf.close();
    }
}
