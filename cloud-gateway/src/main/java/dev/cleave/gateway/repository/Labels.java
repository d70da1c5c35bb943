package dev.cleave.gateway.repository;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Names for versions of models: {@code stable} of "resnet" is 3. Immutable. */
final class Labels {
    static final Labels NONE = new Labels(new TreeMap<>());

    private final SortedMap<String, SortedMap<String, String>> byModel;

    Labels(Map<String, ? extends Map<String, String>> byModel) {
        SortedMap<String, SortedMap<String, String>> copy = new TreeMap<>();
        byModel.forEach((model, labels) -> {
            if (!labels.isEmpty()) {
                copy.put(model, new TreeMap<>(labels));
            }
        });
        this.byModel = copy;
    }

    /** The version that a label of a model points to, or null. */
    String version(String model, String label) {
        return byModel.getOrDefault(model, new TreeMap<>()).get(label);
    }

    /** Those that point to a version, in order. */
    List<String> of(String model, String version) {
        return byModel.getOrDefault(model, new TreeMap<>()).entrySet().stream()
                .filter(label -> label.getValue().equals(version))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Every version that a label points to, by model. */
    Map<String, Set<String>> versions() {
        Map<String, Set<String>> versions = new TreeMap<>();
        byModel.forEach((model, labels) -> versions.put(model, new LinkedHashSet<>(labels.values())));
        return versions;
    }

    /** The same with one label moved, or taken away where the version is null. */
    Labels with(String model, String label, String version) {
        Map<String, Map<String, String>> changed = new TreeMap<>(byModel);
        Map<String, String> labels = new TreeMap<>(changed.getOrDefault(model, Map.of()));
        if (version == null) {
            labels.remove(label);
        } else {
            labels.put(label, version);
        }
        changed.put(model, labels);
        return new Labels(changed);
    }

    /** By model, then by label. */
    SortedMap<String, SortedMap<String, String>> all() {
        SortedMap<String, SortedMap<String, String>> copy = new TreeMap<>();
        byModel.forEach((model, labels) -> copy.put(model, new TreeMap<>(labels)));
        return copy;
    }
}
