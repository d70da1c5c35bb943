package dev.cleave.gateway.model;

import java.util.List;

/**
 * What is to be known of one bundle file. Of a file that failed only {@code file}, {@code state} and {@code reason}
 * are certain; the rest is empty where it could not be read.
 *
 * @param file name of the file in the models directory
 * @param points split points served, 0 = CLOUD
 * @param provider execution provider in use
 * @param precision in which the tails run
 * @param reason of FAILED, or what is notable about a model that is served: a refused provider, a failed warm-up
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
        String reason) {
    public ModelStatus {
        points = List.copyOf(points);
    }

    static ModelStatus unread(String file, ModelState state, String reason) {
        return new ModelStatus(file, "", "", "", List.of(), "", "", state, reason);
    }
}
