package dev.cleave.edge.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.policy.Overflow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A camera, a device with one worker, a link of some length and a gateway that takes its time, on a clock of the test. */
class FrameGateSimulationTest {
    private static final long MILLI = 1_000_000;

    private record Frame(int index, long takenNanos) {}

    private record Event(long atNanos, Runnable happens) {}

    /** One run of 60 s. */
    private static final class Run {
        final FrameGate<Frame> gate = new FrameGate<>(Overflow.LATEST, 1);
        final FrameOrder<Frame> order = new FrameOrder<>();
        final PriorityQueue<Event> events = new PriorityQueue<>(Comparator.comparingLong(Event::atNanos));
        final Deque<Frame> atGateway = new ArrayDeque<>();
        final List<Long> staleNanos = new ArrayList<>();
        final List<Integer> told = new ArrayList<>();
        final long headNanos;
        final long travelNanos;
        final LongSupplier serviceNanos;
        long longestNanos;
        boolean gatewayBusy;
        int headsRunning;
        int mostHeads;
        int superseded;
        int submitted;
        long now;

        Run(long headNanos, long travelNanos, long serviceNanos) {
            this(headNanos, travelNanos, () -> serviceNanos);
        }

        /** @param serviceNanos of the narrowest part of the way, a frame at a time; whatever is sent waits for it */
        Run(long headNanos, long travelNanos, LongSupplier serviceNanos) {
            this.headNanos = headNanos;
            this.travelNanos = travelNanos;
            this.serviceNanos = serviceNanos;
        }

        void after(long nanos, Runnable happens) {
            events.add(new Event(now + nanos, happens));
        }

        void film(int frames, long intervalNanos) {
            for (int i = 0; i < frames; i++) {
                int index = i;
                events.add(new Event(i * intervalNanos, () -> submit(index)));
            }
            for (Event next = events.poll(); next != null; next = events.poll()) {
                now = next.atNanos();
                next.happens().run();
            }
        }

        private void submit(int index) {
            order.submit();
            submitted++;
            for (Frame older : gate.offer(new Frame(index, now), now).superseded()) {
                superseded++;
                over(older);
            }
            goOn();
        }

        private void goOn() {
            for (Frame next = gate.start(now); next != null; next = gate.start(now)) {
                Frame frame = next;
                headsRunning++;
                mostHeads = Math.max(mostHeads, headsRunning);
                after(headNanos, () -> headEnded(frame));
            }
        }

        private void headEnded(Frame frame) {
            headsRunning--;
            gate.ready(frame, now);
            gate.sent(frame, now);
            after(travelNanos, () -> arrived(frame));
            goOn();
        }

        private void arrived(Frame frame) {
            atGateway.add(frame);
            serve();
        }

        private void serve() {
            if (!gatewayBusy && !atGateway.isEmpty()) {
                gatewayBusy = true;
                Frame frame = atGateway.poll();
                long service = serviceNanos.getAsLong();
                longestNanos = Math.max(longestNanos, service);
                after(service, () -> {
                    gatewayBusy = false;
                    staleNanos.add(now - frame.takenNanos());
                    gate.answered(frame, service, now);
                    over(frame);
                    goOn();
                    serve();
                });
            }
        }

        private void over(Frame frame) {
            order.end(frame.index() + 1, frame);
            for (Frame next = order.poll(); next != null; next = order.poll()) {
                told.add(next.index());
            }
        }
    }

    @Test
    void thirtyFramesASecondIntoOneAreAnsweredWithinTwoServiceTimes() {
        Run run = new Run(5 * MILLI, 5 * MILLI, 1000 * MILLI);
        run.film(1800, 1000 * MILLI / 30);
        long alone = (5 + 5 + 1000) * MILLI;
        assertThat(run.staleNanos).hasSizeGreaterThan(55).allMatch(stale -> stale <= 2 * alone);
        assertThat(run.staleNanos.stream().mapToLong(Long::longValue).average().orElseThrow())
                .isLessThan(1250 * MILLI);
    }

    /**
     * A transport that takes whatever it is given, as okhttp's does: a frame that is sent waits behind those before it. The frame that
     * is the last of the film waits for what is on its way, and for itself.
     */
    @Test
    void howeverMuchServiceTimesScatterNoAnswerIsOlderThanTwoOfThem() {
        for (int seed = 0; seed < 1000; seed++) {
            Random random = new Random(seed);
            double scatter = 0.25 * random.nextDouble();
            Run run = new Run((1 + random.nextInt(30)) * MILLI, random.nextInt(20) * MILLI, () ->
                    (long) (1000 * MILLI * (1 + scatter * (2 * random.nextDouble() - 1))));
            run.film(1800, 1000 * MILLI / 30);
            long alone = run.headNanos + run.travelNanos + run.longestNanos;
            assertThat(run.staleNanos)
                    .as("seed %d, scatter %.2f", seed, scatter)
                    .hasSizeGreaterThan(48)
                    .allMatch(stale -> stale <= 2 * alone);
        }
    }

    @Test
    void aLongLinkIsKeptBusy() {
        Run run = new Run(5 * MILLI, 60 * MILLI, 10 * MILLI);
        run.film(1800, 1000 * MILLI / 30);
        assertThat(run.superseded).as("of 1800").isLessThan(150);
        assertThat(run.staleNanos).allMatch(stale -> stale <= 160 * MILLI);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void whateverTheTimesEveryFrameEndsInTurnAndHeadsDoNotPileUp(int seed) {
        for (int i = 0; i < 50; i++) {
            Random random = new Random(seed * 1000L + i);
            long interval = (5 + random.nextInt(100)) * MILLI;
            long service = (1 + random.nextInt(800)) * MILLI;
            Run run = new Run((1 + random.nextInt(60)) * MILLI, random.nextInt(100) * MILLI, service);
            run.film(400, interval);
            assertThat(run.told).hasSize(400).isSorted().doesNotHaveDuplicates();
            assertThat(run.staleNanos.size() + run.superseded).isEqualTo(400);
            assertThat(run.mostHeads).isEqualTo(1);
            assertThat(run.gate.open()).isEmpty();
            assertThat(run.order.open()).isZero();
        }
    }
}
