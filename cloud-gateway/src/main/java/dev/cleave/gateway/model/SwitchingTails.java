package dev.cleave.gateway.model;

import dev.cleave.engine.EngineException;
import dev.cleave.gateway.exec.Tail;
import dev.cleave.tensor.Tensor;
import java.util.Map;

/**
 * The tails that a model runs now, in whose place others may be put while batches run. Owns the set in use, and a former one
 * until the last run has left it. Thread-safe.
 *
 * <p>A run counts as inside the set that it began with, from its first segment to its last, so that nothing is closed under it; the
 * next run takes the set that is then in use. A set is closed once: by the last run to leave it after it was replaced, or by
 * whoever replaces it while nobody is inside. After that nobody can enter it, as it is in use no more.
 */
final class SwitchingTails implements AutoCloseable {
    private Use current;
    private boolean closed;

    /** A set and the runs inside; guarded by the outer object. */
    private static final class Use {
        private final TailSet set;
        private int runs;
        private boolean retired;

        Use(TailSet set) {
            this.set = set;
        }

        boolean isOver() {
            return retired && runs == 0;
        }
    }

    /** One worker's part of whatever set is in use. */
    private final class WorkersTail implements Tail {
        private final int worker;

        WorkersTail(int worker) {
            this.worker = worker;
        }

        /** Of the set that the next run takes, most likely: if another is put in its place until then, as many rows are as good. */
        @Override
        public int rowsToRun(int point, int rows) {
            return current().of(worker).rowsToRun(point, rows);
        }

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos)
                throws EngineException {
            Use use = enter();
            try {
                return use.set.of(worker).run(point, boundary, limitNanos);
            } finally {
                leave(use);
            }
        }

        @Override
        public Map<String, Tensor> run(int point, Map<String, Tensor> boundary, long limitNanos, Border border)
                throws EngineException {
            Use use = enter();
            try {
                return use.set.of(worker).run(point, boundary, limitNanos, border);
            } finally {
                leave(use);
            }
        }
    }

    SwitchingTails(TailSet first) {
        this.current = new Use(first);
    }

    /** What a worker runs, over all switches. */
    Tail tail(int worker) {
        return new WorkersTail(worker);
    }

    /** The set that the next run takes; the caller does not run it. */
    synchronized TailSet current() {
        return current.set;
    }

    /**
     * The next run takes another set, which is owned from now on.
     *
     * @return false if this is closed: the set is then still the caller's
     */
    boolean switchTo(TailSet next) {
        Use former;
        boolean over;
        synchronized (this) {
            if (closed) {
                return false;
            }
            former = current;
            current = new Use(next);
            former.retired = true;
            over = former.isOver();
        }
        if (over) {
            former.set.close();
        }
        return true;
    }

    private synchronized Use enter() throws EngineException {
        if (closed) {
            throw new EngineException("the model is unloaded; no run can begin");
        }
        current.runs++;
        return current;
    }

    private void leave(Use use) {
        boolean over;
        synchronized (this) {
            use.runs--;
            over = use.isOver();
        }
        if (over) {
            use.set.close();
        }
    }

    /** No run begins any more; the set in use is closed when the last run has left it. A second call does nothing. */
    @Override
    public void close() {
        boolean over;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            current.retired = true;
            over = current.isOver();
        }
        if (over) {
            current.set.close();
        }
    }
}
