package dev.cleave.gateway.admission;

import dev.cleave.bundle.Contract;
import dev.cleave.codec.CodecException;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.ReplySink;
import dev.cleave.gateway.exec.TaskState;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.tensor.Shape;
import dev.cleave.v1.Error;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Decides whether a frame that has been received whole becomes a task in a model's queue. Reads headers only: nothing is
 * decoded or allocated here for a request that is refused. Thread-safe.
 *
 * <p>The checks, in order: the point is one that is served, and not before the privacy floor; rows and quality level;
 * the shapes in the payload, and the size that they would decode to; the deadline; draining; the bounds of what is held, in
 * requests per model and in bytes.
 */
public final class Admission {
    private static final long MAX_DEADLINE_MICROS = TimeUnit.DAYS.toMicros(1);

    private final long maxTensorBytes;
    private final long maxHeldBytes;
    private final LongSupplier clock;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong heldBytes = new AtomicLong();

    /**
     * @param maxTensorBytes decoded size of one request's boundary
     * @param maxHeldBytes encoded boundaries of all requests that wait or run, all models together
     */
    public Admission(long maxTensorBytes, long maxHeldBytes, LongSupplier clock) {
        this.maxTensorBytes = maxTensorBytes;
        this.maxHeldBytes = maxHeldBytes;
        this.clock = clock;
    }

    /** Encoded bytes of the requests that wait or run. */
    public long heldBytes() {
        return heldBytes.get();
    }

    /**
     * Checks a frame and puts it in line.
     *
     * @param payload encoded boundary; the task's from now on
     * @param receivedNanos when the last chunk had come; deadlines count from here
     * @param state what it continues
     * @param sink gets the one reply of a task that is admitted, possibly before this returns
     */
    public Decision admit(
            ServedModel model,
            FrameHeader header,
            ByteBuffer payload,
            TaskState state,
            long receivedNanos,
            ReplySink sink) {
        Refusal refusal = checkHeader(model, header);
        if (refusal != null) {
            return Decision.refused(refusal);
        }
        PointCodec codec = model.codec(header.point());
        List<Shape> shapes;
        try {
            shapes = codec.shapes(header.quality(), header.rows(), payload);
        } catch (CodecException e) {
            return refused(Error.Code.MALFORMED_FRAME, e.getMessage());
        }
        long bytes = saturated(codec.decodedBytes(shapes), codec.stateBytes(header.rows()));
        if (bytes > maxTensorBytes) {
            return refused(
                    Error.Code.LIMIT_EXCEEDED,
                    "boundary of shapes " + shapes + " decodes to more than " + maxTensorBytes + " bytes");
        }
        int size = payload.remaining();
        InferenceTask task = new InferenceTask(
                        ids.incrementAndGet(),
                        codec.key(shapes),
                        header.quality(),
                        header.entropy(),
                        header.rows(),
                        bytes,
                        header.priority(),
                        receivedNanos,
                        deadline(header, receivedNanos),
                        payload,
                        (done, outcome) -> {
                            heldBytes.addAndGet(-size);
                            sink.reply(done, outcome);
                        })
                .continuing(state);
        return enqueue(model, task);
    }

    private static long saturated(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    /** What is wrong with a frame before its payload is looked at, or null. */
    public static Refusal checkHeader(ServedModel model, FrameHeader header) {
        Contract contract = model.contract();
        int point = header.point();
        if (point >= 0 && point < contract.privacyFloor()) {
            return new Refusal(
                    Error.Code.PRIVACY_FLOOR,
                    "point " + point + " is before the privacy floor of model \"" + model.name()
                            + "\"; expected at least " + contract.privacyFloor());
        }
        PointCodec codec = model.codec(point);
        if (codec == null) {
            return new Refusal(
                    Error.Code.POINT_NOT_SERVED,
                    "point " + Integer.toUnsignedString(point) + " of model \"" + model.name()
                            + "\" is not served; expected one of " + model.points());
        }
        int maxRows = model.maxRows(point);
        if (header.rows() < 1 || header.rows() > maxRows) {
            return new Refusal(
                    Error.Code.LIMIT_EXCEEDED,
                    "frame of " + Integer.toUnsignedString(header.rows()) + " rows at point " + point
                            + "; expected 1 to " + maxRows);
        }
        if (header.quality() < 0 || header.quality() >= codec.levels()) {
            return new Refusal(
                    Error.Code.MALFORMED_FRAME,
                    "quality level " + Integer.toUnsignedString(header.quality()) + " at point " + point
                            + "; expected 0 to " + (codec.levels() - 1));
        }
        return null;
    }

    private Decision enqueue(ServedModel model, InferenceTask task) {
        if (task.deadlineNanos() != BatchTask.NO_DEADLINE && task.deadlineNanos() - clock.getAsLong() <= 0) {
            return refused(Error.Code.DEADLINE_EXCEEDED, "deadline had passed when the frame was admitted");
        }
        // A model that closes between this check and the offer refuses the offer itself.
        if (model.isDraining()) {
            return draining(model);
        }
        int size = task.payload().remaining();
        if (heldBytes.addAndGet(size) > maxHeldBytes) {
            heldBytes.addAndGet(-size);
            return overloaded(
                    model,
                    task,
                    "gateway holds " + heldBytes + " bytes of frames; expected at most " + maxHeldBytes + " with the "
                            + size + " of this one");
        }
        if (model.queue().offer(task)) {
            return Decision.admitted(task);
        }
        heldBytes.addAndGet(-size);
        return model.isDraining()
                ? draining(model)
                : overloaded(model, task, "queue of model \"" + model.name() + "\" is full");
    }

    private static Decision overloaded(ServedModel model, InferenceTask task, String message) {
        long retryAfter = model.queue().retryAfterNanos(task.batchKey());
        return Decision.refused(new Refusal(Error.Code.OVERLOADED, message, retryAfter));
    }

    private static long deadline(FrameHeader header, long receivedNanos) {
        long micros = header.remainingMicros();
        if (micros == 0 || micros < 0 || micros > MAX_DEADLINE_MICROS) {
            return BatchTask.NO_DEADLINE; // Unsigned on the wire: a negative value is further away than any clock goes.
        }
        return receivedNanos + TimeUnit.MICROSECONDS.toNanos(micros);
    }

    private static Decision draining(ServedModel model) {
        return refused(Error.Code.DRAINING, "model \"" + model.name() + "\" is shutting down and takes nothing new");
    }

    private static Decision refused(Error.Code code, String message) {
        return Decision.refused(new Refusal(code, message));
    }
}
