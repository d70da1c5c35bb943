package dev.cleave.edge.update;

import dev.cleave.crypto.Hex;
import dev.cleave.edge.events.BundleVersion;
import dev.cleave.v1.ServedBundle;

/**
 * An edge view that a gateway says it has. Nothing here is believed: it says what to expect.
 *
 * @param bytes of the view, at least 1
 * @param sha256 of its bytes, lower-case hex
 */
record Offer(BundleVersion version, long bytes, String sha256) {
    private static final int DIGEST_BYTES = 32;
    private static final int MAX_TEXT = 128;

    /** Null if there is nothing to fetch, or the gateway says things that cannot be. */
    static Offer of(ServedBundle served) {
        boolean sane = Hex.is(served.getBundleId(), DIGEST_BYTES)
                && Hex.is(served.getEdgeViewSha256(), DIGEST_BYTES)
                && isPrintable(served.getModelName())
                && isPrintable(served.getModelVersion())
                && served.getEdgeViewBytes() > 0
                && served.getRelease() >= 0;
        return !sane
                ? null
                : new Offer(
                        new BundleVersion(
                                served.getModelName(),
                                served.getModelVersion(),
                                served.getRelease(),
                                served.getBundleId()),
                        served.getEdgeViewBytes(),
                        served.getEdgeViewSha256());
    }

    /** Names of files hold one, and lines of logs the other. */
    private static boolean isPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return false;
            }
        }
        return text.length() <= MAX_TEXT;
    }

    /** What tells it from another offer, also of the same bundle. */
    String key() {
        return version.bundleId() + " " + sha256;
    }
}
