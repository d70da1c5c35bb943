package dev.cleave.gateway.admission;

import dev.cleave.bundle.Contract;
import dev.cleave.codec.CodecException;
import dev.cleave.gateway.batch.BatchKey;
import dev.cleave.gateway.batch.BatchTask;
import dev.cleave.gateway.exec.InferenceTask;
import dev.cleave.gateway.exec.Offer;
import dev.cleave.gateway.exec.Outcome;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.exec.ReplySink;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.identity.Overdraft;
import dev.cleave.gateway.limit.Permit;
import dev.cleave.gateway.memory.HeldBytes;
import dev.cleave.gateway.metrics.Rejection;
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
 * the shapes in the payload, and the size that they would decode to; the deadline; draining; what the device has used up; the model's limit of
 * requests in the house; the bytes that are held; and then, in line, whether the deadline can be met; the queue's bound. A request holds its place in the
 * house from here until it is answered, whatever the answer, and its bytes until nobody reads them any more. What comes between ({@link #enter}, {@link #queue}) is the caller's business: frames of videos are
 * read there.
 */
public final class Admission {
    private static final long MAX_DEADLINE_MICROS = TimeUnit.DAYS.toMicros(1);
    private static final long RETRY_ELSEWHERE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long maxTensorBytes;
    private final LongSupplier clock;
    private final AtomicLong ids = new AtomicLong();
    private final HeldBytes held;

    /**
     * @param maxTensorBytes decoded size of one request's boundary
     * @param maxHeldBytes encoded boundaries of all requests that wait or run, all models together ({@link HeldBytes})
     */
    public Admission(long maxTensorBytes, long maxHeldBytes, LongSupplier clock) {
        this.maxTensorBytes = maxTensorBytes;
        this.held = new HeldBytes(maxHeldBytes);
        this.clock = clock;
    }

    /** Encoded bytes of the requests that wait or run. */
    public long heldBytes() {
        return held.held();
    }

    /**
     * Checks a frame and puts it in line: {@link #enter} and {@link #queue}.
     *
     * @param sink gets the one reply of a task that is admitted, possibly before this returns
     */
    public Decision admit(
            ServedModel model,
            FrameHeader header,
            ByteBuffer payload,
            Device device,
            long receivedNanos,
            ReplySink sink) {
        Entry entry = enter(model, header, payload, device, receivedNanos, sink);
        if (entry.refusal() != null) {
            return Decision.refused(entry.refusal());
        }
        Refusal refusal = queue(entry);
        if (refusal != null) {
            entry.place().withdraw();
            return Decision.refused(refusal);
        }
        return Decision.admitted(entry.task());
    }

    /**
     * Checks a frame, all but what its line says, and gives it a place in the house: something is to be done with it before {@link #queue}.
     *
     * @param payload encoded boundary; the task's from now on
     * @param receivedNanos when the last chunk had come; deadlines count from here
     * @param device whose frame it is
     * @param sink gets the one reply of a task that has entered
     */
    public Entry enter(
            ServedModel model,
            FrameHeader header,
            ByteBuffer payload,
            Device device,
            long receivedNanos,
            ReplySink sink) {
        Refusal refusal = checkHeader(model, header);
        if (refusal != null) {
            return Entry.refused(refusal);
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
        return takeIn(model, new Checked(header, codec.key(shapes), bytes, payload, receivedNanos), device, sink);
    }

    /** Why there is no point any more in what is to be done with a task before it is in line, and then its device is not charged; or null. */
    public Refusal recheck(Entry entry) {
        Refusal late = checkTime(entry.model(), entry.task().deadlineNanos());
        if (late != null) {
            entry.uncharge();
        }
        return late;
    }

    /**
     * A frame was read, which made another payload of it: it holds the bytes of that from now on.
     *
     * @param payload the task's from now on
     * @return why there is no room for it, and then its device is not charged; or null
     */
    public Refusal read(Entry entry, ByteBuffer payload, long nowNanos) {
        int size = payload.remaining();
        if (!entry.place().hold(size)) {
            entry.uncharge();
            return noRoom(entry.model(), entry.task().batchKey(), size);
        }
        entry.task().read(payload, nowNanos);
        return null;
    }

    /**
     * A frame that is in order.
     *
     * @param bytes that it decodes to
     */
    private record Checked(FrameHeader header, BatchKey key, long bytes, ByteBuffer payload, long receivedNanos) {
        long deadlineNanos() {
            long micros = header.remainingMicros();
            if (micros <= 0 || micros > MAX_DEADLINE_MICROS) {
                return BatchTask
                        .NO_DEADLINE; // Unsigned on the wire: a negative value is further away than any clock goes.
            }
            return receivedNanos + TimeUnit.MICROSECONDS.toNanos(micros);
        }
    }

    private Entry takeIn(ServedModel model, Checked frame, Device device, ReplySink sink) {
        int size = frame.payload().remaining();
        Refusal refusal = checkTime(model, frame.deadlineNanos());
        if (refusal == null) {
            refusal = charge(model, device, size);
        }
        if (refusal != null) {
            return Entry.refused(refusal);
        }
        Permit permit = model.limit().acquire(frame.header().priority());
        if (permit == null) {
            device.giveBack(size);
            return Entry.refused(overloaded(
                    model,
                    frame.key(),
                    Rejection.LIMIT,
                    "model \"" + model.name() + "\" has " + model.limit().inFlight()
                            + " requests in the house; expected" + " fewer than "
                            + model.limit().limit()));
        }
        Place place = new Place(permit, device, size, held, model.held());
        if (!place.hold(size)) {
            place.withdraw();
            place.uncharge();
            return Entry.refused(noRoom(model, frame.key(), size));
        }
        return Entry.of(model, task(frame, new Leaving(place, sink)), place);
    }

    /** A request's way out of the house. */
    private record Leaving(Place place, ReplySink sink) implements ReplySink {
        @Override
        public void reply(InferenceTask task, Outcome outcome) {
            try {
                place.answered(outcome);
            } finally {
                sink.reply(task, outcome);
            }
        }

        @Override
        public void released(InferenceTask task) {
            place.letGo();
        }
    }

    private InferenceTask task(Checked frame, ReplySink sink) {
        FrameHeader header = frame.header();
        return new InferenceTask(
                ids.incrementAndGet(),
                frame.key(),
                header.quality(),
                header.entropy(),
                header.rows(),
                frame.bytes(),
                header.priority(),
                frame.receivedNanos(),
                frame.deadlineNanos(),
                frame.payload(),
                sink);
    }

    private Refusal checkTime(ServedModel model, long deadlineNanos) {
        if (deadlineNanos != BatchTask.NO_DEADLINE && deadlineNanos - clock.getAsLong() <= 0) {
            return new Refusal(Error.Code.DEADLINE_EXCEEDED, "deadline had passed when the frame was admitted");
        }
        // A model that closes between this check and the offer refuses the offer itself.
        return model.isDraining() ? draining(model) : null;
    }

    private Refusal charge(ServedModel model, Device device, long size) {
        Overdraft overdraft = device.charge(size, clock.getAsLong());
        if (overdraft == null) {
            return null;
        }
        boolean ofRequests = overdraft.of() == Overdraft.Of.REQUESTS;
        model.metrics().rejected(ofRequests ? Rejection.RATE : Rejection.BYTES);
        return new Refusal(
                Error.Code.OVERLOADED,
                device.name() + " has used up its " + (ofRequests ? "requests" : "bytes") + "; expected the next in "
                        + TimeUnit.NANOSECONDS.toMillis(overdraft.nanos()) + " ms",
                overdraft.nanos());
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

    /**
     * Puts a task that has entered in line.
     *
     * @return why it is not taken, or null; it has its place until it is completed, and its device is not charged
     */
    public Refusal queue(Entry entry) {
        ServedModel model = entry.model();
        InferenceTask task = entry.task();
        Offer offer = model.queue().offer(task);
        if (offer == Offer.TAKEN) {
            return null;
        }
        entry.uncharge();
        return switch (offer) {
            case FULL ->
                overloaded(model, task.batchKey(), Rejection.QUEUE, "queue of model \"" + model.name() + "\" is full");
            case TOO_LATE ->
                overloaded(
                        model,
                        task.batchKey(),
                        Rejection.DEADLINE,
                        "queue of model \"" + model.name() + "\" is too long for a deadline of "
                                + TimeUnit.NANOSECONDS.toMicros(task.deadlineNanos() - task.receivedNanos())
                                + " us; expected fewer before it");
            default -> draining(model);
        };
    }

    private Refusal noRoom(ServedModel model, BatchKey key, int size) {
        String message = "gateway holds " + held.held() + " bytes of frames, "
                + model.held().held() + " of them for model \"" + model.name() + "\"; expected at most "
                + held.most() + " with the " + size + " of this one, and of one model at most " + held.mostOfModel();
        return overloaded(model, key, Rejection.MEMORY, message);
    }

    private static Refusal overloaded(ServedModel model, BatchKey key, Rejection why, String message) {
        model.metrics().rejected(why);
        long retryAfter = model.queue().retryAfterNanos(key);
        return new Refusal(Error.Code.OVERLOADED, message, retryAfter);
    }

    private static Refusal draining(ServedModel model) {
        return new Refusal(
                Error.Code.DRAINING,
                "model \"" + model.name() + "\" is shutting down and takes nothing new",
                RETRY_ELSEWHERE_NANOS);
    }

    private static Entry refused(Error.Code code, String message) {
        return Entry.refused(new Refusal(code, message));
    }
}
