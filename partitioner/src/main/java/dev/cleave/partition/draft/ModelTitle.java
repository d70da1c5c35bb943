package dev.cleave.partition.draft;

import java.util.List;

/**
 * What people call a model and its answers.
 *
 * @param name under which a gateway will serve it
 * @param version free text
 * @param labels of the classes of the first output, or empty
 */
public record ModelTitle(String name, String version, List<String> labels) {
    public ModelTitle {
        labels = List.copyOf(labels);
    }

    /** Of a bundle that nobody will see. */
    public static ModelTitle unnamed() {
        return new ModelTitle("draft", "0", List.of());
    }
}
