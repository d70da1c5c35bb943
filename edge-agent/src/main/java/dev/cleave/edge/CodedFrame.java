package dev.cleave.edge;

import dev.cleave.edge.link.VideoPlace;
import java.nio.ByteBuffer;

/**
 * A boundary as it is sent.
 *
 * @param payload position 0; the receiver's
 */
record CodedFrame(ByteBuffer payload, VideoPlace place) {}
