package dev.cleave.codec;

import java.nio.ByteBuffer;

/**
 * A boundary of a video, on the side that sends it or on the one that gets it.
 *
 * @param payload position 0: on the sender's side what it sends; on the receiver's what it would have got of a boundary that
 *     stands alone
 * @param reference what both sides hold of it, the same on both
 */
public record StreamedBoundary(ByteBuffer payload, BoundaryReference reference) {}
