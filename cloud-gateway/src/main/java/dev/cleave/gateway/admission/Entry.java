package dev.cleave.gateway.admission;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.model.ServedModel;

/**
 * What came of a frame at the door: a task that has its place in the house and is not in line yet, or why there is none. Whoever has it puts the task in line, or
 * completes it, which gives the place back.
 */
public final class Entry {
    private final ServedModel model;
    private final InferenceTask task;
    private final Place place;
    private final Refusal refusal;

    private Entry(ServedModel model, InferenceTask task, Place place, Refusal refusal) {
        this.model = model;
        this.task = task;
        this.place = place;
        this.refusal = refusal;
    }

    static Entry of(ServedModel model, InferenceTask task, Place place) {
        return new Entry(model, task, place, null);
    }

    static Entry refused(Refusal refusal) {
        return new Entry(null, null, null, refusal);
    }

    /** Null if it was refused. */
    public InferenceTask task() {
        return task;
    }

    /** Null if it was taken in. */
    public Refusal refusal() {
        return refusal;
    }

    ServedModel model() {
        return model;
    }

    Place place() {
        return place;
    }

    /** Its device is not charged for it: it is refused, and not for what is in it. To be said at most once. */
    public void uncharge() {
        place.uncharge();
    }
}
