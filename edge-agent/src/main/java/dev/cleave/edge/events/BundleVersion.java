package dev.cleave.edge.events;

import java.util.Objects;

/**
 * Which bundle of a model.
 *
 * @param modelVersion free text
 * @param release number in its signature, or 0 if it has none
 * @param bundleId SHA-256 of its contract, lower-case hex
 */
public record BundleVersion(String modelName, String modelVersion, long release, String bundleId) {
    private static final int ID_CHARACTERS_SHOWN = 12;

    public BundleVersion {
        Objects.requireNonNull(modelName, "modelName");
        Objects.requireNonNull(modelVersion, "modelVersion");
        Objects.requireNonNull(bundleId, "bundleId");
    }

    /** {@code classifier 2 (release 7, bundle 0123456789ab)}. */
    @Override
    public String toString() {
        String id = bundleId.substring(0, Math.min(ID_CHARACTERS_SHOWN, bundleId.length()));
        return modelName + " " + modelVersion + " (" + (release == 0 ? "" : "release " + release + ", ") + "bundle "
                + id + ")";
    }
}
