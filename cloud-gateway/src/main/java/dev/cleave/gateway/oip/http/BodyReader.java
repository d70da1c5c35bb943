package dev.cleave.gateway.oip.http;

import dev.cleave.gateway.config.Patience;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * Reads one body as it comes, without a thread that waits. What it takes grows with what has come, whatever the request says of its length, and is given back when the
 * body was used. Jetty calls it on one thread at a time.
 */
final class BodyReader implements Runnable {
    private static final int FIRST_BYTES = 16 << 10;

    private final Request request;
    private final int most;
    private final BodyMemory memory;
    private final Patience patience;
    private final LongSupplier clock;
    private final long startedNanos;
    private final Receiver receiver;
    private byte[] body = new byte[0];
    private int bytes;

    /** What becomes of a body: exactly one of the three. */
    interface Receiver {
        /** @param bytes of the body that count */
        void received(byte[] body, int bytes);

        void refused(HttpRefusal refusal);

        /** The caller has gone away. */
        void broken(Throwable cause);
    }

    /**
     * @param most bytes of the body
     * @param patience how long it may take to come; looked at whenever some of it does
     */
    BodyReader(Request request, int most, BodyMemory memory, Patience patience, LongSupplier clock, Receiver receiver) {
        this.request = request;
        this.most = most;
        this.memory = memory;
        this.patience = patience;
        this.clock = clock;
        this.startedNanos = clock.getAsLong();
        this.receiver = receiver;
    }

    /** Reads what is there, and asks to be called again when more is. */
    @Override
    public void run() {
        while (true) {
            Content.Chunk chunk = request.read();
            if (chunk == null) {
                request.demand(this);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                release();
                fail(chunk.getFailure());
                return;
            }
            HttpRefusal refusal = append(chunk.getByteBuffer());
            boolean last = chunk.isLast();
            chunk.release();
            if (refusal == null && !last && patience.isOver(clock.getAsLong() - startedNanos, bytes)) {
                refusal = new HttpRefusal(
                        408, "body came slowly, " + bytes + " bytes so far; expected " + patience.describe());
            }
            if (refusal != null) {
                release();
                receiver.refused(refusal);
                return;
            }
            if (last) {
                try {
                    receiver.received(body, bytes);
                } finally {
                    release();
                }
                return;
            }
        }
    }

    private void fail(Throwable failure) {
        if (failure instanceof TimeoutException) {
            receiver.refused(new HttpRefusal(408, "body stopped after " + bytes + " bytes; expected all of it"));
        } else {
            receiver.broken(failure);
        }
    }

    /** @return null, or why the body is not taken */
    private HttpRefusal append(ByteBuffer part) {
        long needed = (long) bytes + part.remaining();
        if (needed > most) {
            return tooLarge(most);
        }
        if (needed > body.length) {
            long declared = request.getLength() < 0 ? most : Math.min(most, request.getLength());
            int size = (int) Math.max(needed, Math.min(declared, Math.max(FIRST_BYTES, 2L * body.length)));
            if (!memory.take(size - body.length)) {
                return HttpRefusal.overloaded("gateway holds too much of other requests; expected fewer at a time");
            }
            body = Arrays.copyOf(body, size);
        }
        int length = part.remaining();
        part.get(body, bytes, length);
        bytes += length;
        return null;
    }

    static HttpRefusal tooLarge(int most) {
        return new HttpRefusal(413, "body is too large; expected at most " + most + " bytes");
    }

    /** Its memory is free again when the receiver is through with it. */
    private void release() {
        memory.giveBack(body.length);
        body = new byte[0];
    }
}
