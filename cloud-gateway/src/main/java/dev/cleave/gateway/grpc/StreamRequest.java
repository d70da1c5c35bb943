package dev.cleave.gateway.grpc;

import dev.cleave.gateway.admission.Entry;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.v1.Frame;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A request of one stream between its full receipt and its reply.
 *
 * <pre>
 *   on its way in   an end is noted, and told by whoever acknowledges
 *   acknowledged    an end is told by whoever has it
 * </pre>
 *
 * So no reply comes before its acknowledgement, whoever ends the request, and when. Thread-safe.
 */
final class StreamRequest {
    final long id;
    /** What its frame says, without the payload. */
    final Frame header;
    /** Of its payload, as it came. */
    final int bytes;
    /** From the first chunk to the last. */
    final long receiveNanos;
    /** When the last had come. */
    final long wholeNanos;

    private final AtomicReference<Refusal> end = new AtomicReference<>();
    private volatile Entry entry;
    private volatile Runnable turn;
    private volatile long receivedNanos;
    private volatile boolean acknowledged;

    StreamRequest(Frame header, int bytes, long receiveNanos, long wholeNanos) {
        this.id = header.getRequestId();
        this.header = header;
        this.bytes = bytes;
        this.receiveNanos = receiveNanos;
        this.wholeNanos = wholeNanos;
        this.receivedNanos = wholeNanos;
    }

    /** It was admitted; said before anybody else knows of it. */
    void entered(Entry admitted) {
        entry = admitted;
    }

    /** Its task, and the place that it has. */
    Entry entry() {
        return entry;
    }

    /** Its frame waits for its turn; said before it does. */
    void waits(Runnable itsTurn) {
        turn = itsTurn;
    }

    /** What it waited for; null if it went on at once. */
    Runnable turn() {
        return turn;
    }

    /** Its turn is over, which does not count to its residence. */
    void read(long nowNanos) {
        receivedNanos = nowNanos;
    }

    /** When its residence began: when it was whole, or its turn was over. */
    long receivedNanos() {
        return receivedNanos;
    }

    /** From its first chunk to then. */
    long arrivalNanos() {
        return receiveNanos + receivedNanos - wholeNanos;
    }

    /** Why it is to end, or null. */
    Refusal end() {
        return end.get();
    }

    /**
     * It is to end, and why; the first word counts.
     *
     * @return whether it was acknowledged, so that the caller tells its agent; else whoever acknowledges does
     */
    boolean end(Refusal why) {
        end.compareAndSet(null, why);
        return acknowledged;
    }

    /**
     * Its acknowledgement goes out, and its task is where whoever ends it looks for it.
     *
     * @return the end that was noted before, for the caller to tell; or null
     */
    Refusal acknowledged() {
        acknowledged = true;
        return end.get();
    }
}
