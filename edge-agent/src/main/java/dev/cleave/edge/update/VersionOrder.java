package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.VersionText;
import dev.cleave.edge.events.BundleVersion;

/**
 * Which of two versions of a model is the newer one. Pure.
 *
 * <p>Of two signed ones that with the higher release number; the text of the version does not matter then. Otherwise versions are
 * compared as people read them, {@code 2} before {@code 10} and {@code 1.9} before {@code 1.10}: runs of digits as numbers, all
 * else as text.
 */
final class VersionOrder {
    private VersionOrder() {}

    static BundleVersion of(Bundle bundle) {
        Contract contract = bundle.contract();
        long release = bundle.signature() == null ? 0 : bundle.signature().release();
        return new BundleVersion(contract.modelName(), contract.modelVersion(), release, bundle.id());
    }

    static boolean isNewer(BundleVersion a, BundleVersion b) {
        boolean signed = a.release() > 0 && b.release() > 0;
        return signed ? a.release() > b.release() : VersionText.compare(a.modelVersion(), b.modelVersion()) > 0;
    }
}
