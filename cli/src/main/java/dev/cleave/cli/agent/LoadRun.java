package dev.cleave.cli.agent;

import dev.cleave.cli.failure.OneLine;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceException;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.Source;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * One thread for each agent, one request at a time on each.
 *
 * <p>With a rate, request n is due at n times the interval, whoever is free takes it, and latency counts from when it
 * was due: a gateway that stalls is not flattered by the requests that were never made meanwhile.
 */
final class LoadRun {
    private static final int DIGITS = 3;

    /**
     * When to stop and how fast to go.
     *
     * @param requests in all
     * @param nanos after which no request is made
     * @param intervalNanos between requests; 0 for as fast as they are answered
     */
    record Limits(long requests, long nanos, long intervalNanos) {}

    private final List<EdgeAgent> agents;
    private final List<InferenceInput> inputs;
    private final Limits limits;
    private final AtomicLong next = new AtomicLong();

    // Guarded by this.
    private final Histogram micros = new Histogram(DIGITS);
    private final Map<String, Long> bySource = new TreeMap<>();
    private long failed;
    private long rejected;
    private long remote;
    private long remoteRows;
    private String firstFailure;

    LoadRun(List<EdgeAgent> agents, List<InferenceInput> inputs, Limits limits) {
        this.agents = agents;
        this.inputs = inputs;
        this.limits = limits;
    }

    /** @param answered called after each request, by any thread */
    LoadReport run(Runnable answered) throws InterruptedException {
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (EdgeAgent agent : agents) {
            Thread thread = new Thread(() -> client(agent, start, answered), "cleave-load-" + threads.size());
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return report((System.nanoTime() - start) / 1e9);
    }

    private void client(EdgeAgent agent, long start, Runnable answered) {
        while (true) {
            long number = next.getAndIncrement();
            long due = start + number * limits.intervalNanos();
            if (number >= limits.requests() || Math.max(due, System.nanoTime()) - start >= limits.nanos()) {
                return;
            }
            waitUntil(due);
            request(agent, inputs.get((int) (number % inputs.size())), limits.intervalNanos() > 0 ? due : 0);
            answered.run();
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }

    private static void waitUntil(long due) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** @param due when the request should have been made, or 0 for now */
    private void request(EdgeAgent agent, InferenceInput input, long due) {
        long start = due == 0 ? System.nanoTime() : due;
        try {
            InferenceResult result = agent.infer(input).get();
            answered(result, System.nanoTime() - start);
        } catch (ExecutionException failure) {
            failed(failure.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void answered(InferenceResult result, long nanos) {
        micros.recordValue(nanos / 1000);
        bySource.merge(result.source().name(), 1L, Long::sum);
        if (result.source() != Source.LOCAL) {
            remote++;
            remoteRows += result.batchSize();
        }
    }

    private synchronized void failed(Throwable cause) {
        failed++;
        if (cause instanceof InferenceException refused && refused.reason() == InferenceException.Reason.REFUSED) {
            rejected++;
        }
        firstFailure = firstFailure == null ? OneLine.of(cause) : firstFailure;
    }

    private synchronized LoadReport report(double seconds) {
        return new LoadReport(
                agents.size(),
                seconds,
                micros.getTotalCount() + failed,
                failed,
                rejected,
                micros.getTotalCount() / seconds,
                percentile(50),
                percentile(90),
                percentile(99),
                remote == 0 ? Double.NaN : (double) remoteRows / remote,
                bySource,
                firstFailure);
    }

    private double percentile(double percent) {
        return micros.getTotalCount() == 0 ? Double.NaN : micros.getValueAtPercentile(percent) / 1000.0;
    }
}
