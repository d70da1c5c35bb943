package dev.cleave.edge.link;

import dev.cleave.v1.GatewayTiming;
import java.nio.ByteBuffer;

/**
 * A whole, successful reply.
 *
 * @param payload encoded outputs, not yet decoded; the receiver's
 * @param receivedNanos when its last chunk arrived
 * @param rttNanos smallest round trip that the stream has seen, 0 if none
 */
public record GatewayReply(GatewayTiming timing, ByteBuffer payload, long receivedNanos, long rttNanos) {}
