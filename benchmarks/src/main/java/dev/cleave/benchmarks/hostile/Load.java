package dev.cleave.benchmarks.hostile;

import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.events.Source;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** A well-behaved agent that asks one thing after another until it is closed. Owns its thread, not the agent. */
final class Load implements AutoCloseable {
    private final EdgeAgent agent;
    private final InferenceInput input;
    private final AtomicLong fromGateway = new AtomicLong();
    private final AtomicLong local = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final Thread thread = new Thread(this::ask, "load");
    private volatile boolean ended;

    /** What became of requests, since the beginning. */
    record Count(long fromGateway, long local, long failed) {
        Count since(Count before) {
            return new Count(fromGateway - before.fromGateway, local - before.local, failed - before.failed);
        }
    }

    Load(EdgeAgent agent, InferenceInput input) {
        this.agent = agent;
        this.input = input;
        thread.setDaemon(true);
        thread.start();
    }

    private void ask() {
        while (!ended) {
            try {
                InferenceResult result = agent.infer(input).get();
                (result.source() == Source.LOCAL ? local : fromGateway).incrementAndGet();
            } catch (ExecutionException e) {
                failed.incrementAndGet();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    Count count() {
        return new Count(fromGateway.get(), local.get(), failed.get());
    }

    /** Waits until the gateway has answered so many more. */
    void awaitFromGateway(long more) throws InterruptedException {
        for (long until = fromGateway.get() + more; fromGateway.get() < until; ) {
            Thread.sleep(10);
        }
    }

    @Override
    public void close() {
        ended = true;
        thread.interrupt();
    }
}
