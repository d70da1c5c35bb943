package dev.cleave.partition.plan;

/**
 * A link as the planner sees it: rates at which payload passes, and the time there and back of an empty message.
 *
 * @param uplinkBitsPerSecond device to gateway, above 0, finite
 * @param downlinkBitsPerSecond gateway to device, above 0
 * @param rttMillis 0 or more
 */
public record LinkProfile(double uplinkBitsPerSecond, double downlinkBitsPerSecond, double rttMillis) {
    public LinkProfile {
        if (!isRate(uplinkBitsPerSecond)
                || !isRate(downlinkBitsPerSecond)
                || !(rttMillis >= 0 && Double.isFinite(rttMillis))) {
            throw new IllegalArgumentException("link of " + uplinkBitsPerSecond + " bit/s up, " + downlinkBitsPerSecond
                    + " bit/s down, " + rttMillis + " ms; expected finite rates above 0 and a time of 0 or more");
        }
    }

    private static boolean isRate(double bitsPerSecond) {
        return bitsPerSecond > 0 && Double.isFinite(bitsPerSecond);
    }

    /** Half of the round trip, and the bytes at the uplink's rate. */
    public double uplinkMillis(double bytes) {
        return rttMillis / 2 + bytes * 8000 / uplinkBitsPerSecond;
    }

    /** Half of the round trip, and the bytes at the downlink's rate. */
    public double downlinkMillis(double bytes) {
        return rttMillis / 2 + bytes * 8000 / downlinkBitsPerSecond;
    }

    /** The same link with another uplink; the downlink keeps its ratio to it. */
    public LinkProfile withUplink(double bitsPerSecond) {
        double ratio = downlinkBitsPerSecond / uplinkBitsPerSecond;
        return new LinkProfile(bitsPerSecond, bitsPerSecond * ratio, rttMillis);
    }
}
