package dev.cleave.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.BoundaryTuning;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.wire.ReferenceSender.Plan;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * A video over networks of all kinds, simulated: frames and acknowledgements are delayed, overtake each other, get lost and come twice;
 * gateways fail over and forget; the agent moves to another point. Whatever arrives is either decoded to the symbols that were sent,
 * or refused by name.
 */
class VideoSimulationTest {
    private static final int RUNS = 1_000;
    private static final int FRAMES = 50;
    private static final int LEVELS = 12;
    private static final Shape SHAPE = Shape.of(1, 5, 6, 7);
    private static final TensorSpec SPEC = new TensorSpec("x", ElementType.FLOAT32, SHAPE);
    private static final ActivationCodec CODEC = new ActivationCodec(
            List.of(SPEC),
            List.of(new CodecParams.Quant(LEVELS, -1, new float[1], new float[] {LEVELS - 1})),
            Entropy.NONE,
            null,
            null);

    /** How bad a network is; chances are per message, times in milliseconds. */
    private record Network(
            double loss, double twice, int delay, int jitter, double failover, double forget, double move) {
        static final Network CALM = new Network(0, 0, 40, 0, 0, 0, 0);

        static Network of(Random random) {
            return new Network(
                    random.nextBoolean() ? 0 : 0.3 * random.nextDouble(),
                    random.nextBoolean() ? 0 : 0.3 * random.nextDouble(),
                    random.nextInt(200),
                    random.nextBoolean() ? 0 : 1 + random.nextInt(200),
                    random.nextBoolean() ? 0 : 0.1 * random.nextDouble(),
                    random.nextBoolean() ? 0 : 0.1 * random.nextDouble(),
                    random.nextBoolean() ? 0 : 0.1 * random.nextDouble());
        }
    }

    private record Event(int millis, int order, Runnable happens) {}

    /** One run. Frames are sent every 33 ms; gateways are numbered by connection. */
    private static final class Run {
        private final Random random;
        private final Network network;
        private final PriorityQueue<Event> events =
                new PriorityQueue<>((a, b) -> a.millis != b.millis ? a.millis - b.millis : a.order - b.order);
        private final ReferenceSender<BoundaryReference> sender = new ReferenceSender<>();
        private final BoundaryTuning tuning = CODEC.tuning(0.025);
        /** By number of the frame: what it is to be decoded to. */
        private final Map<Long, ByteBuffer> chosen = new HashMap<>();

        private Map<Integer, ReferenceReceiver<BoundaryReference>> gateways = new HashMap<>();
        private int connection;
        private int point = 1;
        private int now;
        private int order;
        int keyFrames;
        int changes;
        int lost;
        int keyFramesLost;

        Run(long seed, Network network) {
            this.random = new Random(seed);
            this.network = network;
        }

        void run() {
            for (int frame = 0; frame < FRAMES; frame++) {
                int time = frame;
                at(33 * frame, () -> send(time));
            }
            while (!events.isEmpty()) {
                Event next = events.poll();
                now = next.millis;
                next.happens.run();
            }
        }

        private void at(int millis, Runnable happens) {
            events.add(new Event(millis, order++, happens));
        }

        private void carry(Runnable arrives) {
            if (random.nextDouble() < network.loss) {
                return;
            }
            int times = random.nextDouble() < network.twice ? 2 : 1;
            for (int i = 0; i < times; i++) {
                int jitter = network.jitter == 0 ? 0 : random.nextInt(network.jitter);
                at(now + network.delay + jitter, arrives);
            }
        }

        private void send(int time) {
            if (random.nextDouble() < network.failover) {
                connection++;
                sender.reset();
            }
            point = random.nextDouble() < network.move ? 1 + random.nextInt(2) : point;
            Plan<BoundaryReference> plan = sender.plan(point, 0);
            StreamedBoundary frame = CODEC.encode(Map.of("x", scene(time)), Map.of(), plan.content(), tuning);
            chosen.put(plan.number(), standing(frame.payload(), plan.content()));
            sender.sent(plan, frame.reference());
            keyFrames += plan.reference() == ReferenceSender.NONE ? 1 : 0;
            int to = connection;
            int at = point;
            carry(() -> receive(plan.number(), plan.reference(), plan.hold(), at, frame.payload(), to));
            // The reply, or the deadline: by then the agent knows that nothing more comes.
            at(now + 1000, () -> sender.ended(plan.number()));
        }

        private static ByteBuffer standing(ByteBuffer payload, BoundaryReference against) {
            try {
                return CODEC.settle(payload, against).payload();
            } catch (CodecException e) {
                throw new AssertionError(e);
            }
        }

        private void receive(long number, long reference, boolean hold, int at, ByteBuffer payload, int to) {
            ReferenceReceiver<BoundaryReference> gateway =
                    gateways.computeIfAbsent(to, id -> new ReferenceReceiver<>());
            if (random.nextDouble() < network.forget) {
                gateways.put(to, gateway = new ReferenceReceiver<>());
            }
            gateway.begin(at, 0);
            BoundaryReference against = reference == ReferenceSender.NONE ? null : gateway.find(reference);
            if (reference != ReferenceSender.NONE && against == null) {
                lost++;
                carry(() -> {
                    sender.ended(number);
                    sender.lost(reference);
                });
                return;
            }
            try {
                StreamedBoundary settled = CODEC.settle(payload, against);
                assertThat(settled.payload()).as("frame %d", number).isEqualTo(chosen.get(number));
                changes += reference == ReferenceSender.NONE ? 0 : 1;
                long held = hold ? gateway.hold(number, settled.reference()) : ReferenceSender.NONE;
                carry(() -> sender.acknowledged(number, held));
            } catch (CodecException e) {
                throw new AssertionError("frame " + number + " against " + reference, e);
            }
        }

        private static Tensor scene(int time) {
            Random noise = new Random(time);
            float[] values = new float[(int) SHAPE.elements()];
            for (int i = 0; i < values.length; i++) {
                boolean moving = i % 7 == time % 7;
                values[i] = (float) (moving ? 1 : 5 + 4 * Math.sin(i) + 0.3 * noise.nextGaussian());
            }
            return Tensor.ofFloats(SHAPE, values);
        }
    }

    @Test
    void neverGivesAWrongSymbol() {
        int changes = 0;
        int lost = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            Run run = new Run(seed, Network.of(new Random(seed)));
            run.run();
            changes += run.changes;
            lost += run.lost;
        }
        // Else the networks have put nothing to the test.
        assertThat(changes).isGreaterThan(RUNS * FRAMES / 4);
        assertThat(lost).isGreaterThan(RUNS / 4);
    }

    @Test
    void onACalmNetworkNothingIsLostAndOnlyTheFirstFramesStandAlone() {
        Run run = new Run(1, Network.CALM);
        run.run();
        assertThat(run.lost).isZero();
        assertThat(run.keyFrames).isEqualTo(3); // Of 0, 33 and 66 ms; the first acknowledgement comes after 80 ms.
        assertThat(run.changes).isEqualTo(FRAMES - 3);
    }

    @Test
    void onALongLinkFramesAreCodedAgainstOlderOnesButNotAlone() {
        Run run = new Run(1, new Network(0, 0, 250, 0, 0, 0, 0));
        run.run();
        assertThat(run.lost).isZero();
        assertThat(run.keyFrames).isEqualTo(16);
        assertThat(run.changes).isEqualTo(FRAMES - 16);
    }

    @Test
    void lossTakesNothingElseWithIt() {
        int keyFrames = 0;
        int lost = 0;
        for (int seed = 0; seed < 50; seed++) {
            Run run = new Run(seed, new Network(0.1, 0, 40, 0, 0, 0, 0));
            run.run();
            lost += run.lost;
            keyFrames += run.keyFrames;
        }
        // A gateway that holds frames whose acknowledgements got lost has less room for the others.
        assertThat(lost).isLessThan(10);
        assertThat(keyFrames).isBetween(3 * 50, 5 * 50);
    }

    @Test
    void aGatewayThatForgetsIsHealedByTheNextKeyFrame() {
        int lost = 0;
        int keyFrames = 0;
        for (int seed = 0; seed < 50; seed++) {
            Run run = new Run(seed, new Network(0, 0, 10, 0, 0, 0.1, 0));
            run.run();
            lost += run.lost;
            keyFrames += run.keyFrames;
            assertThat(run.changes + run.keyFrames + run.lost).isEqualTo(FRAMES);
        }
        assertThat(lost).isBetween(50 * FRAMES / 20, 50 * FRAMES / 5);
        assertThat(keyFrames).isBetween(lost / 2, 2 * lost + 50);
    }
}
