package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.gateway.exec.BatchQueue;
import dev.cleave.gateway.exec.BatchWorker;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.v1.Error;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bundle that is loaded: its sessions, its queue and the workers between them. Owns all three until {@link #close}.
 * Thread-safe.
 */
public final class ServedModel {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);
    private static final long JOIN_MILLIS = 5_000;

    private final Bundle bundle;
    private final LoadedTails tails;
    private final SortedMap<Integer, PointCodec> codecs;
    private final int maxRows;
    private final BatchQueue queue;
    private final List<BatchWorker> workers;
    private final ModelMetrics metrics;
    private volatile boolean draining;

    /**
     * @param codecs one for every point that is served
     * @param maxRows most rows of a batch, and so of a request
     * @param workers not started
     */
    ServedModel(
            Bundle bundle,
            LoadedTails tails,
            SortedMap<Integer, PointCodec> codecs,
            int maxRows,
            BatchQueue queue,
            List<BatchWorker> workers,
            ModelMetrics metrics) {
        this.bundle = bundle;
        this.tails = tails;
        this.codecs = codecs;
        this.maxRows = maxRows;
        this.queue = queue;
        this.workers = List.copyOf(workers);
        this.metrics = metrics;
        metrics.queue(queue::size);
        workers.forEach(BatchWorker::start);
    }

    public Bundle bundle() {
        return bundle;
    }

    public Contract contract() {
        return bundle.contract();
    }

    public String name() {
        return contract().modelName();
    }

    /** In which the tails run: the contract's, or another that the bundle has beside it. */
    public String precision() {
        return tails.precision();
    }

    /** Split points served, ascending. */
    public List<Integer> points() {
        return List.copyOf(codecs.keySet());
    }

    /** The codec of a point, or null if the point is not served. */
    public PointCodec codec(int point) {
        return codecs.get(point);
    }

    /** Most rows of one request at a point; 1 where rows are not independent. */
    public int maxRows(int point) {
        return codecs.get(point).isJoinable() ? maxRows : 1;
    }

    public int maxRows() {
        return maxRows;
    }

    public ModelMetrics metrics() {
        return metrics;
    }

    public BatchQueue queue() {
        return queue;
    }

    public boolean isDraining() {
        return draining;
    }

    /** From now on nothing new is admitted and no batch waits for company. */
    public void drain() {
        draining = true;
        queue.drain();
    }

    /**
     * Refuses what is queued, lets the running batch end and frees the sessions. Sessions are kept, with a warning,
     * under a batch that does not end in time: freeing them would crash the process.
     */
    public void close() {
        draining = true;
        for (InferenceTask task : new ArrayList<>(queue.close())) {
            task.complete(Outcome.refused(
                    new Refusal(Error.Code.DRAINING, "model \"" + name() + "\" was shut down before this request ran"),
                    Timing.queued(0)));
        }
        if (joinWorkers()) {
            tails.close();
        } else {
            LOG.warn("model {} still runs a batch; its memory is freed with the process", name());
        }
    }

    private boolean joinWorkers() {
        boolean ended = true;
        try {
            for (BatchWorker worker : workers) {
                ended &= worker.join(JOIN_MILLIS);
            }
            return ended;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
