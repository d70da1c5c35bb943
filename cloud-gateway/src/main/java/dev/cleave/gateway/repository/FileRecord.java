package dev.cleave.gateway.repository;

import dev.cleave.gateway.repository.Situation.OnDisk;
import dev.cleave.gateway.repository.Situation.Trouble;

/** What is known of a file on disk as it is now; a file that changes begins anew. Guarded by the repository's lock. */
final class FileRecord {
    private FoundFile found;
    private boolean settled;
    /** When it was first seen as it is now. */
    private long sinceNanos;
    /** Whether it was not there at the last look. */
    private boolean missed;

    private long missedSinceNanos;

    private String model;
    private String version;
    private String bundleId = "";
    private Trouble trouble = Trouble.NONE;
    private String reason = "";
    private long need;
    /** The held version that is the same bundle; 0 if that is not what is wrong. */
    private int twin;

    private boolean asked;
    private boolean heldBack;

    FileRecord(FoundFile found, long nowNanos) {
        begin(found, nowNanos);
    }

    private void begin(FoundFile now, long nowNanos) {
        found = now;
        sinceNanos = nowNanos;
        model = now.model();
        version = now.version();
        bundleId = "";
        need = 0;
        twin = 0;
        asked = false;
        heldBack = false;
        settled = false;
        trouble = now.fault().isEmpty() ? Trouble.NONE : Trouble.FAILED;
        reason = now.fault();
    }

    /** It was found by a look; it has settled if it stood still for so long between two. */
    void seen(FoundFile now, long nowNanos, long settleNanos) {
        missed = false;
        if (!now.equals(found)) {
            begin(now, nowNanos);
        } else if (nowNanos - sinceNanos >= settleNanos) {
            settled = true;
        }
    }

    /** It was not found by a look; true if it has been gone for so long. */
    boolean missed(long nowNanos, long settleNanos) {
        if (!missed) {
            missed = true;
            missedSinceNanos = nowNanos;
            return false;
        }
        return nowNanos - missedSinceNanos >= settleNanos;
    }

    /** It changed while it was read, or cannot be looked at now: the next looks will tell. */
    void unsettle(long nowNanos) {
        settled = false;
        sinceNanos = nowNanos;
    }

    FoundFile found() {
        return found;
    }

    boolean isSettled() {
        return settled && !missed;
    }

    String model() {
        return model;
    }

    String version() {
        return version;
    }

    String bundleId() {
        return bundleId;
    }

    Trouble trouble() {
        return trouble;
    }

    String reason() {
        return reason;
    }

    int twin() {
        return twin;
    }

    boolean isAsked() {
        return asked;
    }

    boolean isHeldBack() {
        return heldBack;
    }

    /** Whether a name means this file: its model's, or the file's own while that is not known. */
    boolean isNamed(String name) {
        return model.isEmpty() ? found.stem().equals(name) : model.equals(name);
    }

    void read(String modelName, String modelVersion, String id) {
        model = modelName;
        version = modelVersion;
        bundleId = id;
    }

    void ask() {
        asked = true;
        heldBack = false;
        if (found.fault().isEmpty()) {
            retry();
        }
    }

    void holdBack() {
        asked = false;
        heldBack = true;
    }

    void failed(String why) {
        trouble = Trouble.FAILED;
        reason = why;
    }

    void isTwinOf(int id, String why) {
        failed(why);
        twin = id;
    }

    /** @param bytes that it needs */
    void hasNoRoom(long bytes, String why) {
        trouble = Trouble.NO_ROOM;
        reason = why;
        need = bytes;
    }

    /** What was wrong may be right now. */
    void retry() {
        trouble = Trouble.NONE;
        reason = "";
        twin = 0;
    }

    OnDisk view() {
        return new OnDisk(
                found.path(),
                model,
                version,
                found.number(),
                found.stem(),
                settled && !missed,
                asked,
                heldBack,
                trouble,
                need);
    }
}
