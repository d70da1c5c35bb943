package dev.cleave.gateway.exec;

import dev.cleave.tensor.Tensor;
import java.util.Map;

/** What a request continues of the one before it in its stream, and leaves to the one after it. Thread-safe. */
public interface TaskState {
    /** Of a request that stands alone. */
    TaskState NONE = new TaskState() {
        @Override
        public Object succession() {
            return null;
        }

        @Override
        public Given given() {
            return new Given(0, Map.of());
        }

        @Override
        public void advance(Map<String, Tensor> next) {}
    };

    /**
     * What a request is given.
     *
     * @param after number of the frame that has left it; 0: none, it is zeros
     * @param tensors by the name of the input, not to be changed; empty for zeros
     */
    record Given(long after, Map<String, Tensor> tensors) {}

    /** Shared by all requests that continue each other: they run one after another. Null if there are none. */
    Object succession();

    /** Asked when the request is about to run; null: what it would continue is not kept any more. */
    Given given();

    /**
     * The request was answered.
     *
     * @param next what its run has left, by the name of the input; belongs to the state from now on
     */
    void advance(Map<String, Tensor> next);
}
