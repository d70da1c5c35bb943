package dev.cleave.gateway.state;

import dev.cleave.gateway.exec.TaskState;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.StatePlace;
import dev.cleave.wire.StateReceiver;
import dev.cleave.wire.StateReceiver.Receipt;
import java.util.List;
import java.util.Map;

/** The state of one stream of an agent. Thread-safe: frames are received on one thread and run on others. */
final class KeptState {
    private final StateReceiver<Map<String, Tensor>> receiver = new StateReceiver<>();
    /** Inputs that are state at the points which this stream has used; another set is another state. */
    private List<TensorSpec> specs = List.of();

    private int rows;
    private long bytes;
    private long lastNanos;

    /** Whether a frame begins a new state here. */
    synchronized boolean opens(StatePlace place) {
        return receiver.opens(place.getEpoch(), place.getBegins());
    }

    /** A new state is about to begin; its memory is taken. */
    synchronized void open(List<TensorSpec> specs, int rows, long bytes) {
        this.specs = specs;
        this.rows = rows;
        this.bytes = bytes;
    }

    /** Why a frame cannot continue what is kept, or null. */
    synchronized String mismatch(List<TensorSpec> wanted, int wantedRows) {
        if (bytes == 0) {
            return null; // it is lost, and that is what is said
        }
        if (rows != wantedRows) {
            return "frame of " + wantedRows + " rows continues a state of " + rows + "; expected as many";
        }
        return specs.equals(wanted)
                ? null
                : "frame continues a state of " + specs + " with " + wanted + "; expected the same";
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized boolean isQuiet(long nowNanos, long quietNanos) {
        return nowNanos - lastNanos > quietNanos;
    }

    synchronized Receipt receive(StatePlace place, long nowNanos) {
        lastNanos = nowNanos;
        return receiver.receive(place.getEpoch(), place.getFrame(), place.getBegins());
    }

    /** @return bytes that are free now */
    synchronized long lose() {
        long free = bytes;
        receiver.lose();
        specs = List.of();
        bytes = 0;
        return free;
    }

    private synchronized TaskState.Given given(StatePlace place) {
        if (!receiver.continues(place.getEpoch(), place.getFrame())) {
            return null;
        }
        Map<String, Tensor> content = receiver.content();
        return new TaskState.Given(receiver.after(), content == null ? Map.of() : content);
    }

    private synchronized void advance(StatePlace place, Map<String, Tensor> next) {
        receiver.advance(place.getEpoch(), place.getFrame(), next);
    }

    /** As the request of a frame that was received sees it. */
    TaskState at(StatePlace place) {
        return new TaskState() {
            @Override
            public Object succession() {
                return KeptState.this;
            }

            @Override
            public Given given() {
                return KeptState.this.given(place);
            }

            @Override
            public void advance(Map<String, Tensor> next) {
                KeptState.this.advance(place, next);
            }
        };
    }
}
