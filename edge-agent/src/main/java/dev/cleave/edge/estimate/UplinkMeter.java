package dev.cleave.edge.estimate;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Turns the acks of one stream into samples of the uplink's rate and round trip. Pure; not thread-safe, owned by a
 * stream.
 *
 * <p>A stream is ordered, so an ack says that every byte handed over up to the frame's last has arrived. Bytes are
 * therefore counted through, and a <em>mark</em> is set where something will be acknowledged: behind a frame, or a
 * ping.
 *
 * <pre>
 *   handed over   |---- A1 ----|-- B --|---- A2 ----|ping|-- C --|
 *   marks                              B            A    ping    C
 *   arrived                            ^ B's ack: all up to here
 * </pre>
 *
 * <p>Between two acks the link was busy with the bytes between their marks, from the later of two moments: the previous
 * ack, and the hand-over of the first of these bytes plus the usual round trip. So frames that share the link, wait
 * behind each other or are interleaved count once, each for what it is. Acks too close together to be told apart make
 * one sample.
 */
public final class UplinkMeter {
    /** Header fields, gRPC's and HTTP/2's prefixes, a share of TCP's: what a message costs beside its payload. */
    static final int MESSAGE_BYTES = 64;

    /** Acks closer than that many noises are one sample, as long as the link is busy. */
    private static final double MIN_SAMPLE_NOISES = 4;

    /** A pong beside more of a reply than this may have waited for it. */
    private static final long BESIDE_BYTES = 1024;

    /**
     * The hand-over of the first byte that a mark covers.
     *
     * @param receivedBytes of replies until then
     * @param idle whether nothing else was on its way
     */
    private record Start(long atNanos, long receivedBytes, boolean idle) {}

    /** What is handed over so soon behind a ping may leave, and arrive, as one with it. */
    private static final long APART_NANOS = 1_000_000;

    /** Where something will be acknowledged. */
    private static final class Mark {
        final boolean ping;
        final long id;
        final long upToBytes;
        Start start;
        /** Whether there may have been a pause within the bytes that it covers. */
        boolean gaps;
        /** Whether what follows was handed over much later. */
        boolean apart = true;

        Mark(boolean ping, long id, long upToBytes, Start start) {
            this.ping = ping;
            this.id = id;
            this.upToBytes = upToBytes;
            this.start = start;
        }
    }

    /** Since when the link has been busy with what was handed over beyond a byte. */
    private record Busy(long sinceNanos, long beyondBytes, long receivedBytes) {}

    private final LinkEstimator estimator;
    private final Deque<Mark> marks = new ArrayDeque<>();
    private long handedOverBytes;
    private long arrivedBytes;
    private long receivedBytes;
    /** Of what was handed over behind the last mark. */
    private Start start;

    private boolean gaps;
    /** As of the last ack; null before the first. */
    private Busy busy;

    private long lastAckNanos;
    /** What the gateway spent on the frame of that ack after it had arrived. */
    private long lastReadingNanos;

    public UplinkMeter(LinkEstimator estimator) {
        this.estimator = estimator;
    }

    /** A message with so much payload goes to the transport. */
    public void handedOver(long payloadBytes, long nowNanos) {
        if (!isUnmarked()) {
            Mark last = marks.peekLast();
            if (last != null) {
                last.apart = nowNanos - last.start.atNanos() >= APART_NANOS;
            }
            start = new Start(nowNanos, receivedBytes, isIdle());
            gaps = false;
        }
        handedOverBytes += payloadBytes + MESSAGE_BYTES;
    }

    /** What was handed over last ends a frame: an ack will come. */
    public void frameEnded(long requestId) {
        mark(false, requestId);
    }

    /** What was handed over last is a ping: a pong will come. */
    public void pinged(long nonce) {
        mark(true, nonce);
    }

    private void mark(boolean ping, long id) {
        Mark mark = new Mark(ping, id, handedOverBytes, start);
        mark.gaps = gaps;
        marks.add(mark);
    }

    /** Part of a reply has come: what the gateway sends at the same time waits for it. */
    public void received(long payloadBytes) {
        receivedBytes += payloadBytes;
    }

    /**
     * An ack. Ignored if the frame is not known.
     *
     * @param readingNanos that the gateway spent on the frame before it said so, as it says; 0 or more
     */
    public void acknowledged(long requestId, long readingNanos, long nowNanos) {
        Mark mark = take(false, requestId);
        if (mark != null) {
            long reading = Math.min(readingNanos, nowNanos - mark.start.atNanos());
            arrived(mark, nowNanos - reading);
            lastReadingNanos = reading;
        }
    }

    /** A pong. Ignored if the ping is not known. */
    public void ponged(long nonce, long nowNanos) {
        Mark mark = take(true, nonce);
        if (mark == null) {
            return;
        }
        boolean alone = mark.start.idle() && mark.apart && mark.upToBytes - arrivedBytes == MESSAGE_BYTES;
        if (alone && receivedBytes - mark.start.receivedBytes() <= BESIDE_BYTES) {
            estimator.roundTrip(MESSAGE_BYTES, nowNanos - mark.start.atNanos(), nowNanos);
        }
        arrived(mark, nowNanos);
        lastReadingNanos = 0;
    }

    /** Null if it is not there; what was to be acknowledged before it has arrived, too. */
    private Mark take(boolean ping, long id) {
        boolean known = false;
        for (Mark mark : marks) {
            known |= mark.ping == ping && mark.id == id;
        }
        if (!known) {
            return null;
        }
        Mark mark = marks.poll();
        boolean missing = false;
        while (mark.ping != ping || mark.id != id) {
            missing = true;
            mark = marks.poll();
        }
        mark.gaps |= missing;
        return mark;
    }

    private void arrived(Mark mark, long nowNanos) {
        LinkConditions link = estimator.conditions(nowNanos);
        Busy since = mark.gaps ? null : waitedBehind(mark, link) ? busy : alone(mark, link);
        arrivedBytes = mark.upToBytes;
        lastAckNanos = nowNanos;
        if (since == null) {
            busy = new Busy(nowNanos, arrivedBytes, receivedBytes);
            return;
        }
        long bytes = arrivedBytes - since.beyondBytes();
        long took = nowNanos - since.sinceNanos();
        double noise = LinkEstimator.MIN_NOISE_NANOS + link.jitterNanos();
        boolean pingAlone = bytes <= MESSAGE_BYTES;
        if (!pingAlone && took < MIN_SAMPLE_NOISES * noise && waitedBehind(marks.peek(), link)) {
            busy = since;
            return;
        }
        busy = new Busy(nowNanos, arrivedBytes, receivedBytes);
        // What came while the gateway was reading is acknowledged after that: it may have come at any moment of it.
        boolean behindReading = lastReadingNanos > 0 && took < lastReadingNanos + MIN_SAMPLE_NOISES * noise;
        if (!pingAlone && !behindReading) {
            estimator.uplink(bytes, took, nanosDown(receivedBytes - since.receivedBytes(), link), nowNanos);
        }
    }

    /** Whether what this mark covers was at the link before the last ack came: it has been busy since. */
    private boolean waitedBehind(Mark mark, LinkConditions link) {
        return busy != null && mark != null && mark.start.atNanos() + link.rttNanos() - lastAckNanos <= 0;
    }

    /** Of a link that was idle before; null if the round trip is not known. */
    private Busy alone(Mark mark, LinkConditions link) {
        if (link.rttNanos() == 0) {
            return null;
        }
        long usual = link.rttNanos() + link.jitterNanos() + (long) nanosDown(MESSAGE_BYTES, link);
        return new Busy(mark.start.atNanos() + usual, arrivedBytes, mark.start.receivedBytes());
    }

    private static double nanosDown(long bytes, LinkConditions link) {
        double downlink = link.downlinkNanosPerByte();
        double nanosPerByte = Double.isNaN(downlink) ? link.uplinkNanosPerByte() : downlink;
        return Double.isNaN(nanosPerByte) ? 0 : bytes * nanosPerByte;
    }

    /** No ack will come for this frame any more. Does nothing if it came, or if the frame is not known. */
    public void withdrawn(long requestId) {
        for (Iterator<Mark> i = marks.iterator(); i.hasNext(); ) {
            Mark mark = i.next();
            if (!mark.ping && mark.id == requestId) {
                i.remove();
                coverBy(i.hasNext() ? i.next() : null, mark.start);
                return;
            }
        }
    }

    /** The bytes of a mark that is gone count to the next one, or to what is handed over next. */
    private void coverBy(Mark next, Start first) {
        if (next != null) {
            next.start = first;
            next.gaps = true;
        } else {
            start = first;
            gaps = true;
        }
    }

    /** Whether everything that was handed over has arrived. */
    public boolean isIdle() {
        return arrivedBytes == handedOverBytes;
    }

    /** Whether there are bytes behind the last mark: nothing yet will say that they have arrived. */
    public boolean isUnmarked() {
        return handedOverBytes > (marks.isEmpty() ? arrivedBytes : marks.peekLast().upToBytes);
    }

    /** Handed over and not known to have arrived. */
    public long inFlightBytes() {
        return handedOverBytes - arrivedBytes;
    }

    /** What should be heard of next; null if nothing. */
    public Owed owed() {
        if (isIdle()) {
            return null;
        }
        Mark next = marks.peek();
        return next == null
                ? new Owed(start.atNanos(), inFlightBytes())
                : new Owed(next.start.atNanos(), next.upToBytes - arrivedBytes);
    }
}
