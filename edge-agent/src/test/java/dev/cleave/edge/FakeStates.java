package dev.cleave.edge;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.StateTensor;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.Frame;
import dev.cleave.v1.StatePlace;
import dev.cleave.wire.StateReceiver;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The states that a {@link FakeGateway} keeps for one agent's stream. */
final class FakeStates {
    private final Map<Long, StateReceiver<Map<String, Tensor>>> states = new HashMap<>();

    private StateReceiver<Map<String, Tensor>> of(StatePlace place) {
        return states.computeIfAbsent(place.getStreamId(), any -> new StateReceiver<>());
    }

    /** False if the state that the frame continues is not kept. */
    synchronized boolean receive(Frame header) {
        StatePlace place = header.getState();
        if (!header.hasState()) {
            return true;
        }
        return switch (of(place).receive(place.getEpoch(), place.getFrame(), place.getBegins())) {
            case TAKEN -> true;
            case LOST -> false;
            case OUT_OF_ORDER -> throw new AssertionError("frame " + place + " came after a later one");
        };
    }

    /** Adds what a frame continues to its boundary; the number of the frame that has left it. */
    synchronized long give(Contract contract, Frame header, Map<String, Tensor> boundary) {
        if (!header.hasState()) {
            return 0;
        }
        StatePlace place = header.getState();
        if (!of(place).continues(place.getEpoch(), place.getFrame())) {
            throw new AssertionError("frame " + place + " is run although its state is gone");
        }
        Map<String, Tensor> kept = of(place).content();
        for (StateTensor state : contract.stateAfter(header.getSplitPoint())) {
            TensorSpec spec = contract.input(state.input());
            boundary.put(
                    state.input(),
                    kept != null
                            ? kept.get(state.input())
                            : Tensor.allocate(spec.type(), spec.shape().withRows(header.getRows())));
        }
        return of(place).after();
    }

    synchronized void advance(Contract contract, Frame header, Map<String, Tensor> outputs) {
        if (header.hasState()) {
            StatePlace place = header.getState();
            Map<String, Tensor> next = new HashMap<>();
            contract.stateAfter(header.getSplitPoint())
                    .forEach(state -> next.put(state.input(), outputs.get(state.output())));
            of(place).advance(place.getEpoch(), place.getFrame(), next);
        }
    }

    synchronized void forget(long streamId) {
        states.remove(streamId);
    }

    /** Streams of which there is one, or was one that was lost. */
    synchronized Set<Long> streams() {
        return new HashSet<>(states.keySet());
    }

    /** Lets go of all of them. */
    synchronized void lose() {
        states.values().forEach(StateReceiver::lose);
    }
}
