package dev.cleave.edge.link;

import dev.cleave.v1.GatewayTiming;
import java.nio.ByteBuffer;

/**
 * A whole, successful reply.
 *
 * @param payload encoded outputs, not yet decoded; the receiver's
 * @param stateAfter the frame that had left the state which this one continued at the gateway; 0: none
 * @param receivedNanos when its last chunk arrived
 * @param rttNanos smallest round trip that the stream has seen, 0 if none
 */
public record GatewayReply(
        GatewayTiming timing, ByteBuffer payload, long stateAfter, long receivedNanos, long rttNanos) {}
