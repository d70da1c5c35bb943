package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.View;

/** The first point that a gateway serves of a model. Pure. */
public final class FirstPoint {
    private FirstPoint() {}

    /**
     * 0 of a plain model; of a bundle the first whose tail its view holds whole and the privacy floor allows.
     *
     * @throws BundleException if this view of a bundle cannot be served
     */
    public static int of(ModelSource source) throws BundleException {
        return source instanceof BundleSource bundled ? of(bundled.bundle()) : 0;
    }

    private static int of(Bundle bundle) throws BundleException {
        if (bundle.manifest().view() == View.EDGE) {
            throw new BundleException(
                    bundle.file().getFileName() + " holds the edge view; a gateway needs full or cloud");
        }
        Contract contract = bundle.contract();
        if (contract.privacyFloor() == contract.local()) {
            throw new BundleException(bundle.file().getFileName()
                    + " has its privacy floor at LOCAL; a gateway needs a point that may be split");
        }
        int first = contract.local();
        while (first > contract.privacyFloor() && bundle.hasGraph(contract.precision(), "segment-" + (first - 1))) {
            first--;
        }
        if (first == contract.local()) {
            throw new BundleException(bundle.file().getFileName() + " holds no graph segment-" + (first - 1) + " of "
                    + contract.precision() + "; expected the tail of at least one point");
        }
        return first;
    }
}
