package dev.cleave.edge;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The requests that an agent has not completed yet, at most {@code limit}: this bounds every queue. Thread-safe. */
final class OpenCalls {
    private final int limit;
    private final Set<InferenceCall> calls = new LinkedHashSet<>();
    private boolean closed;

    OpenCalls(int limit) {
        this.limit = limit;
    }

    /** @throws InferenceException {@code REFUSED} at the limit, {@code CLOSED} after {@link #close} */
    synchronized void admit(InferenceCall call) throws InferenceException {
        if (closed) {
            throw closed();
        }
        if (calls.size() >= limit) {
            throw new InferenceException(
                    InferenceException.Reason.REFUSED,
                    calls.size() + " requests are in flight; expected fewer than the limit of " + limit);
        }
        calls.add(call);
    }

    static InferenceException closed() {
        return new InferenceException(InferenceException.Reason.CLOSED, "agent is closed");
    }

    synchronized void release(InferenceCall call) {
        calls.remove(call);
    }

    /** Admits nothing more; returns what is left, or null if it was closed before. */
    synchronized List<InferenceCall> close() {
        if (closed) {
            return null;
        }
        closed = true;
        return new ArrayList<>(calls);
    }
}
