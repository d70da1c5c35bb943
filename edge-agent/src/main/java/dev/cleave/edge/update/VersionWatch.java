package dev.cleave.edge.update;

/**
 * Follows the requests of the version in use, and of one on trial beside what the former did. Thread-safe: requests end on many
 * threads.
 */
final class VersionWatch {
    private RequestRecord record = new RequestRecord(RequestRecord.MOST);
    private String inUse;
    private String onTrial;
    private Trial trial;
    private Trial.Verdict verdict = Trial.Verdict.UNDECIDED;

    VersionWatch(String bundleId) {
        inUse = bundleId;
    }

    /** From now on requests of this version decide whether it is kept. */
    synchronized void begin(String bundleId, int requests) {
        onTrial = bundleId;
        trial = new Trial(record, requests);
        verdict = Trial.Verdict.UNDECIDED;
    }

    /** A request of a version ended; true if this decided the trial. */
    synchronized boolean ended(String bundleId, RequestSample sample) {
        if (bundleId.equals(onTrial)) {
            if (verdict != Trial.Verdict.UNDECIDED) {
                return false;
            }
            verdict = trial.add(sample);
            return verdict != Trial.Verdict.UNDECIDED;
        }
        if (trial == null && bundleId.equals(inUse)) {
            record.add(sample);
        }
        return false;
    }

    synchronized Trial.Verdict verdict() {
        return verdict;
    }

    /** What was worse; one line. */
    synchronized String why() {
        return trial.why();
    }

    /** The version on trial is kept: the next one will be compared with it. */
    synchronized void kept() {
        inUse = onTrial;
        record = trial.requests();
        forget();
    }

    /** The version on trial is not used any more, or never was. */
    synchronized void forget() {
        onTrial = null;
        trial = null;
        verdict = Trial.Verdict.UNDECIDED;
    }
}
