package dev.cleave.edge.update;

import dev.cleave.edge.events.BundleVersion;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.ServedBundle;
import java.util.function.Predicate;

/** Which of a gateway's bundles is worth fetching. Pure. */
final class OfferChoice {
    private static final int MOST_BUNDLES = 1000;

    private OfferChoice() {}

    /**
     * The newest one of the running model, or null if none is newer than what runs.
     *
     * @param passedOver offers that were looked at before and not taken
     */
    static Offer newest(DescribeResponse response, BundleVersion running, Predicate<Offer> passedOver) {
        Offer newest = null;
        int count = Math.min(MOST_BUNDLES, response.getBundlesCount());
        for (ServedBundle served : response.getBundlesList().subList(0, count)) {
            Offer offer = Offer.of(served);
            boolean wanted = offer != null
                    && offer.version().modelName().equals(running.modelName())
                    && VersionOrder.isNewer(offer.version(), running)
                    && !passedOver.test(offer);
            if (wanted && (newest == null || VersionOrder.isNewer(offer.version(), newest.version()))) {
                newest = offer;
            }
        }
        return newest;
    }

    /** Whether the gateway says that it serves a bundle, whether or not there is anything to fetch. */
    static boolean serves(DescribeResponse response, String bundleId) {
        return response.getBundlesList().stream()
                .anyMatch(served -> served.getBundleId().equals(bundleId));
    }

    /** Why an offer is not fetched whatever it holds, or null; one line. */
    static String refusal(Offer offer, boolean mustBeSigned, long maxBytes) {
        if (mustBeSigned && offer.version().release() == 0) {
            return "it is not signed; expected a signature by a trusted key";
        }
        if (offer.bytes() > maxBytes) {
            return "it has " + offer.bytes() + " bytes; expected at most " + maxBytes;
        }
        return null;
    }
}
