package dev.cleave.gateway.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What became of the first runs of a set of tails. A failure does not condemn them, as zeros are no legal input of some models; but
 * it tells whether other tails of the same model are worse. Pure.
 *
 * @param succeeded on every device on which they were tried
 * @param failed on one device or more, with what is to be said of it
 * @param notes one line for each run that failed or was left out
 */
record WarmUpReport(Set<Run> succeeded, Map<Run, String> failed, List<String> notes) {
    WarmUpReport {
        succeeded = Collections.unmodifiableSet(new LinkedHashSet<>(succeeded));
        failed = Collections.unmodifiableMap(new LinkedHashMap<>(failed));
        notes = List.copyOf(notes);
    }

    /** So many rows from a point on. */
    record Run(int point, int rows) {}

    /**
     * Why other tails should go on in place of these; empty if there is no reason. Only what both were asked can be compared: providers are
     * warmed for different sizes. What failed here and was not tried there counts, unless something failed there as well.
     */
    String worseThan(WarmUpReport others) {
        return failed.entrySet().stream()
                .filter(failure -> !others.excuses(failure.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    private boolean excuses(Run run) {
        return failed.containsKey(run) || !succeeded.contains(run) && !failed.isEmpty();
    }

    /** Collects what becomes of the runs, one after another. */
    static final class Writer {
        private final Set<Run> succeeded = new LinkedHashSet<>();
        private final Map<Run, String> failed = new LinkedHashMap<>();
        private final Set<String> notes = new LinkedHashSet<>();

        void succeeded(Run run) {
            if (!failed.containsKey(run)) {
                succeeded.add(run);
            }
        }

        void failed(Run run, String note) {
            succeeded.remove(run);
            failed.putIfAbsent(run, note);
            notes.add(note);
        }

        void skipped(String note) {
            notes.add(note);
        }

        WarmUpReport report() {
            return new WarmUpReport(succeeded, failed, List.copyOf(notes));
        }
    }
}
