package dev.cleave.gateway.exec;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchTask;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One admitted request, its boundary still encoded. Owns the guarantee that every request is answered exactly once: of
 * all who may end it (executor, timer, cancellation, shutdown), the first one wins.
 *
 * <pre>
 *   WAITING --take--> TAKEN --begin--> RUNNING        the latter two: an executor has it in hand
 *      |                |                 |
 *      |                +-----------------+---complete---> GIVEN_UP
 *      |                |                                     |
 *   complete          finish                                letGo
 *      v                v                                     v
 *     DONE             DONE                                 DONE
 * </pre>
 *
 * It is answered on the way to DONE or GIVEN_UP, and released ({@link ReplySink#released}) on the way to DONE: one that is given up in a run counts for what it holds until
 * the executor has done with it.
 */
public final class InferenceTask extends BatchTask {
    private final long id;
    private final BatchKey key;
    private final int quality;
    private final Entropy entropy;
    private final int rows;
    private final long bytes;
    private final int priority;
    private final long deadlineNanos;
    private final ReplySink sink;
    /** These three are settled when it is put in line. */
    private long receivedNanos;

    private ByteBuffer payload;
    private TaskState state = TaskState.NONE;
    private volatile long stateAfter;
    private final AtomicReference<Stage> stage = new AtomicReference<>(Stage.WAITING);
    private volatile boolean hadBegun;
    private volatile int queueDepth;

    private enum Stage {
        WAITING,
        TAKEN,
        RUNNING,
        GIVEN_UP,
        DONE;

        boolean isEnd() {
            return this == GIVEN_UP || this == DONE;
        }

        Stage completed() {
            return this == TAKEN || this == RUNNING ? GIVEN_UP : isEnd() ? this : DONE;
        }

        Stage finished() {
            return isEnd() ? this : DONE;
        }
    }

    /**
     * @param id unique in the process
     * @param quality level of the frame, which is the reply's, too
     * @param entropy coder that its stream agreed on
     * @param bytes of the decoded boundary
     * @param receivedNanos when the frame had been received whole
     * @param payload encoded boundary, position to limit; not changed by anybody from now on
     */
    public InferenceTask(
            long id,
            BatchKey key,
            int quality,
            Entropy entropy,
            int rows,
            long bytes,
            int priority,
            long receivedNanos,
            long deadlineNanos,
            ByteBuffer payload,
            ReplySink sink) {
        this.id = id;
        this.key = key;
        this.quality = quality;
        this.entropy = entropy;
        this.rows = rows;
        this.bytes = bytes;
        this.priority = priority;
        this.receivedNanos = receivedNanos;
        this.deadlineNanos = deadlineNanos;
        this.payload = payload;
        this.sink = sink;
    }

    /** It continues a state that is kept here; said before it is put in line. */
    public InferenceTask continuing(TaskState kept) {
        state = kept;
        return this;
    }

    /**
     * Its frame was read, which made another payload of it, and its wait begins; said before it is put in line. Its deadline stays.
     *
     * @param standing encoded boundary, position to limit; not changed by anybody from now on
     */
    public void read(ByteBuffer standing, long nowNanos) {
        payload = standing;
        receivedNanos = nowNanos;
    }

    TaskState state() {
        return state;
    }

    /** The state that it is given was left by this frame. */
    void continued(long after) {
        stateAfter = after;
    }

    /** Of one that has run: the frame that had left its state, 0 for none. */
    public long stateAfter() {
        return stateAfter;
    }

    @Override
    public Object succession() {
        return state.succession();
    }

    /** An executor takes it in hand, until it finishes it, or lets go of it; false if it was completed, so that there is no point in that. */
    boolean take() {
        return stage.compareAndSet(Stage.WAITING, Stage.TAKEN);
    }

    /** It is about to run; false if it was completed, so that it must not. */
    boolean begin() {
        return stage.compareAndSet(Stage.TAKEN, Stage.RUNNING);
    }

    /** The executor that has taken it does nothing with it any more; it was ended. */
    void letGo() {
        if (stage.get() == Stage.GIVEN_UP && stage.compareAndSet(Stage.GIVEN_UP, Stage.DONE)) {
            sink.released(this);
        }
    }

    /** Of a task that has ended: whether it had begun to run; if not, it never will. */
    public boolean hadBegun() {
        return hadBegun;
    }

    /**
     * Ends it, wherever it is.
     *
     * @return false if it had ended before; nothing is sent then
     */
    public boolean complete(Outcome outcome) {
        Stage before = stage.getAndUpdate(Stage::completed);
        return !before.isEnd() && end(before, outcome, before == Stage.WAITING);
    }

    /** The same, by the executor that has it in hand, and reads it no more. */
    boolean finish(Outcome outcome) {
        Stage before = stage.getAndUpdate(Stage::finished);
        return !before.isEnd() && end(before, outcome, true);
    }

    private boolean end(Stage before, Outcome outcome, boolean releases) {
        hadBegun = before == Stage.RUNNING;
        if (releases) {
            sink.released(this);
        }
        sink.reply(this, outcome);
        return true;
    }

    /** True from the moment somebody has ended it: there is no more point in working on it. */
    public boolean isDone() {
        return stage.get().isEnd();
    }

    public long id() {
        return id;
    }

    @Override
    public BatchKey batchKey() {
        return key;
    }

    public int point() {
        return key.point();
    }

    public int quality() {
        return quality;
    }

    public Entropy entropy() {
        return entropy;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public int priority() {
        return priority;
    }

    @Override
    public long deadlineNanos() {
        return deadlineNanos;
    }

    public long receivedNanos() {
        return receivedNanos;
    }

    /** A view with its own position. */
    public ByteBuffer payload() {
        return payload.duplicate();
    }

    /** Requests that waited when this one was admitted. */
    public int queueDepth() {
        return queueDepth;
    }

    void queuedBehind(int depth) {
        queueDepth = depth;
    }
}
