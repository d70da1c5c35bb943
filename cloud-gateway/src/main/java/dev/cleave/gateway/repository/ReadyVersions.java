package dev.cleave.gateway.repository;

import dev.cleave.bundle.VersionOrder;
import dev.cleave.gateway.model.ServedModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Which of the READY versions a name, a version or a label means. Thread-safe. */
final class ReadyVersions {
    private final Holdings holdings;

    ReadyVersions(Holdings holdings) {
        this.holdings = holdings;
    }

    /** See {@link ModelRepository#find}. */
    ServedModel find(String name, String versionOrLabel) {
        List<VersionSlot> ready = holdings.ready(name);
        if (versionOrLabel.isEmpty()) {
            VersionSlot stable = labelled(ready, name, ModelRepository.STABLE);
            return model(stable == null ? newest(ready) : stable);
        }
        VersionSlot exact = ofVersion(ready, versionOrLabel);
        return model(exact == null ? labelled(ready, name, versionOrLabel) : exact);
    }

    /** One that begins to drain just now only if there is no other; null if there is none at all. */
    private static VersionSlot newest(List<VersionSlot> ready) {
        return ready.stream()
                .filter(slot -> !slot.model().isDraining())
                .findFirst()
                .orElse(ready.isEmpty() ? null : ready.get(0));
    }

    /** See {@link ModelRepository#isOffered}. */
    boolean isOffered(ServedModel model) {
        List<VersionSlot> ready = holdings.ready(model.name());
        VersionSlot own =
                ready.stream().filter(slot -> slot.model() == model).findFirst().orElse(null);
        VersionSlot stable = labelled(ready, model.name(), ModelRepository.STABLE);
        return own != null && !model.isDraining() && (stable == null || !isNewer(own, stable));
    }

    private static ServedModel model(VersionSlot slot) {
        return slot == null ? null : slot.model();
    }

    private static VersionSlot ofVersion(List<VersionSlot> ready, String version) {
        return ready.stream()
                .filter(slot -> slot.version().equals(version))
                .findFirst()
                .orElse(null);
    }

    private VersionSlot labelled(List<VersionSlot> ready, String name, String label) {
        String version = holdings.labels().version(name, label);
        return version == null ? null : ofVersion(ready, version);
    }

    /** By insertion, for with releases of some it is no order that a sort could rely on. */
    static List<VersionSlot> newestFirst(List<VersionSlot> slots) {
        List<VersionSlot> sorted = new ArrayList<>();
        for (VersionSlot slot : slots) {
            int at = 0;
            while (at < sorted.size() && !isNewer(slot, sorted.get(at))) {
                at++;
            }
            sorted.add(at, slot);
        }
        return Collections.unmodifiableList(sorted);
    }

    private static boolean isNewer(VersionSlot a, VersionSlot b) {
        return VersionOrder.compare(a.version(), a.release(), b.version(), b.release()) > 0;
    }
}
