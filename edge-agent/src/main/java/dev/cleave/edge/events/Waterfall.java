package dev.cleave.edge.events;

/**
 * Where the time of one request went, in milliseconds. The parts add up to the total:
 *
 * <pre>
 * total   = head + encode + network + queue + decode + tail + gatewayOther + deviceOther
 * network = uplink + downlink
 * </pre>
 *
 * <p>Device times are measured on the device and gateway times on the gateway, so the two clocks need not agree:
 * {@code network} is what passed on the device between handing the first chunk of the frame to the transport and having
 * the reply whole, less the gateway's residence. Its division is an estimate: the uplink is the time until the
 * gateway's ack less half of the smallest round trip seen, and without an ack half a round trip plus the uplink's share
 * of the rest by bytes.
 *
 * @param headMillis preprocessing, and every segment that ran on the device for the answer
 * @param encodeMillis encoding the boundary; also where the device then finished alone
 * @param queueMillis waiting for a batch on the gateway
 * @param decodeMillis decoding the boundary on the gateway
 * @param tailMillis the segments on the gateway
 * @param gatewayOtherMillis the rest of the gateway's residence: encoding the outputs, hand-overs between its threads
 * @param deviceOtherMillis the rest on the device: waiting for the worker thread, for the first connection or for
 *     credit, decoding the outputs, and for an answer made LOCAL in place of a lost one the time lost
 */
public record Waterfall(
        double headMillis,
        double encodeMillis,
        double uplinkMillis,
        double queueMillis,
        double decodeMillis,
        double tailMillis,
        double downlinkMillis,
        double networkMillis,
        double gatewayOtherMillis,
        double deviceOtherMillis,
        double totalMillis) {}
