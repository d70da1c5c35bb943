package dev.cleave.gateway.model;

import dev.cleave.gateway.exec.BatchWorker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The workers of a model: so many for each device that it runs on, which can become more while it serves. Owns their threads; thread-safe. */
final class Workers {
    private final int perDevice;
    private final IntFunction<BatchWorker> maker;
    private final List<BatchWorker> all = new ArrayList<>();
    private boolean ending;

    /** @param maker of the worker of a number, from 0 on; not started */
    Workers(int perDevice, IntFunction<BatchWorker> maker) {
        this.perDevice = perDevice;
        this.maker = maker;
    }

    /** Sees to it that there are enough for so many devices; they never become fewer, and not more once they are to end. */
    synchronized void serve(int devices) {
        while (!ending && all.size() < perDevice * devices) {
            BatchWorker worker = maker.apply(all.size());
            worker.start();
            all.add(worker);
        }
    }

    /** Waits for each of them to end, for so long at most; their queue must be closed. True if all have ended. */
    boolean join(long millis) throws InterruptedException {
        List<BatchWorker> ended;
        synchronized (this) {
            ending = true;
            ended = List.copyOf(all);
        }
        boolean whole = true;
        for (BatchWorker worker : ended) {
            whole &= worker.join(millis);
        }
        return whole;
    }
}
