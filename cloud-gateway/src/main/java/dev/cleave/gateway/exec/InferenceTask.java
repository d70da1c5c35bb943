package dev.cleave.gateway.exec;

import dev.cleave.codec.Entropy;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchTask;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One admitted request, its boundary still encoded. Owns the guarantee that every request is answered exactly once: of
 * all who may {@link #complete} it (executor, timer, cancellation, shutdown), the first one wins.
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
        RUNNING,
        DONE
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

    /** It is about to run; false if it was completed, so that it must not. */
    boolean begin() {
        return stage.compareAndSet(Stage.WAITING, Stage.RUNNING);
    }

    /** Of a task that is completed: whether it had begun to run; if not, it never will. */
    public boolean hadBegun() {
        return hadBegun;
    }

    /** @return false if the task had been completed before; nothing is sent then */
    public boolean complete(Outcome outcome) {
        Stage before = stage.getAndSet(Stage.DONE);
        if (before == Stage.DONE) {
            return false;
        }
        hadBegun = before == Stage.RUNNING;
        sink.reply(this, outcome);
        return true;
    }

    /** True from the moment somebody has completed it: there is no more point in working on it. */
    public boolean isDone() {
        return stage.get() == Stage.DONE;
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
