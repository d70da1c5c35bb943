package dev.cleave.gateway.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.gateway.exec.BatchQueue;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.Timing;
import dev.cleave.gateway.limit.RequestLimit;
import dev.cleave.gateway.memory.HeldBytes;
import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.v1.Error;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that is loaded: its sessions, its queue and the workers between them. Owns all three until {@link #close}.
 * Thread-safe.
 */
public final class ServedModel {
    private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);
    private static final long JOIN_MILLIS = 5_000;
    private static final long MOMENT_MILLIS = 200;

    private final ModelSource source;
    private final SwitchingTails tails;
    /** Null if nothing better is to be had. */
    private final EngineUpgrade upgrade;

    private final SortedMap<Integer, PointCodec> codecs;
    private final int maxRows;
    private final BatchQueue queue;
    private final RequestLimit limit;
    private final HeldBytes.OfModel held = new HeldBytes.OfModel();
    private final Workers workers;
    private final ModelMetrics metrics;
    private final Runnable unmetered;
    private final IntSupplier queueLength;
    private final ModelMetrics.LimitMeters limitMeters;
    private final OpenStreams streams = new OpenStreams();
    private boolean freed;

    /**
     * @param upgrade of the tails, or null
     * @param codecs one for every point that is served
     * @param maxRows most rows of a batch, and so of a request
     * @param workers none yet
     * @param unmetered told once, when the meters are needed no more
     */
    ServedModel(
            ModelSource source,
            SwitchingTails tails,
            EngineUpgrade upgrade,
            SortedMap<Integer, PointCodec> codecs,
            int maxRows,
            BatchQueue queue,
            RequestLimit limit,
            Workers workers,
            ModelMetrics metrics,
            Runnable unmetered) {
        this.source = source;
        this.tails = tails;
        this.upgrade = upgrade;
        this.codecs = codecs;
        this.maxRows = maxRows;
        this.queue = queue;
        this.limit = limit;
        this.workers = workers;
        this.metrics = metrics;
        this.unmetered = unmetered;
        this.queueLength = queue::size;
        this.limitMeters = new ModelMetrics.LimitMeters(limit::limit, limit::inFlight);
        metrics.queue(queueLength);
        metrics.limit(limitMeters);
    }

    /** SHA-256, lower-case hex; of a bundle the bundle id. */
    public String id() {
        return source.id();
    }

    /** Null for a plain model. */
    public Bundle bundle() {
        return source instanceof BundleSource bundled ? bundled.bundle() : null;
    }

    public Contract contract() {
        return source.contract();
    }

    public String name() {
        return contract().modelName();
    }

    public String version() {
        return contract().modelVersion();
    }

    /** Number in its signature; 0 where it has none. */
    public long release() {
        return source.release();
    }

    /** In which the tails run: the contract's, or another that the bundle has beside it. */
    public String precision() {
        return tails.current().precision();
    }

    /** The execution provider that the next batch runs on. */
    public String provider() {
        return tails.current().provider();
    }

    /** What is notable although it serves, as it is now: refused providers, a build, a failed warm-up; one line each. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>(tails.current().remarks());
        String build = upgrade == null ? "" : upgrade.remark();
        if (!build.isEmpty()) {
            remarks.add(0, build);
        }
        return remarks;
    }

    /**
     * The next batch runs on other tails, which are owned from now on; what was learned of run times is forgotten, and further
     * devices get workers.
     *
     * @return false if the model is closed: the tails are then still the caller's
     */
    boolean switchTo(TailSet next) {
        boolean switched = tails.switchTo(next);
        if (switched) {
            queue.forgetRuns();
            workers.serve(next.all().size());
        }
        return switched;
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

    /** What a request needs a place of before it is put in line. */
    public RequestLimit limit() {
        return limit;
    }

    /** What its requests that wait or run take of the gateway's memory. */
    public HeldBytes.OfModel held() {
        return held;
    }

    public boolean isDraining() {
        return streams.isDraining();
    }

    /**
     * Registers a stream that is to be served; false if the model takes none any more. Every one that was taken is given
     * back by {@link #closed}.
     */
    public boolean open(OpenStream stream) {
        return streams.add(stream);
    }

    /** A stream is over. */
    public void closed(OpenStream stream) {
        streams.remove(stream);
    }

    /** Streams that were ever open for this model. */
    public long streamsEver() {
        return streams.ever();
    }

    /** Streams that agents hold open for this model. */
    public int openStreams() {
        return streams.now().size();
    }

    /** Whether nothing is queued or running. */
    public boolean isQuiet() {
        try {
            return queue.awaitQuiet(0);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** From now on nothing new is admitted and no batch waits for company. */
    public void drain() {
        streams.drain();
        queue.drain();
    }

    /** The same, unless a stream is open; false if one is. */
    public boolean drainIfUnused() {
        boolean drains = streams.drainIfUnused();
        if (drains) {
            queue.drain();
        }
        return drains;
    }

    /** Tells the agents of all open streams to go elsewhere. */
    public void tellStreams(long graceNanos) {
        streams.now().forEach(stream -> stream.drain(graceNanos));
    }

    /** Ends all open streams, once what they are owed was sent. */
    public void endStreams() {
        streams.now().forEach(OpenStream::end);
    }

    /**
     * Refuses what is queued, lets the running batch end, frees the sessions and gives up the meters. Sessions are kept under a batch that does not
     * end in time, since freeing them would crash the process; a later call tries again.
     *
     * @return whether the memory is free
     */
    public boolean close() {
        return close(JOIN_MILLIS);
    }

    /** The same, waiting for no more than a moment. */
    public boolean closeNow() {
        return close(MOMENT_MILLIS);
    }

    private synchronized boolean close(long joinMillis) {
        if (freed) {
            return true;
        }
        drain();
        if (upgrade != null) {
            upgrade.cancel();
        }
        for (InferenceTask task : new ArrayList<>(queue.close())) {
            task.complete(Outcome.refused(
                    new Refusal(Error.Code.DRAINING, "model \"" + name() + "\" was shut down before this request ran"),
                    Timing.queued(0)));
        }
        freed = joinWorkers(joinMillis);
        if (freed) {
            tails.close();
            metrics.queueEnded(queueLength);
            metrics.limitEnded(limitMeters);
            unmetered.run();
        } else if (joinMillis == JOIN_MILLIS) {
            LOG.warn("model {} still runs a batch; its memory is freed when that ends", name());
        }
        return freed;
    }

    private boolean joinWorkers(long millis) {
        try {
            return workers.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
