package dev.cleave.edge.update;

import dev.cleave.bundle.Bundle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The versions that an agent may begin with: one or more, all of them trusted, the newest first. Behind the last there is none to
 * return to: it has to load, and is not on trial. Immutable.
 */
public final class StartingVersions {
    private final List<Bundle> newestFirst;
    /** Ids. */
    private final Set<String> onTrial;

    StartingVersions(List<Bundle> newestFirst, Set<String> onTrial) {
        this.newestFirst = Collections.unmodifiableList(new ArrayList<>(newestFirst));
        this.onTrial = new HashSet<>(onTrial);
    }

    /** Those of an agent that fetches none. */
    public static StartingVersions only(Bundle own) {
        return new StartingVersions(Collections.singletonList(own), Collections.emptySet());
    }

    /** Those that may be passed over, the newest first: all but the last. */
    public List<Bundle> dispensable() {
        return newestFirst.subList(0, newestFirst.size() - 1);
    }

    public Bundle last() {
        return newestFirst.get(newestFirst.size() - 1);
    }

    /** Whether a version has still to come through its trial before its release is accepted. */
    public boolean isOnTrial(Bundle version) {
        return onTrial.contains(version.id());
    }

    /** What one on trial gives way to if it does worse: the newest before it that is not on trial, or the last. Null if there is none. */
    public Bundle former(Bundle running) {
        if (!isOnTrial(running) || running == last()) {
            return null;
        }
        for (Bundle version : newestFirst.subList(newestFirst.indexOf(running) + 1, newestFirst.size())) {
            if (!isOnTrial(version)) {
                return version;
            }
        }
        return last();
    }
}
