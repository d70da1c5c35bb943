package dev.cleave.edge;

import dev.cleave.edge.link.VideoPlace;
import dev.cleave.v1.StatePlace;
import java.nio.ByteBuffer;

/**
 * A boundary as it is sent.
 *
 * @param payload position 0; the receiver's
 * @param state what it continues at the gateway, {@link GatewayState#NOWHERE} for nothing
 */
record CodedFrame(ByteBuffer payload, VideoPlace place, StatePlace state) {
    CodedFrame(ByteBuffer payload, VideoPlace place) {
        this(payload, place, GatewayState.NOWHERE);
    }

    /** Whether the gateway keeps something of it for frames that follow. */
    boolean isKept() {
        return place.video() != 0 || state.getStreamId() != 0;
    }

    CodedFrame continuing(StatePlace kept) {
        return new CodedFrame(payload, place, kept);
    }
}
