package dev.cleave.gateway.model;

import java.util.List;

/**
 * What is to be known of one version of a model. Of a file that failed only {@code file}, {@code state} and
 * {@code reason} are certain; the rest is empty where it could not be read.
 *
 * @param file in the models directory, {@code name.cleave} or {@code name/version/any.cleave}, or the same with {@code .onnx}
 * @param bundleId of a plain model the SHA-256 of its files, name and version
 * @param points split points served, 0 = CLOUD
 * @param provider execution provider in use
 * @param precision in which the tails run; {@code plain} for a plain model, which has what its graph has
 * @param reason of FAILED, or what is notable about a model that is served: a refused provider, a failed warm-up
 * @param labels that point to this version, in the order of their names
 * @param bytes of memory that are counted for it; 0 while it is not loaded
 * @param streams that agents hold open for it
 */
public record ModelStatus(
        String file,
        String name,
        String version,
        String bundleId,
        List<Integer> points,
        String provider,
        String precision,
        ModelState state,
        String reason,
        List<String> labels,
        long bytes,
        int streams) {
    public ModelStatus {
        points = List.copyOf(points);
        labels = List.copyOf(labels);
    }

    /** Of a file of which no more is known than its place. */
    public static ModelStatus unread(String file, ModelState state, String reason) {
        return new ModelStatus(file, "", "", "", List.of(), "", "", state, reason, List.of(), 0, 0);
    }
}
