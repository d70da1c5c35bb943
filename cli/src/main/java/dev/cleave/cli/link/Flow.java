package dev.cleave.cli.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One direction of one connection: reads from {@code source}, holds the bytes while they travel, writes to
 * {@code sink}. Owned by the shaper's loop.
 */
final class Flow {
    /** Bytes on their way; the end of the stream travels as an empty chunk. */
    private record Chunk(ByteBuffer bytes, long arrivalNanos) {
        boolean isEnd() {
            return bytes.capacity() == 0;
        }
    }

    private final SocketChannel source;
    private final SocketChannel sink;
    private final LinkClock line;
    private final AtomicLong delivered;
    private final ArrayDeque<Chunk> travelling = new ArrayDeque<>();
    private long travellingBytes;
    private boolean sourceReady;
    private boolean sourceEnded;
    private boolean sinkBlocked;
    private boolean finished;

    /** A flow over two non-blocking channels that adds what it delivers to {@code delivered}. */
    Flow(SocketChannel source, SocketChannel sink, LinkClock line, AtomicLong delivered) {
        this.source = source;
        this.sink = sink;
        this.line = line;
        this.delivered = delivered;
    }

    /** The selector says that {@code source} can be read. */
    void sourceIsReady() {
        sourceReady = true;
    }

    /** The selector says that {@code sink} can be written. */
    void sinkIsReady() {
        sinkBlocked = false;
    }

    /** True if the selector should watch {@code source}. */
    boolean awaitsSource() {
        return !sourceReady && !sourceEnded;
    }

    /** True if the selector should watch {@code sink}. */
    boolean awaitsSink() {
        return sinkBlocked;
    }

    /** True if it may put bytes on the line now. */
    boolean canUseLine(long nowNanos) {
        return wantsLine() && line.nanosUntilRoom(nowNanos) == 0;
    }

    /** True once the end of the stream has been passed on. */
    boolean isFinished() {
        return finished;
    }

    /** How long until there is something to do without the selector's help; {@code Long.MAX_VALUE} if for ever. */
    long nanosUntilNext(long nowNanos) {
        Chunk next = sinkBlocked ? null : travelling.peek();
        long untilArrival = next == null ? Long.MAX_VALUE : Math.max(0, next.arrivalNanos() - nowNanos);
        return wantsLine() ? Math.min(untilArrival, line.nanosUntilRoom(nowNanos)) : untilArrival;
    }

    /**
     * Takes up to one quantum from {@code source} and puts it on the line.
     *
     * @param scratch a buffer of at least the quantum's size, reused between calls
     */
    void read(ByteBuffer scratch, long nowNanos) throws IOException {
        scratch.clear().limit(line.quantumBytes());
        int count = source.read(scratch);
        sourceReady = count > 0;
        sourceEnded = count < 0;
        if (count != 0) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.max(0, count));
            bytes.put(scratch.flip()).flip();
            travelling.add(new Chunk(bytes, line.offer(bytes.capacity(), nowNanos)));
            travellingBytes += bytes.capacity();
        }
    }

    /** Writes what has arrived, as far as {@code sink} takes it. */
    void deliver(long nowNanos) throws IOException {
        while (!sinkBlocked && !travelling.isEmpty() && travelling.peek().arrivalNanos() - nowNanos <= 0) {
            Chunk arrived = travelling.peek();
            if (arrived.isEnd()) {
                sink.shutdownOutput();
                finished = true;
            } else {
                int written = sink.write(arrived.bytes());
                travellingBytes -= written;
                delivered.addAndGet(written);
                sinkBlocked = arrived.bytes().hasRemaining();
            }
            if (!sinkBlocked) {
                travelling.remove();
            }
        }
    }

    private boolean wantsLine() {
        return sourceReady && !sourceEnded && travellingBytes < line.windowBytes();
    }
}
