package dev.cleave.gateway.oip;

import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.v1.Error;
import java.util.function.LongSupplier;

/** A request that was put in line. Ends once, by whoever is first: its run, its deadline, its caller, a closing gateway. Thread-safe. */
public final class InferCall {
    private final ServedModel model;
    private final InferenceTask task;
    private final LongSupplier clock;

    InferCall(ServedModel model, InferenceTask task, LongSupplier clock) {
        this.model = model;
        this.task = task;
        this.clock = clock;
    }

    /** The caller has gone away: it is taken out of line, or its outputs are dropped. Does nothing to one that has ended. */
    public void cancel() {
        Refusal refusal = new Refusal(Error.Code.CANCELLED, "given up by the caller");
        model.queue().remove(task);
        task.complete(Outcome.refused(refusal, Timing.queued(clock.getAsLong() - task.receivedNanos())));
    }
}
