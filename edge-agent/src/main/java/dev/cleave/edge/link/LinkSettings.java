package dev.cleave.edge.link;

import dev.cleave.v1.Open;
import java.util.concurrent.TimeUnit;

/**
 * Who the agent is to the gateway, and the link's time constants.
 *
 * @param bundleId lower-case hex
 * @param splitPoints k of the bundle: a gateway that names other points is wrong
 * @param handshakeNanos an attempt without {@code Opened} has failed after this time at the latest ({@link HandshakeLimit})
 * @param pingNanos between pings on an open stream; one that saw neither an answer nor progress for two of them ends
 * @param backoffFirstNanos first delay before a new attempt
 * @param backoffCapNanos longest delay: a link that is back is noticed within it
 * @param refusedNanos delay after a refusal by name, which only a person can mend
 * @param maxReplyBytes all chunks of one reply together
 * @param probeBytesPerMinute padding of pings that measure the link while nothing crosses, 0 for none
 */
public record LinkSettings(
        String bundleId,
        int splitPoints,
        String deviceId,
        String deviceClass,
        String agentVersion,
        long handshakeNanos,
        long pingNanos,
        long backoffFirstNanos,
        long backoffCapNanos,
        long refusedNanos,
        long maxReplyBytes,
        long probeBytesPerMinute) {
    /** Minor version of the protocol that this release speaks. */
    public static final int PROTOCOL_MINOR = 0;

    /** Default of {@link #probeBytesPerMinute}. */
    public static final long PROBE_BYTES_PER_MINUTE = 256 * 1024;

    /** With less, probes would be too small to tell anything. */
    public static final long MIN_PROBE_BYTES_PER_MINUTE = 8 * 1024;

    /** Time constants that suit links from cellular to a local network. */
    public static LinkSettings of(
            String bundleId, int splitPoints, String deviceId, String deviceClass, String agentVersion) {
        return new LinkSettings(
                bundleId,
                splitPoints,
                deviceId,
                deviceClass,
                agentVersion,
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.SECONDS.toNanos(15),
                TimeUnit.MILLISECONDS.toNanos(100),
                TimeUnit.MILLISECONDS.toNanos(1200),
                TimeUnit.SECONDS.toNanos(5),
                64L << 20,
                PROBE_BYTES_PER_MINUTE);
    }

    /** What a stream begins with. */
    Open open() {
        return Open.newBuilder()
                .setBundleId(bundleId)
                .setDeviceId(deviceId)
                .setDeviceClass(deviceClass)
                .addAllEntropies(Entropies.wireNames())
                .setAgentVersion(agentVersion)
                .setProtocolMinor(PROTOCOL_MINOR)
                .build();
    }

    /** @param bytes 0, or {@link #MIN_PROBE_BYTES_PER_MINUTE} or more */
    public LinkSettings withProbeBytesPerMinute(long bytes) {
        return new LinkSettings(
                bundleId,
                splitPoints,
                deviceId,
                deviceClass,
                agentVersion,
                handshakeNanos,
                pingNanos,
                backoffFirstNanos,
                backoffCapNanos,
                refusedNanos,
                maxReplyBytes,
                bytes);
    }
}
