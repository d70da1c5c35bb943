package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A download that is whole, on its way to being a bundle that may run: every check that needs no engine. */
final class FetchedBundle {
    private FetchedBundle() {}

    /** A bundle, or why it is none to be run. One of the two is null. */
    record Checked(Bundle bundle, String refusal) {}

    /**
     * Moves a file whose digest was checked to its place and opens it there: its weights are mapped from where it lies.
     *
     * @param running what the new one has to be newer than
     * @param kept says what the application relies on, and who is believed
     * @throws IOException if it cannot be moved or read
     */
    static Checked check(Path part, Offer offer, BundleVersion running, KeptBundles kept) throws IOException {
        Path file = kept.shelf().file(offer.version().bundleId());
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        Checked checked = opened(file, offer, running, kept);
        if (checked.refusal() != null) {
            kept.shelf().remove(offer.version().bundleId());
        }
        return checked;
    }

    private static Checked opened(Path file, Offer offer, BundleVersion running, KeptBundles kept) {
        try {
            Bundle bundle = Bundle.open(file);
            String refusal = refusal(bundle, offer, running, kept);
            return refusal == null ? new Checked(bundle, null) : new Checked(null, refusal);
        } catch (IOException e) {
            return new Checked(null, e.getMessage());
        }
    }

    private static String refusal(Bundle bundle, Offer offer, BundleVersion running, KeptBundles kept)
            throws IOException {
        BundleVersion version = VersionOrder.of(bundle);
        if (!version.equals(offer.version())) {
            return "the gateway called it " + offer.version() + "; it is " + version;
        }
        if (!VersionOrder.isNewer(version, running)) {
            return "it is no newer than " + running;
        }
        String changed = Compatibility.refusal(kept.own().contract(), bundle.contract());
        if (changed != null) {
            return changed;
        }
        BundleTrust trust = kept.trust();
        if (trust != null) {
            trust.check(bundle);
        }
        return null;
    }
}
