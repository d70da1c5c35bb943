package dev.cleave.edge.link;

import com.google.protobuf.ByteString;
import dev.cleave.edge.estimate.LinkEstimator;
import dev.cleave.edge.estimate.SimulatedLink;
import dev.cleave.edge.policy.Choice;
import dev.cleave.edge.policy.CostTable;
import dev.cleave.edge.policy.CostTable.PointCost;
import dev.cleave.edge.policy.Demand;
import dev.cleave.edge.policy.DeviceTimes;
import dev.cleave.edge.policy.KnownCosts;
import dev.cleave.edge.policy.Objective;
import dev.cleave.edge.policy.PlanPolicy;
import dev.cleave.edge.policy.Situation;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.Frame;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Reply;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * All of an agent that looks at a link and decides by it, over a {@link SimulatedLink} and on a clock of the test: requests come one
 * after another, each is decided, looks at the link, and crosses it as a frame unless it stays LOCAL.
 */
final class SimulatedAgent {
    private static final long MILLI = 1_000_000;
    private static final int MESSAGE_BYTES = 64;
    private static final int REPLY_BYTES = 200;
    private static final long DEADLINE_NANOS = 10_000 * MILLI;

    private record Event(long atNanos, long order, Runnable happens) {}

    /** Where a request that began then was cut. */
    record Decided(long atNanos, int point, String why) {}

    final List<Decided> decisions = new ArrayList<>();
    private final SimulatedLink link;
    private final Random random;
    private final double hiccups;
    private final double[] segmentNanos;
    private final CostTable costs;
    private final PlanPolicy policy;
    private final StreamRequests requests;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::order));
    private long now;
    private long order;
    private long lastId;
    private long probeBytes;

    /**
     * @param segmentNanos of the device, as the plan has them
     * @param hiccups share of what is sent that is held up somewhere, for some milliseconds
     */
    SimulatedAgent(
            SimulatedLink link,
            List<PointCost> points,
            double[] segmentNanos,
            long probeBytesPerMinute,
            double hiccups,
            Random random) {
        this.link = link;
        this.random = random;
        this.hiccups = hiccups;
        this.segmentNanos = segmentNanos;
        this.costs = new CostTable(points, segmentNanos, 1);
        this.policy = new PlanPolicy(new KnownCosts(costs), Objective.LATENCY, null);
        LinkEstimator estimator = new LinkEstimator(
                probeBytesPerMinute, point -> costs.point(point).tailNanos());
        this.requests = new StreamRequests(1 << 20, new StreamMeter(estimator, 0));
        requests.open(Credit.newBuilder().setFrames(64).setBytes(16 << 20).build(), 1 << 20);
    }

    long now() {
        return now;
    }

    /** Padding that was sent so far. */
    long probeBytes() {
        return probeBytes;
    }

    private void at(long nanos, Runnable happens) {
        events.add(new Event(nanos, order++, happens));
    }

    /** Requests at an interval, give or take a timer's lateness, until then. */
    void askUntil(long untilNanos, long intervalNanos) {
        for (long due = now; due < untilNanos; due += intervalNanos) {
            runUntil(due + exponential(MILLI / 5.0));
            ask();
        }
        runUntil(untilNanos);
    }

    private void runUntil(long nanos) {
        while (!events.isEmpty() && events.peek().atNanos() <= nanos) {
            Event next = events.poll();
            now = next.atNanos();
            next.happens().run();
        }
        now = Math.max(now, nanos);
    }

    private void ask() {
        int local = costs.local();
        Situation everything =
                new Situation(IntStream.range(0, local).boxed().collect(Collectors.toList()), true, local);
        Choice choice = policy.choose(
                everything, DeviceTimes.unknown(local), requests.conditions(now), new Demand(1, DEADLINE_NANOS, now));
        decisions.add(new Decided(now, choice.point(), choice.why()));
        requests.look(choice.predictedNanos() != Choice.UNKNOWN && choice.point() != local, now);
        pump();
        if (choice.point() != local) {
            at(now + headNanos(choice.point()), () -> send(choice.point()));
        }
    }

    private long headNanos(int point) {
        double head = costs.point(point).encodeNanos();
        for (int segment = 0; segment < point; segment++) {
            head += segmentNanos[segment];
        }
        return (long) head;
    }

    private void send(int point) {
        int bytes = (int) costs.point(point).levels().get(0).wireBytes();
        requests.add(
                new OutgoingFrame(
                        ++lastId, point, 1, 0, now + DEADLINE_NANOS, VideoPlace.NONE, ByteBuffer.allocate(bytes)),
                new RecordedReplies());
        pump();
    }

    private void pump() {
        for (MessagePump.Item item = requests.next(true, now); item != null; item = requests.next(true, now)) {
            ClientMessage message = item.message();
            int padding = message.getPing().getPadding().size();
            int payload = message.getFrame().getPayload().size();
            probeBytes += padding;
            long held = random.nextDouble() < hiccups ? exponential(5.0 * MILLI) : 0;
            at(link.lateUp(MESSAGE_BYTES + padding + payload, now, held), () -> received(message));
        }
    }

    private void received(ClientMessage message) {
        if (message.hasPing()) {
            at(link.down(MESSAGE_BYTES, now), () -> {
                requests.ponged(message.getPing().getNonce(), now);
                pump();
            });
        } else if (message.hasFrame()) {
            Frame frame = message.getFrame();
            at(link.down(MESSAGE_BYTES, now), () -> requests.acknowledged(frame.getRequestId(), 0, now));
            long tail = (long) costs.point(frame.getSplitPoint()).tailNanos();
            at(now + tail, () -> reply(frame, tail));
        }
    }

    private void reply(Frame frame, long tailNanos) {
        GatewayTiming timing = GatewayTiming.newBuilder()
                .setResidenceMicros(tailNanos / 1000)
                .setTailMicros(tailNanos / 1000)
                .build();
        Reply reply = Reply.newBuilder()
                .setRequestId(frame.getRequestId())
                .setTiming(timing)
                .setChunkCount(1)
                .setReplyBytes(REPLY_BYTES)
                .setPayload(ByteString.copyFrom(new byte[REPLY_BYTES]))
                .build();
        at(link.down(MESSAGE_BYTES + REPLY_BYTES, now), () -> {
            requests.replied(reply, now).run();
            requests.credit(1, frame.getPayload().size());
            pump();
        });
    }

    private long exponential(double meanNanos) {
        return (long) (-Math.log(1 - random.nextDouble()) * meanNanos);
    }
}
