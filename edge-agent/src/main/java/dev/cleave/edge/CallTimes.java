package dev.cleave.edge;

import dev.cleave.edge.events.Waterfall;
import dev.cleave.edge.link.GatewayReply;
import dev.cleave.v1.GatewayTiming;
import java.util.concurrent.TimeUnit;

/** The moments and durations of one request, as they become known on several threads. Thread-safe. */
final class CallTimes {
    private static final double NANOS_PER_MILLI = 1e6;

    private final long startNanos;
    private long headNanos;
    private long restNanos;
    private long encodeNanos;
    private long frameBytes;
    private long lostBytes;
    private long handedOverNanos;
    private long acknowledgedNanos;
    private boolean handedOver;
    private boolean acknowledged;

    CallTimes(long startNanos) {
        this.startNanos = startNanos;
    }

    /** Preprocessing and the segments before the point. */
    synchronized void head(long nanos) {
        headNanos += nanos;
    }

    /** The segments after the point, run here in place of the gateway. */
    synchronized void rest(long nanos) {
        restNanos += nanos;
    }

    synchronized void encoded(long nanos, long bytes) {
        encodeNanos += nanos;
        frameBytes = bytes;
    }

    synchronized void handedOver(long nowNanos) {
        handedOver = true;
        handedOverNanos = nowNanos;
    }

    synchronized void acknowledged(long nowNanos) {
        acknowledged = true;
        acknowledgedNanos = nowNanos;
    }

    /** What was sent is lost, and will be sent again. */
    synchronized void lost() {
        lostBytes = wireBytes();
        handedOver = false;
        acknowledged = false;
    }

    synchronized boolean isHandedOver() {
        return handedOver;
    }

    /** Encoded bytes that were sent, at least in part, each time that they were. */
    synchronized long wireBytes() {
        return lostBytes + (handedOver ? frameBytes : 0);
    }

    /** Of an answer made on the device. */
    synchronized Waterfall local(long endNanos) {
        long total = endNanos - startNanos;
        long head = headNanos + restNanos;
        return waterfall(head, encodeNanos, 0, 0, new long[4], total);
    }

    /** Of an answer by the gateway; what the gateway claims is cut to what passed here. */
    synchronized Waterfall remote(GatewayReply reply, long endNanos) {
        long total = endNanos - startNanos;
        long span = Math.max(0, reply.receivedNanos() - handedOverNanos);
        GatewayTiming timing = reply.timing();
        long residence = clamp(nanos(timing.getResidenceMicros()), span);
        long queue = clamp(nanos(timing.getQueueMicros()), residence);
        long decode = clamp(nanos(timing.getDecodeMicros()), residence - queue);
        long tail = clamp(nanos(timing.getTailMicros()), residence - queue - decode);
        long[] gateway = {queue, decode, tail, residence - queue - decode - tail};
        long network = span - residence;
        long uplink = uplink(network, reply.rttNanos(), reply.payload().remaining());
        return waterfall(headNanos, encodeNanos, uplink, network - uplink, gateway, total);
    }

    private long uplink(long network, long rttNanos, long replyBytes) {
        if (acknowledged) {
            return clamp(acknowledgedNanos - handedOverNanos - rttNanos / 2, network);
        }
        long half = clamp(rttNanos / 2, network / 2);
        double share = (double) frameBytes / Math.max(1, frameBytes + replyBytes);
        return half + (long) ((network - 2 * half) * share);
    }

    /** @param gateway queue, decode, tail and the rest */
    private static Waterfall waterfall(long head, long encode, long uplink, long downlink, long[] gateway, long total) {
        long residence = gateway[0] + gateway[1] + gateway[2] + gateway[3];
        long deviceOther = total - head - encode - uplink - downlink - residence;
        return new Waterfall(
                millis(head),
                millis(encode),
                millis(uplink),
                millis(gateway[0]),
                millis(gateway[1]),
                millis(gateway[2]),
                millis(downlink),
                millis(uplink + downlink),
                millis(gateway[3]),
                millis(Math.max(0, deviceOther)),
                millis(total));
    }

    private static long nanos(long micros) {
        return TimeUnit.MICROSECONDS.toNanos(micros);
    }

    private static long clamp(long value, long high) {
        return Math.max(0, Math.min(value, high));
    }

    private static double millis(long nanos) {
        return nanos / NANOS_PER_MILLI;
    }
}
