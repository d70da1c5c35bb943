package dev.cleave.benchmarks.serving;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.failure.UserException;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A recorded frame, sent again and again, so many at a time. Owns its stream. One thread. */
final class Replay implements AutoCloseable {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final long PATIENCE_SECONDS = 60;

    /** A reply, and when it came. */
    private record Answer(Reply reply, long atNanos) {}

    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final Map<Long, Long> sent = new ConcurrentHashMap<>();
    private final Frames frames;
    private final FrameClient client;
    private final Consumer<Reply> check;

    Replay(Channel channel, Bundle bundle, Frames frames) throws Exception {
        this(channel, bundle, frames, reply -> {});
    }

    /** @param check shown each reply */
    Replay(Channel channel, Bundle bundle, Frames frames, Consumer<Reply> check) throws Exception {
        this.frames = frames;
        this.check = check;
        this.client =
                FrameClient.open(channel, bundle.id(), (reply, atNanos) -> answers.add(new Answer(reply, atNanos)));
    }

    /** Sends so many, and returns how long each took, in ms. */
    List<Double> run(int count, int inFlight) throws InterruptedException {
        List<Double> millis = new ArrayList<>(count);
        int under = 0;
        for (int i = 0; i < count; i++) {
            if (under == inFlight) {
                millis.add(await());
                under--;
            }
            Frame frame = frames.next();
            sent.put(frame.getRequestId(), System.nanoTime());
            client.send(frame);
            under++;
        }
        while (under-- > 0) {
            millis.add(await());
        }
        return millis;
    }

    private double await() throws InterruptedException {
        Answer answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null || answer.reply().hasError()) {
            throw new UserException("the gateway answered "
                    + (answer == null ? "nothing" : answer.reply().getError().getMessage()) + "; expected outputs");
        }
        check.accept(answer.reply());
        return (answer.atNanos() - sent.remove(answer.reply().getRequestId())) / NANOS_PER_MILLI;
    }

    @Override
    public void close() {
        client.close();
    }
}
