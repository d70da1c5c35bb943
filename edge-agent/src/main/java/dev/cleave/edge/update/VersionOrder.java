package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.edge.events.BundleVersion;

/** Versions of a model as {@link dev.cleave.bundle.VersionOrder} has them. Pure. */
final class VersionOrder {
    private VersionOrder() {}

    static BundleVersion of(Bundle bundle) {
        Contract contract = bundle.contract();
        long release = bundle.signature() == null ? 0 : bundle.signature().release();
        return new BundleVersion(contract.modelName(), contract.modelVersion(), release, bundle.id());
    }

    static boolean isNewer(BundleVersion a, BundleVersion b) {
        return dev.cleave.bundle.VersionOrder.compare(a.modelVersion(), a.release(), b.modelVersion(), b.release()) > 0;
    }
}
