package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.edge.events.BundleVersion;
import java.io.IOException;
import java.nio.file.Path;

/** A download that is whole, on its way to being a bundle that may run: every check that needs no engine. */
final class FetchedBundle {
    private FetchedBundle() {}

    /** A bundle, or why it is none to be run. One of the two is null. */
    record Checked(Bundle bundle, String refusal) {}

    /**
     * Checks a file whose digest is right, gives it its place and opens it there: its weights are mapped from where it lies. What is
     * refused is removed, and never was anywhere else.
     *
     * @param running what the new one has to be newer than
     * @param kept says what the application relies on, and who is believed
     * @throws IOException if it cannot be kept; the download stays
     */
    static Checked check(Path part, Offer offer, Bundle running, KeptBundles kept) throws IOException {
        String refusal = refusal(part, offer, running, kept);
        if (refusal != null) {
            kept.shelf().removeFile(part);
            return new Checked(null, refusal);
        }
        String id = offer.version().bundleId();
        Path file = kept.shelf().takeOnTrial(id, part);
        try {
            return new Checked(Bundle.open(file), null);
        } catch (IOException | RuntimeException | Error e) {
            kept.forget(id, e.getMessage());
            throw e;
        }
    }

    private static String refusal(Path part, Offer offer, Bundle running, KeptBundles kept) {
        try {
            Bundle bundle = Bundle.open(part);
            String refusal = refusal(bundle, offer, running, kept);
            if (refusal == null) {
                kept.requireTrusted(bundle);
            }
            return refusal;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // Whatever a foreign file does to its reader.
            return String.valueOf(e.getMessage());
        }
    }

    private static String refusal(Bundle bundle, Offer offer, Bundle running, KeptBundles kept) {
        BundleVersion version = VersionOrder.of(bundle);
        if (!version.equals(offer.version())) {
            return "the gateway called it " + offer.version() + "; it is " + version;
        }
        if (!VersionOrder.isNewer(version, VersionOrder.of(running))) {
            return "it is no newer than " + VersionOrder.of(running);
        }
        return Compatibility.refusal(kept.own().contract(), running.contract(), bundle.contract());
    }
}
