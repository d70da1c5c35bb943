package dev.cleave.edge.update;

/**
 * Follows the requests of the version in use, and of one on trial beside what the former did. Thread-safe: requests end on many
 * threads.
 */
final class VersionWatch {
    /** Not on trial. */
    private String inUse;
    /** Of that version. */
    private RequestRecord record = new RequestRecord(RequestRecord.MOST);

    private String onTrial;
    private VersionTrial trial;
    private VersionTrial.Verdict verdict = VersionTrial.Verdict.UNDECIDED;

    VersionWatch(String bundleId) {
        inUse = bundleId;
    }

    /**
     * From now on requests of a version decide whether it is kept, in place of one that was on trial.
     *
     * @param formerId of the version that it is compared with
     */
    synchronized void begin(String formerId, String bundleId, int requests) {
        if (!formerId.equals(inUse)) {
            inUse = formerId;
            record = new RequestRecord(RequestRecord.MOST);
        }
        onTrial = bundleId;
        trial = new VersionTrial(record, requests);
        verdict = VersionTrial.Verdict.UNDECIDED;
    }

    /** A request of a version ended; true if this decided the trial. */
    synchronized boolean ended(String bundleId, RequestSample sample) {
        if (bundleId.equals(onTrial)) {
            if (verdict != VersionTrial.Verdict.UNDECIDED) {
                return false;
            }
            verdict = trial.add(sample);
            return verdict != VersionTrial.Verdict.UNDECIDED;
        }
        if (trial == null && bundleId.equals(inUse)) {
            record.add(sample);
        }
        return false;
    }

    synchronized VersionTrial.Verdict verdict() {
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
        givenBack();
    }

    /** The version on trial is not used any more; the one that it was compared with is. */
    synchronized void givenBack() {
        onTrial = null;
        trial = null;
        verdict = VersionTrial.Verdict.UNDECIDED;
    }
}
