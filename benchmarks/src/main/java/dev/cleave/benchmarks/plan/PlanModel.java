package dev.cleave.benchmarks.plan;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.CodecChoices;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Preprocessing;
import java.nio.file.Path;

/**
 * A model that plans are made for.
 *
 * @param preprocessing without geometry: the pictures have the model's size
 * @param preprocessingFile the same as a file
 * @param pictures folder
 * @param samples the same as the model takes them
 * @param trained false: a topology with seeded weights, whose codec is pinned as its answers mean nothing
 */
public record PlanModel(
        String name,
        ModelSummary summary,
        Preprocessing preprocessing,
        Path preprocessingFile,
        Path pictures,
        Samples samples,
        boolean trained) {
    /** What trained networks of this kind need. */
    private static final CodecChoices PINNED = CodecChoices.pinned(24, 90);

    CodecChoices choices() {
        return trained ? CodecChoices.ALL : PINNED;
    }

    double maxDisagreement() {
        return trained ? Constraints.defaults().maxDisagreement() : 1;
    }

    Constraints constraints() {
        return new Constraints(maxDisagreement(), Constraints.UNLIMITED, null);
    }
}
