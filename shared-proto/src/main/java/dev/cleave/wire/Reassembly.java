package dev.cleave.wire;

import com.google.protobuf.ByteString;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Reply;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the interleaved chunks of one stream's requests together again. Pure: no threads, no clock; one owner, not
 * thread-safe.
 *
 * <p>A request is, by id,
 *
 * <pre>
 *            chunk 0 of several            last chunk
 * unknown ------------------------> open -------------> (unknown), Whole
 *    |  \ the only chunk              |
 *    |   `--> (unknown), Whole        | bad chunk, expire, discard
 *    `------- bad chunk ------------> v
 *                                   dead -- last chunk, age --> (unknown)
 * </pre>
 *
 * A dead request's remaining chunks are dropped in silence, so that each request is refused once; the dead are as many
 * as {@link ReassemblyLimits#maxOpen} at most, the oldest are forgotten first. Ids that were answered before are known
 * to the caller, not here.
 *
 * <p>The peer is not trusted: memory is taken for bytes that arrived, never for bytes that were announced, and a chunk may
 * not be so small that keeping it costs more than it holds ({@link Chunks#MIN_CHUNK_BYTES} on average).
 */
public final class Reassembly<M> {
    private final ChunkFormat<M> format;
    private final ReassemblyLimits limits;
    private final Map<Long, Open<M>> open = new LinkedHashMap<>();
    private final Map<Long, Long> dead = new LinkedHashMap<>();
    private long bufferedBytes;

    private Reassembly(ChunkFormat<M> format, ReassemblyLimits limits) {
        this.format = format;
        this.limits = limits;
    }

    public static Reassembly<Frame> ofFrames(ReassemblyLimits limits) {
        return new Reassembly<>(ChunkFormat.FRAME, limits);
    }

    public static Reassembly<Reply> ofReplies(ReassemblyLimits limits) {
        return new Reassembly<>(ChunkFormat.REPLY, limits);
    }

    /** A request that is not whole yet; chunks are kept as they came and joined once, at the end. */
    private static final class Open<M> {
        final M header;
        final long sinceNanos;
        final List<ByteString> chunks = new ArrayList<>();
        long bytes;

        Open(M header, long sinceNanos) {
            this.header = header;
            this.sinceNanos = sinceNanos;
        }
    }

    /** Takes a chunk; what it holds is referred to until its request leaves the buffer. */
    public Arrival<M> offer(M chunk, long nowNanos) {
        long id = format.requestId(chunk);
        if (dead.containsKey(id)) {
            if (format.index(chunk) == format.count(chunk) - 1) {
                dead.remove(id);
            }
            return new Arrival.Dropped<>(id, format.payload(chunk).size());
        }
        Open<M> request = open.get(id);
        Objection objection = request == null ? objectToFirst(chunk) : objectToNext(request, chunk);
        if (objection != null) {
            int count = format.count(request == null ? chunk : request.header);
            long released = format.payload(chunk).size() + remove(id);
            if (format.index(chunk) != count - 1) {
                bury(id, nowNanos);
            }
            return new Arrival.Refused<>(
                    new Refusal(id, objection.code(), describe(chunk) + objection.message(), released));
        }
        if (request == null) {
            if (format.count(chunk) == 1) {
                ByteBuffer payload = format.payload(chunk).asReadOnlyByteBuffer();
                return new Arrival.Whole<>(format.headerOf(chunk), payload, nowNanos);
            }
            request = new Open<>(format.headerOf(chunk), nowNanos);
            open.put(id, request);
        }
        return append(id, request, format.payload(chunk));
    }

    private Arrival<M> append(long id, Open<M> request, ByteString payload) {
        request.chunks.add(payload);
        request.bytes += payload.size();
        bufferedBytes += payload.size();
        if (request.chunks.size() < format.count(request.header)) {
            return new Arrival.Pending<>(id);
        }
        ByteBuffer whole = ByteBuffer.allocate((int) request.bytes);
        for (ByteString part : request.chunks) {
            part.copyTo(whole);
        }
        ((Buffer) whole).flip();
        remove(id);
        return new Arrival.Whole<>(request.header, whole, request.sinceNanos);
    }

    /**
     * Ends the requests whose first chunk arrived too long ago.
     *
     * @return one refusal for each, with {@code DEADLINE_EXCEEDED}
     */
    public List<Refusal> expire(long nowNanos) {
        List<Refusal> expired = new ArrayList<>();
        for (Iterator<Map.Entry<Long, Open<M>>> oldest = open.entrySet().iterator(); oldest.hasNext(); ) {
            Map.Entry<Long, Open<M>> entry = oldest.next();
            Open<M> request = entry.getValue();
            if (nowNanos - request.sinceNanos < limits.maxAgeNanos()) {
                break;
            }
            oldest.remove();
            bufferedBytes -= request.bytes;
            bury(entry.getKey(), nowNanos);
            expired.add(new Refusal(
                    entry.getKey(),
                    Error.Code.DEADLINE_EXCEEDED,
                    describe(request.header) + "is not whole after " + (nowNanos - request.sinceNanos) / 1_000_000
                            + " ms; expected at most " + limits.maxAgeNanos() / 1_000_000,
                    request.bytes));
        }
        for (Iterator<Long> oldest = dead.values().iterator(); oldest.hasNext(); ) {
            if (nowNanos - oldest.next() < limits.maxAgeNanos()) {
                break;
            }
            oldest.remove();
        }
        return expired;
    }

    /** Time until {@link #expire} has something to end; {@code Long.MAX_VALUE} if nothing is open. */
    public long nanosUntilNext(long nowNanos) {
        Iterator<Open<M>> oldest = open.values().iterator();
        return oldest.hasNext()
                ? Math.max(0, oldest.next().sinceNanos + limits.maxAgeNanos() - nowNanos)
                : Long.MAX_VALUE;
    }

    /**
     * Forgets a request that was cancelled; its remaining chunks are dropped.
     *
     * @return the bytes that left the buffer, 0 if the request was not open
     */
    public long discard(long requestId, long nowNanos) {
        if (!open.containsKey(requestId)) {
            return 0;
        }
        bury(requestId, nowNanos);
        return remove(requestId);
    }

    /** Payload bytes of requests that are not whole yet. */
    public long bufferedBytes() {
        return bufferedBytes;
    }

    /** Requests that are not whole yet. */
    public int openRequests() {
        return open.size();
    }

    private record Objection(Error.Code code, String message) {}

    private Objection objectToFirst(M chunk) {
        long total = format.totalBytes(chunk);
        int size = format.payload(chunk).size();
        if (format.requestId(chunk) == 0) {
            return violation("has id 0; expected another");
        }
        if (format.index(chunk) != 0) {
            return violation(
                    "starts with chunk " + Integer.toUnsignedString(format.index(chunk)) + "; expected chunk 0");
        }
        if (Long.compareUnsigned(total, limits.maxMessageBytes()) > 0) {
            return excess("announces " + Long.toUnsignedString(total) + " bytes; expected at most "
                    + limits.maxMessageBytes());
        }
        long count = Integer.toUnsignedLong(format.count(chunk));
        long mostChunks = 1 + total / Chunks.MIN_CHUNK_BYTES;
        if (count < 1 || count > mostChunks) {
            return violation("announces " + count + " chunks for " + total + " bytes; expected 1 to " + mostChunks);
        }
        if (count > 1 && open.size() >= limits.maxOpen()) {
            return excess("is one more than " + open.size() + " incomplete ones; expected at most " + limits.maxOpen());
        }
        return objectToPayload(size, 0, 0, count, total);
    }

    private Objection objectToNext(Open<M> request, M chunk) {
        int expected = request.chunks.size();
        if (format.index(chunk) != expected) {
            return violation("continues with chunk " + Integer.toUnsignedString(format.index(chunk))
                    + "; expected chunk " + expected);
        }
        if (format.count(chunk) != format.count(request.header)) {
            return violation("changes to " + Integer.toUnsignedString(format.count(chunk)) + " chunks; expected "
                    + format.count(request.header));
        }
        return objectToPayload(
                format.payload(chunk).size(),
                expected,
                request.bytes,
                format.count(request.header),
                format.totalBytes(request.header));
    }

    private Objection objectToPayload(int size, int index, long before, long count, long total) {
        long received = before + size;
        boolean last = index == count - 1;
        if (size > limits.maxChunkBytes()) {
            return excess("has " + size + " bytes in chunk " + index + "; expected at most " + limits.maxChunkBytes());
        }
        if (size == 0 && total > 0) {
            return violation("has nothing in chunk " + index + "; expected a part of " + total + " bytes");
        }
        if (received > total || last != (received == total)) {
            return violation(
                    "has " + received + " bytes by chunk " + index + " of " + count + "; announced were " + total);
        }
        if (count > 1 && bufferedBytes + size > limits.maxBufferedBytes()) {
            return excess("fills the buffer with " + (bufferedBytes + size) + " bytes; expected at most "
                    + limits.maxBufferedBytes());
        }
        return null;
    }

    private static Objection violation(String message) {
        return new Objection(Error.Code.PROTOCOL_VIOLATION, message);
    }

    private static Objection excess(String message) {
        return new Objection(Error.Code.LIMIT_EXCEEDED, message);
    }

    private String describe(M message) {
        return format.noun() + " " + Long.toUnsignedString(format.requestId(message)) + " ";
    }

    private long remove(long id) {
        Open<M> removed = open.remove(id);
        if (removed == null) {
            return 0;
        }
        bufferedBytes -= removed.bytes;
        return removed.bytes;
    }

    private void bury(long id, long nowNanos) {
        if (dead.size() >= limits.maxOpen()) {
            Iterator<Long> oldest = dead.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
        dead.put(id, nowNanos);
    }
}
