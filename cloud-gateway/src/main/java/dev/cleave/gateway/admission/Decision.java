package dev.cleave.gateway.admission;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Refusal;

/** Exactly one of the two is there. */
public record Decision(InferenceTask task, Refusal refusal) {
    static Decision admitted(InferenceTask task) {
        return new Decision(task, null);
    }

    public static Decision refused(Refusal refusal) {
        return new Decision(null, refusal);
    }

    public boolean isAdmitted() {
        return task != null;
    }
}
