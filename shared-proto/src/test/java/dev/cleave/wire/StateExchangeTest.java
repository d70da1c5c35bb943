package dev.cleave.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.wire.StateReceiver.Receipt;
import dev.cleave.wire.StateSender.Continuity;
import dev.cleave.wire.StateSender.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Both sides of a state that stays with the receiver. */
class StateExchangeTest {
    private final StateSender sender = new StateSender();
    private final StateReceiver<String> receiver = new StateReceiver<>();

    private Receipt receive(Place place) {
        return receiver.receive(place.epoch(), place.frame(), place.begins());
    }

    private Continuity run(Place place) {
        assertThat(receiver.continues(place.epoch(), place.frame())).isTrue();
        long after = receiver.after();
        String content = receiver.content() == null ? "" : receiver.content();
        assertThat(receiver.advance(place.epoch(), place.frame(), content + place.frame()))
                .isTrue();
        return sender.answered(place, after);
    }

    @Test
    void goesOnWithTheFramesThatWereAnswered() {
        List<Place> places = List.of(sender.plan(1), sender.plan(2), sender.plan(3), sender.plan(4));
        places.forEach(place -> assertThat(receive(place)).isEqualTo(Receipt.TAKEN));
        assertThat(run(places.get(1))).isEqualTo(Continuity.CONTINUES);
        assertThat(run(places.get(3))).isEqualTo(Continuity.CONTINUES);
        assertThat(receiver.content()).as("1 and 3 were never answered").isEqualTo("24");
    }

    @Test
    void anEpochThatWasLostDoesNotBeginASecondTime() {
        Place first = sender.plan(1);
        Place second = sender.plan(2);
        assertThat(receive(first)).isEqualTo(Receipt.TAKEN);
        receiver.lose();
        assertThat(second.begins()).as("nothing was acknowledged yet").isTrue();
        assertThat(receive(second)).isEqualTo(Receipt.LOST);
        assertThat(receiver.continues(first.epoch(), first.frame())).isFalse();
        assertThat(sender.lost(second)).isTrue();
        assertThat(sender.lost(first)).as("a new epoch has begun already").isFalse();
        Place again = sender.plan(2);
        assertThat(receive(again)).isEqualTo(Receipt.TAKEN);
        assertThat(run(again)).isEqualTo(Continuity.BEGINS_ANEW);
    }

    @Test
    void aFrameThatWasOvertakenHasNoPlaceAnyMore() {
        Place lost = sender.plan(1);
        sender.plan(2);
        sender.lost(lost);
        sender.plan(2);
        assertThat(sender.plan(1)).isNull();
        assertThat(sender.plan(2)).as("sent once more").isNotNull();
    }

    @Test
    void aReceiverThatForgotWithoutSayingSoIsFoundOut() {
        Place first = sender.plan(1);
        sender.answered(first, StateSender.NONE);
        assertThat(sender.answered(sender.plan(2), StateSender.NONE)).isEqualTo(Continuity.BROKEN);
        assertThat(sender.answered(sender.plan(3), 3)).isEqualTo(Continuity.BROKEN);
    }

    @Test
    void framesThatCameInAnotherOrderAreNotTaken() {
        Place first = sender.plan(1);
        Place second = sender.plan(2);
        receive(second);
        assertThat(receive(first)).isEqualTo(Receipt.OUT_OF_ORDER);
        assertThat(receive(second)).as("twice").isEqualTo(Receipt.OUT_OF_ORDER);
    }

    /** A frame on its way, and when it gets on. */
    private record Moving(Place place, long epochOfReceiver) {}

    /**
     * A sender and receivers that lose frames, states and themselves: the state that a frame is given is always what the answered frames
     * of its epoch have left, in their order, each once.
     */
    @Test
    void noFrameEverMeetsAStateThatIsNotItsOwn() {
        int resets = 0;
        for (int seed = 0; seed < 1000; seed++) {
            resets += new Simulation(seed).run();
        }
        assertThat(resets).as("the simulations do lose states").isGreaterThan(1000);
    }

    private static final class Simulation {
        private final Random random;
        private final StateSender sender = new StateSender();
        private StateReceiver<List<Long>> receiver = new StateReceiver<>();
        private final Deque<Moving> uplink = new ArrayDeque<>();
        private final Deque<Moving> line = new ArrayDeque<>();
        /** Frames whose answers the receiver has sent, of the epoch that it is in. */
        private List<Long> history = new ArrayList<>();

        private long epochOfHistory;
        private long generation;
        private long frames;
        private int resets;

        Simulation(int seed) {
            random = new Random(seed);
        }

        int run() {
            for (int step = 0; step < 300; step++) {
                step();
            }
            return resets;
        }

        private void step() {
            switch (random.nextInt(20)) {
                case 0 -> receiver.lose();
                case 1 -> { // the receiver is restarted: all that moves is lost
                    receiver = new StateReceiver<>();
                    generation++;
                    uplink.clear();
                    line.clear();
                    resets += sender.reset() ? 1 : 0;
                }
                case 2 -> uplink.pollFirst();
                case 3 -> line.pollLast(); // cancelled, or too late
                case 4 -> { // overtaken on the way, which gRPC never does
                    if (uplink.size() > 1) {
                        uplink.addLast(uplink.pollFirst());
                    }
                }
                case 5, 6, 7, 8, 9, 10 -> send(++frames);
                case 11, 12, 13, 14, 15 -> receive();
                default -> runNext();
            }
        }

        private void send(long frame) {
            Place place = sender.plan(frame);
            if (place != null) {
                uplink.addLast(new Moving(place, generation));
            }
        }

        private void receive() {
            Moving moving = uplink.pollFirst();
            if (moving == null) {
                return;
            }
            Place place = moving.place();
            Receipt receipt = receiver.receive(place.epoch(), place.frame(), place.begins());
            if (receipt == Receipt.LOST) {
                resets += sender.lost(place) ? 1 : 0;
                send(place.frame());
            } else if (receipt == Receipt.TAKEN) {
                line.addLast(moving);
                if (random.nextBoolean()) {
                    sender.acknowledged(place);
                }
            }
        }

        private void runNext() {
            Moving moving = line.pollFirst();
            if (moving == null) {
                return;
            }
            Place place = moving.place();
            if (!receiver.continues(place.epoch(), place.frame())) {
                resets += sender.lost(place) ? 1 : 0;
                send(place.frame());
                return;
            }
            if (place.epoch() != epochOfHistory) {
                assertThat(place.epoch()).as("epochs rise").isGreaterThan(epochOfHistory);
                epochOfHistory = place.epoch();
                history = new ArrayList<>();
            }
            List<Long> given = receiver.content() == null ? Collections.emptyList() : receiver.content();
            assertThat(given).isEqualTo(history);
            long after = receiver.after();
            assertThat(after).isEqualTo(history.isEmpty() ? 0 : history.get(history.size() - 1));
            if (random.nextInt(8) == 0) {
                return; // cancelled while it ran
            }
            List<Long> next = new ArrayList<>(given);
            next.add(place.frame());
            if (random.nextInt(16) == 0) {
                receiver.lose(); // evicted while it ran
            }
            if (receiver.advance(place.epoch(), place.frame(), next)) {
                history = next;
                assertThat(history).isSorted().doesNotHaveDuplicates();
            }
            if (random.nextInt(8) > 0) { // else the answer is lost
                Continuity said = sender.answered(place, after);
                assertThat(said).isNotEqualTo(Continuity.BROKEN);
                if (after == StateSender.NONE && place.epoch() > 1) {
                    assertThat(said).isEqualTo(Continuity.BEGINS_ANEW);
                }
            }
        }
    }
}
