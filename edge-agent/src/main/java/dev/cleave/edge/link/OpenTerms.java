package dev.cleave.edge.link;

import dev.cleave.codec.Entropy;
import dev.cleave.v1.Limits;
import dev.cleave.v1.Opened;
import dev.cleave.wire.Chunks;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the gateway granted in {@code Opened}. Immutable.
 *
 * @param points served, 0 = CLOUD
 * @param chunkBytes payload of one chunk: the gateway's limit, or less so that chunks interleave finely
 */
record OpenTerms(
        Entropy entropy,
        SortedSet<Integer> points,
        long maxFrameBytes,
        int chunkBytes,
        long maxRows,
        String gatewayVersion) {
    /** On a link of 1 Mbit/s this is half a second that a small frame waits behind a chunk of a large one. */
    static final int CHUNK_BYTES = 64 * 1024;

    /** @throws IllegalArgumentException naming what in the answer makes no sense */
    static OpenTerms of(Opened opened, LinkSettings settings) {
        Limits limits = opened.getLimits();
        return new OpenTerms(
                entropy(opened.getEntropy()),
                points(opened, settings.splitPoints()),
                limit("max_frame_bytes", 1, limits.getMaxFrameBytes()),
                (int) Math.min(CHUNK_BYTES, chunkLimit(limits)),
                limit("max_rows", 1, Integer.toUnsignedLong(limits.getMaxRows())),
                LinkFailure.line(opened.getGatewayVersion()));
    }

    /** Null if such a frame may be sent, else one line that says which limit it breaks. */
    String refusal(OutgoingFrame frame) {
        if (!points.contains(frame.splitPoint())) {
            return "split point " + frame.splitPoint() + " is not served by the gateway; expected one of " + points;
        }
        if (frame.bytes() > maxFrameBytes) {
            return "frame of " + frame.bytes() + " bytes; the gateway takes at most " + maxFrameBytes;
        }
        if (frame.rows() > maxRows) {
            return "frame of " + frame.rows() + " rows; the gateway takes at most " + maxRows;
        }
        return null;
    }

    private static Entropy entropy(String name) {
        Entropy entropy = name.isEmpty() ? Entropy.NONE : Entropy.fromWireName(name);
        require(entropy == Entropy.NONE || Entropies.wireNames().contains(name), "entropy", name, "one offered");
        return entropy;
    }

    private static SortedSet<Integer> points(Opened opened, int splitPoints) {
        SortedSet<Integer> points = new TreeSet<>();
        for (int point : opened.getPointsList()) {
            require(point >= 0 && point <= splitPoints, "point", point, "0.." + splitPoints);
            points.add(point);
        }
        return Collections.unmodifiableSortedSet(points);
    }

    private static long chunkLimit(Limits limits) {
        long bytes = Integer.toUnsignedLong(limits.getMaxChunkBytes());
        return limit("max_chunk_bytes", Chunks.MIN_CHUNK_BYTES, bytes);
    }

    /** A limit as an unsigned number; one beyond a signed long is no limit at all. */
    private static long limit(String what, long least, long value) {
        require(value < 0 || value >= least, what, value, "at least " + least);
        return value < 0 ? Long.MAX_VALUE : value;
    }

    private static void require(boolean holds, String what, Object value, String expectation) {
        if (!holds) {
            throw new IllegalArgumentException("gateway opened with " + what + " " + LinkFailure.line(value.toString())
                    + "; expected " + expectation);
        }
    }
}
