package dev.cleave.gateway.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.StatePlace;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is kept of streams, how much, and for how long. */
class StreamStatesTest {
    private static final int ROW = 4 * CountingModel.WIDTH;
    private final PointCodec codec = new PointCodec(CountingModel.contract(), 1, null);
    private final PointCodec behind = new PointCodec(CountingModel.contract(), 2, null);
    private MemoryShares memory = new MemoryShares(4 * 10 * ROW);
    private StreamStates states = new StreamStates(memory);
    private long now;

    private StreamStates.Received receive(long stream, long frame, boolean begins) {
        return receive(stream, 1, frame, begins, 1);
    }

    private StreamStates.Received receive(long stream, long epoch, long frame, boolean begins, int rows) {
        StatePlace place = StatePlace.newBuilder()
                .setStreamId(stream)
                .setEpoch(epoch)
                .setFrame(frame)
                .setBegins(begins)
                .build();
        Frame header = Frame.newBuilder()
                .setSplitPoint(1)
                .setRows(rows)
                .setState(place)
                .build();
        return states.receive(codec, header, now);
    }

    private void assertRefused(StreamStates.Received received, Error.Code code, String message) {
        assertThat(received.refusal()).isNotNull();
        assertThat(received.refusal().code()).isEqualTo(code);
        assertThat(received.refusal().message()).contains(message);
    }

    private static Map<String, Tensor> state(float value) {
        return Map.of("memory", Tensor.ofFloats(Shape.of(1, 4), value, value, value, value));
    }

    @Test
    void aFrameIsGivenWhatTheLastAnsweredOneHasLeft() {
        var first = receive(1, 1, true).state();
        var second = receive(1, 2, false).state();
        var third = receive(1, 3, false).state();
        assertThat(first.given().tensors()).as("zeros").isEmpty();
        first.advance(state(1));
        assertThat(second.given().after()).isEqualTo(1);
        assertThat(third.given().tensors().get("memory").data().getFloat(0)).isEqualTo(1);
        third.advance(state(3));
        assertThat(second.given()).as("its successor has run").isNull();
        assertThat(memory.held()).isEqualTo(ROW);
    }

    @Test
    void streamsDoNotMix() {
        var one = receive(1, 1, true).state();
        var other = receive(2, 1, true).state();
        one.advance(state(1));
        assertThat(other.given().tensors()).isEmpty();
        assertThat(one.succession()).isNotSameAs(other.succession());
        assertThat(receive(1, 2, false).state().succession()).isSameAs(one.succession());
    }

    @Test
    void whatIsNotKeptIsLostByName() {
        assertRefused(
                receive(1, 7, false),
                Error.Code.STATE_LOST,
                "frame 7 of stream 1 continues a state that is not kept (any more)");
        receive(1, 2, 8, true, 1);
        assertRefused(receive(1, 1, 9, true, 1), Error.Code.STATE_LOST, "frame 9");
    }

    @Test
    void aFrameThatDoesNotSayWhatItContinuesIsRefused() {
        assertRefused(
                states.receive(
                        codec, Frame.newBuilder().setSplitPoint(1).setRows(1).build(), now),
                Error.Code.PROTOCOL_VIOLATION,
                "leaves state \"memory\" to the gateway");
        assertThat(states.receive(behind, Frame.getDefaultInstance(), now).refusal())
                .as("a point without state")
                .isNull();
    }

    @Test
    void framesComeInTheirOrderAndInTheirNumberOfRows() {
        receive(1, 5, true);
        assertRefused(receive(1, 4, false), Error.Code.PROTOCOL_VIOLATION, "frame 4 came after a later one");
        assertRefused(
                receive(1, 1, 6, false, 2),
                Error.Code.MALFORMED_FRAME,
                "frame of 2 rows continues a state of 1; expected as many");
        assertThat(receive(1, 2, 6, true, 2).refusal()).as("a new epoch may").isNull();
        assertThat(memory.held()).isEqualTo(2 * ROW);
    }

    @Test
    void noConnectionGetsMoreThanItsShare() {
        assertRefused(
                receive(1, 1, 1, true, 11), Error.Code.LIMIT_EXCEEDED, "state of 176 bytes; expected at most 160");
        for (int stream = 1; stream <= 10; stream++) {
            assertThat(receive(stream, 1, true).refusal()).isNull();
        }
        assertRefused(receive(11, 1, true), Error.Code.OVERLOADED, "no room for the state of another stream");
        assertThat(receive(1, 2, false).refusal()).as("who has begun goes on").isNull();
        now += StreamStates.QUIET_NANOS + 1;
        assertThat(receive(1, 3, false).refusal()).isNull();
        assertThat(receive(11, 1, true).refusal()).as("in place of a quiet one").isNull();
        assertRefused(receive(2, 2, false), Error.Code.STATE_LOST, "stream 2");
        states.end();
        assertThat(memory.held()).isZero();
    }

    @Test
    void aStreamThatIsOverMakesRoomAtOnce() {
        for (int stream = 1; stream <= 10; stream++) {
            receive(stream, 1, true);
        }
        assertRefused(receive(11, 1, true), Error.Code.OVERLOADED, "no room for the state of another stream");
        var running = receive(1, 2, false).state();
        states.forget(1);
        states.forget(99);
        assertThat(memory.held()).isEqualTo(9 * ROW);
        running.advance(state(2));
        assertThat(running.given()).as("what came too late").isNull();
        assertThat(receive(11, 1, true).refusal()).isNull();
        assertThat(memory.held()).isEqualTo(10 * ROW);
        assertRefused(receive(1, 3, false), Error.Code.STATE_LOST, "frame 3 of stream 1");
    }

    @Test
    void thereIsABoundToTheirNumber() {
        memory = new MemoryShares(1 << 20);
        states = new StreamStates(memory);
        for (int stream = 1; stream <= StreamStates.MOST_STATES; stream++) {
            assertThat(receive(stream, 1, true).refusal()).isNull();
        }
        assertRefused(receive(100, 1, true), Error.Code.OVERLOADED, "64 states");
    }

    @Test
    void whereMemoryIsShortQuietStatesMakeRoomForOtherConnections() {
        memory = new MemoryShares(4 * ROW);
        states = new StreamStates(memory);
        StreamStates busy = states;
        receive(1, 1, true);
        for (int i = 0; i < 3; i++) {
            states = new StreamStates(memory);
            receive(1, 1, true);
        }
        StreamStates late = new StreamStates(memory);
        states = late;
        assertRefused(receive(1, 1, true), Error.Code.OVERLOADED, "no room");
        now += StreamStates.QUIET_NANOS + 1;
        busy.sweep(now);
        assertThat(receive(1, 1, true).refusal()).isNull();
        states = busy;
        assertRefused(receive(1, 2, false), Error.Code.STATE_LOST, "frame 2 of stream 1");
        assertThat(memory.held()).isEqualTo(4 * ROW);
    }

    @Test
    void aStateIsAsLargeAsTheContractSays() {
        assertThat(codec.stateBytes(3)).isEqualTo(3L * ROW);
        assertThat(codec.state().get(0).type()).isEqualTo(ElementType.FLOAT32);
        assertThat(behind.state()).isEmpty();
    }
}
