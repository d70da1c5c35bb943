package dev.cleave.benchmarks.field;

import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Requests at even intervals, whether or not those before them are answered, as a camera makes them. */
final class PacedRun {
    private final EdgeAgent agent;
    private final List<InferenceInput> inputs;
    private final Duration interval;
    private final Duration deadline;

    PacedRun(EdgeAgent agent, List<InferenceInput> inputs, Duration interval, Duration deadline) {
        this.agent = agent;
        this.inputs = inputs;
        this.interval = interval;
        this.deadline = deadline;
    }

    /** Something that happens to the link or the gateway while requests go on. */
    record Happening(double atSeconds, Runnable what) {}

    /**
     * Makes requests and waits for all of them.
     *
     * @param happenings in the order of their times
     * @return by number
     */
    List<Request> run(int count, List<Happening> happenings) throws InterruptedException {
        ConcurrentLinkedQueue<Request> ended = new ConcurrentLinkedQueue<>();
        List<CompletableFuture<?>> open = new ArrayList<>();
        int next = 0;
        long began = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = began + i * interval.toNanos();
            for (;
                    next < happenings.size()
                            && began + (long) (1e9 * happenings.get(next).atSeconds()) <= due;
                    next++) {
                sleepUntil(began + (long) (1e9 * happenings.get(next).atSeconds()));
                happenings.get(next).what().run();
            }
            sleepUntil(due);
            int number = i;
            long started = System.nanoTime();
            open.add(agent.infer(inputs.get(i % inputs.size()), deadline).handle((result, failure) -> {
                ended.add(ending(number, began, started, result, failure));
                return null;
            }));
        }
        CompletableFuture.allOf(open.toArray(new CompletableFuture<?>[0])).join();
        List<Request> requests = new ArrayList<>(ended);
        requests.sort(Comparator.comparingInt(Request::number));
        return requests;
    }

    private static Request ending(int number, long began, long started, InferenceResult result, Throwable failure) {
        double millis = (System.nanoTime() - started) / 1e6;
        return new Request(number, started - began, millis, result, failure == null ? null : failure.getMessage());
    }

    private static void sleepUntil(long nanoTime) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanoTime - System.nanoTime());
    }
}
