package dev.cleave.benchmarks.serving;

import dev.cleave.bundle.Bundle;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Requests of low priority, so many of which are always under way: each answer brings the next. Owns its stream. */
final class Flood implements AutoCloseable {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Map<Long, Long> sent = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
    private final Frames frames;
    private final FrameClient client;
    private volatile boolean closed;

    Flood(Channel channel, Bundle bundle, int underWay) throws Exception {
        this.frames = Frames.of(bundle, 1, 0);
        this.client = FrameClient.open(channel, bundle.id(), this::answered);
        for (int i = 0; i < underWay; i++) {
            send();
        }
    }

    private void send() {
        Frame frame;
        synchronized (frames) {
            frame = frames.withPriority(-1);
        }
        sent.put(frame.getRequestId(), System.nanoTime());
        client.send(frame);
    }

    private void answered(Reply reply, long atNanos) {
        millis.add((atNanos - sent.remove(reply.getRequestId())) / NANOS_PER_MILLI);
        if (!closed) {
            send();
        }
    }

    /** Times of what has been answered. */
    List<Double> millis() {
        return new ArrayList<>(millis);
    }

    @Override
    public void close() {
        closed = true;
        client.close();
    }
}
