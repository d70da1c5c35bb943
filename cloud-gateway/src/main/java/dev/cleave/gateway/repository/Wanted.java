package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.VersionPolicy;
import dev.cleave.gateway.repository.Situation.Held;
import dev.cleave.gateway.repository.Situation.OnDisk;
import dev.cleave.gateway.repository.Situation.Phase;
import dev.cleave.gateway.repository.Situation.Trouble;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which of the files on disk are to be loaded, and which of the held versions are to be kept. Pure.
 *
 * <p>A file in the models directory itself is wanted as long as it lies there; of a model's folder the policy picks. A file
 * that failed is no version of a model: {@code latest:1} is then the one before it. One for which there was no room is both:
 * it stays wanted, and so does the one before it.
 */
final class Wanted {
    /** If nothing were in the way of any of them. */
    final Set<String> asMeant;
    /** If those for which there is no room could be had. */
    final Set<String> withRoom;
    /** As it is. */
    final Set<String> now;

    private final Situation situation;

    private Wanted(Situation situation) {
        this.situation = situation;
        asMeant = pick(EnumSet.allOf(Trouble.class));
        withRoom = pick(EnumSet.of(Trouble.NONE, Trouble.NO_ROOM));
        now = pick(EnumSet.of(Trouble.NONE));
    }

    static Wanted of(Situation situation) {
        return new Wanted(situation);
    }

    /** To be loaded, as soon as it can be. */
    boolean isWanted(OnDisk file) {
        return withRoom.contains(file.path()) || now.contains(file.path());
    }

    /** Whether a version would be loaded if it were not. */
    boolean isNeeded(Held held) {
        return isAskedFor(held) || isCurrentIn(held, withRoom) || isCurrentIn(held, now);
    }

    /** Whether it would go if what did not fit were loaded in its place. */
    boolean gaveWay(Held held) {
        return !isAskedFor(held) && !isCurrentIn(held, withRoom);
    }

    private static boolean isCurrentIn(Held held, Set<String> paths) {
        return held.current() && !held.unloading() && paths.contains(held.path());
    }

    /** By an operator, or a label. */
    boolean isAskedFor(Held held) {
        return held.pinned() || isLabelled(held);
    }

    /** A label is the one's that is still on disk, where several have its version. */
    private boolean isLabelled(Held held) {
        return situation.isLabelled(held.model(), held.version())
                && (held.current()
                        || situation.held().stream()
                                .noneMatch(other -> other.id() != held.id()
                                        && other.current()
                                        && other.phase() == Phase.READY
                                        && other.model().equals(held.model())
                                        && other.version().equals(held.version())));
    }

    /**
     * Whether something on disk is meant to take a held version's place, now or once it can: until then the last READY
     * version of a model stays. A file whose model is not known yet may be of any
     * model; of one that failed before that was known its name is believed.
     */
    boolean isAwaited(Held held) {
        Set<String> meant = held.unloading() ? now : asMeant;
        return situation.files().stream()
                .anyMatch(file -> meant.contains(file.path())
                        && !(held.current() && held.path().equals(file.path()))
                        && (file.model().equals(held.model())
                                || file.path().equals(held.path())
                                || file.model().isEmpty()
                                        && (file.trouble() == Trouble.NONE
                                                || file.stem().equals(held.model()))));
    }

    private Set<String> pick(Set<Trouble> counted) {
        Set<String> picked = new LinkedHashSet<>();
        Map<String, List<OnDisk>> folders = new LinkedHashMap<>();
        for (OnDisk file : situation.files()) {
            if (file.heldBack() || !counted.contains(file.trouble())) {
                continue;
            }
            boolean polled = situation.mode() == LoadMode.POLLING;
            if (file.asked() || isMeantByLabel(file) || polled && file.number() == 0) {
                picked.add(file.path());
            }
            if (polled && file.number() > 0) {
                folders.computeIfAbsent(file.model(), key -> new ArrayList<>()).add(file);
            }
        }
        folders.forEach(
                (model, versions) -> picked.addAll(byPolicy(situation.policy().apply(model), versions)));
        return picked;
    }

    private boolean isMeantByLabel(OnDisk file) {
        return situation.isLabelled(file.model(), file.version())
                || file.model().isEmpty() && situation.labelled().containsKey(file.stem());
    }

    private static List<String> byPolicy(VersionPolicy policy, List<OnDisk> versions) {
        return versions.stream()
                .sorted(Comparator.comparingLong(OnDisk::number).reversed())
                .filter(file -> policy.latest() > 0 || policy.listed().contains(file.number()))
                .limit(policy.latest() > 0 ? policy.latest() : Long.MAX_VALUE)
                .map(OnDisk::path)
                .toList();
    }
}
