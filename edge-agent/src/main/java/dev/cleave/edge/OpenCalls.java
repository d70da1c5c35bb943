package dev.cleave.edge;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The requests that an agent has not completed yet, and what they hold: at most {@code limit} of them, and at most {@code maxInputBytes}
 * of inputs whose head was not run yet, and one more. This bounds every queue. Thread-safe.
 */
final class OpenCalls {
    /** Bytes of some of the requests. */
    private static final class Share {
        private final Map<InferenceCall, Long> bytes = new LinkedHashMap<>();
        private long total;

        void add(InferenceCall call, long more) {
            bytes.put(call, more);
            total += more;
        }

        void remove(InferenceCall call) {
            Long removed = bytes.remove(call);
            total -= removed == null ? 0 : removed;
        }
    }

    private final int limit;
    private final long maxInputBytes;
    private final Set<InferenceCall> calls = new LinkedHashSet<>();
    private final Share inputs = new Share();
    private final Share frames = new Share();
    private boolean closed;

    OpenCalls(int limit, long maxInputBytes) {
        this.limit = limit;
        this.maxInputBytes = maxInputBytes;
    }

    /**
     * Takes a request in.
     *
     * @param inputBytes that it holds until its head was run
     * @param frameBytes that it is going to send, 0 for none
     * @throws InferenceException {@code REFUSED} at a limit, {@code CLOSED} after {@link #close}
     */
    synchronized void admit(InferenceCall call, long inputBytes, long frameBytes) throws InferenceException {
        if (closed) {
            throw closed();
        }
        if (calls.size() >= limit) {
            throw new InferenceException(
                    InferenceException.Reason.REFUSED,
                    calls.size() + " requests are in flight; expected fewer than the limit of " + limit);
        }
        if (inputs.total > maxInputBytes) {
            throw new InferenceException(
                    InferenceException.Reason.REFUSED,
                    "requests with inputs of " + inputs.total + " bytes wait for this device; expected at most "
                            + maxInputBytes);
        }
        calls.add(call);
        inputs.add(call, inputBytes);
        frames.add(call, frameBytes);
    }

    static InferenceException closed() {
        return new InferenceException(InferenceException.Reason.CLOSED, "agent is closed");
    }

    /** Bytes that open requests are going to send, and that were not coded yet. */
    synchronized long promisedBytes() {
        return frames.total;
    }

    synchronized void headEnded(InferenceCall call) {
        inputs.remove(call);
    }

    synchronized void coded(InferenceCall call) {
        frames.remove(call);
    }

    synchronized void release(InferenceCall call) {
        calls.remove(call);
        inputs.remove(call);
        frames.remove(call);
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
