package dev.cleave.edge.estimate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;

/**
 * An agent's stream over a {@link SimulatedLink}: hands over chunks, meters what comes back, and lets time pass only as
 * events do. The transport takes everything at once, as one with large buffers does.
 */
final class SimulatedStream {
    private static final int CHUNK_BYTES = 16 * 1024;

    private static final int PACKET_BYTES = 16 * 1024;
    private static final long HEAD_NANOS = 3_000_000;

    private record Event(long atNanos, long order, Runnable what) {}

    final LinkEstimator estimator;
    final UplinkMeter uplink;
    final DownlinkMeter downlink;
    private final SimulatedLink link;
    private final PriorityQueue<Event> events = new PriorityQueue<>((a, b) ->
            a.atNanos() == b.atNanos() ? Long.compare(a.order(), b.order()) : Long.compare(a.atNanos(), b.atNanos()));
    private long now;
    private long order;
    private long lastId;
    private long probedBytes;
    /** What the next message is held up by. */
    long lateNanos;
    /** What the gateway does with a frame before it acknowledges it. */
    long readingNanos;
    /** Whether it says so: one of an earlier release does not. */
    boolean saysReading = true;

    private long gatewayFreeNanos;

    SimulatedStream(SimulatedLink link) {
        this(link, new LinkEstimator(1 << 20, point -> Double.NaN));
    }

    /** A further stream to the same address. */
    SimulatedStream(SimulatedLink link, LinkEstimator estimator) {
        this.link = link;
        this.estimator = estimator;
        this.uplink = new UplinkMeter(estimator);
        this.downlink = new DownlinkMeter(estimator, 0);
    }

    long now() {
        return now;
    }

    LinkConditions conditions() {
        return estimator.conditions(now);
    }

    /** The estimate over the truth: above 1 if the link is believed to be slower than it is. */
    double uplinkError() {
        return conditions().uplinkNanosPerByte() / link.nanosPerByte(now);
    }

    void at(long nanos, Runnable what) {
        events.add(new Event(nanos, order++, what));
    }

    /** Until nothing is on its way. */
    void run() {
        for (Event next = events.poll(); next != null; next = events.poll()) {
            now = next.atNanos();
            next.what().run();
        }
    }

    /** What has come by then, comes; the rest stays on its way. */
    void runUntil(long nanos) {
        while (!events.isEmpty() && events.peek().atNanos() <= nanos) {
            Event next = events.poll();
            now = next.atNanos();
            next.what().run();
        }
        now = nanos;
    }

    /** Padding that was sent so far. */
    long probedBytes() {
        return probedBytes;
    }

    /** Sends a ping now. */
    void ping(int paddingBytes) {
        long nonce = ++lastId;
        probedBytes += paddingBytes;
        uplink.handedOver(paddingBytes, now);
        uplink.pinged(nonce);
        crosses(paddingBytes, arrival -> at(link.down(UplinkMeter.MESSAGE_BYTES, arrival), () -> ponged(nonce)));
    }

    private void ponged(long nonce) {
        uplink.ponged(nonce, now);
        int padding = uplink.isIdle() ? estimator.takeSecondLook(now) : LinkEstimator.NO_LOOK;
        if (padding != LinkEstimator.NO_LOOK) {
            ping(padding);
        }
    }

    /** A request begins; returns the bytes of the probe, 0 for none. */
    int look(boolean remote) {
        int padding = uplink.isIdle() ? estimator.takeLook(remote, now) : LinkEstimator.NO_LOOK;
        if (padding != LinkEstimator.NO_LOOK) {
            ping(padding);
        }
        return Math.max(0, padding);
    }

    /** Sends frames, their chunks in turn, once a request's head has run. */
    void send(long... frameBytes) {
        look(true);
        runUntil(now + HEAD_NANOS);
        long[] ids = new long[frameBytes.length];
        Arrays.setAll(ids, i -> ++lastId);
        long[] left = frameBytes.clone();
        List<Part> parts = new ArrayList<>();
        while (Arrays.stream(left).sum() > 0) {
            for (int i = 0; i < left.length; i++) {
                if (left[i] > 0) {
                    long bytes = Math.min(CHUNK_BYTES, left[i]);
                    left[i] -= bytes;
                    parts.add(new Part(bytes + UplinkMeter.MESSAGE_BYTES, left[i] == 0 ? ids[i] : 0));
                    uplink.handedOver(bytes, now);
                    if (left[i] == 0) {
                        uplink.frameEnded(ids[i]);
                    }
                }
            }
        }
        crossTogether(parts);
    }

    /** A chunk; the id of its frame if that ends with it, else 0. */
    private record Part(long bytes, long endOf) {}

    /** What is handed over at once travels in packets of HTTP/2's size, and arrives packet by packet. */
    private void crossTogether(List<Part> parts) {
        long total = parts.stream().mapToLong(Part::bytes).sum();
        long crossed = 0;
        long arrival = now;
        long end = 0;
        for (Part part : parts) {
            end += part.bytes();
            while (crossed < end) {
                long packet = Math.min(PACKET_BYTES, total - crossed);
                arrival = link.lateUp(packet, now, lateNanos);
                lateNanos = 0;
                crossed += packet;
            }
            if (part.endOf() != 0) {
                long arrived = arrival;
                at(arrived, () -> whole(part.endOf()));
            }
        }
    }

    /** The gateway reads one frame at a time, and acknowledges it then. */
    private void whole(long id) {
        gatewayFreeNanos = Math.max(gatewayFreeNanos, now) + readingNanos;
        long said = saysReading ? readingNanos : 0;
        at(
                gatewayFreeNanos,
                () -> at(link.down(UplinkMeter.MESSAGE_BYTES, now), () -> uplink.acknowledged(id, said, now)));
    }

    private interface Arrival {
        void at(long nanos);
    }

    private void crosses(long payloadBytes, Arrival then) {
        long arrival = link.lateUp(payloadBytes + UplinkMeter.MESSAGE_BYTES, now, lateNanos);
        lateNanos = 0;
        at(arrival, () -> then.at(arrival));
    }

    /** Sends one frame every interval, the first now, and runs until the last ack; the next never before it. */
    void sendSerially(int count, long frameBytes, long intervalNanos) {
        for (int i = 0; i < count; i++) {
            long began = now;
            send(frameBytes);
            run();
            runUntil(Math.max(now, began + intervalNanos));
        }
    }

    /** Part of a frame that is given up before it is whole; a ping follows it. */
    void sendInPart(long bytes) {
        uplink.handedOver(bytes, now);
        crosses(bytes, arrival -> {});
        if (uplink.isUnmarked()) {
            ping(0);
        }
    }

    /** A request whose reply leaves the gateway a while after its frame is whole. */
    void ask(long frameBytes, long residenceNanos, long replyBytes) {
        long id = ++lastId;
        uplink.handedOver(frameBytes, now);
        uplink.frameEnded(id);
        crosses(frameBytes, arrival -> {
            DownlinkMeter.Answer[] answer = new DownlinkMeter.Answer[1];
            at(link.down(UplinkMeter.MESSAGE_BYTES, arrival), () -> {
                uplink.acknowledged(id, 0, now);
                answer[0] = downlink.acknowledged(now);
            });
            at(
                    arrival + residenceNanos,
                    () -> at(link.down(replyBytes + UplinkMeter.MESSAGE_BYTES, now), () -> {
                        uplink.received(replyBytes);
                        downlink.received(answer[0], replyBytes, now);
                        downlink.whole(answer[0], residenceNanos, now);
                    }));
        });
    }
}
