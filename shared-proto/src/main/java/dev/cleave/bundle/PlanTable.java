package dev.cleave.bundle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What every point of a bundle costs on one pair of machines, whatever the link: with it a device decides for the link
 * that it has, without the planner. Immutable.
 *
 * <p>Not every point needs a row. The figures are the planner's, at each point's default level; what is in a file was
 * checked when the bundle was opened (docs/FORMATS.md, "manifest.json").
 *
 * @param edge the device, in words
 * @param edgeSlowdown factor that is already in the device's times, above 0; 1 for none, anything else means that the
 *     device was simulated
 * @param cloud the gateway, in words
 * @param batch rows that the gateway is expected to run at a time, 1 or more
 * @param rows by rising point, at least one
 */
public record PlanTable(String edge, double edgeSlowdown, String cloud, int batch, List<PlanRow> rows) {
    private static final double MILLIBITS_PER_BYTE = 8000;

    public PlanTable {
        rows = Collections.unmodifiableList(new ArrayList<>(rows));
    }

    /**
     * What one point costs. Times are milliseconds for one row of input on an otherwise idle machine, bytes are payload
     * for one row.
     *
     * @param point 0 is CLOUD, k+1 LOCAL
     * @param headMillis on the device, preparing the inputs included; all of the model at LOCAL
     * @param encodeMillis on the device
     * @param decodeMillis on the gateway
     * @param tailMillis on the gateway: how long a batch of {@link PlanTable#batch} rows runs, for that is how long each of
     *     them waits
     * @param wireBytes up; 0 at LOCAL and only there
     * @param replyBytes down
     * @param agreement share of answers that stay the same, 0..1, or NaN if unknown
     * @param leakage distance correlation between the inputs and what crosses, 0..1, or NaN if unknown
     * @param headMemoryBytes weights and largest set of live tensors of what the device runs
     * @param measured whether head and tail of this very cut were run; false: predicted from single operators
     */
    public record PlanRow(
            int point,
            double headMillis,
            double encodeMillis,
            double decodeMillis,
            double tailMillis,
            double wireBytes,
            double replyBytes,
            double agreement,
            double leakage,
            long headMemoryBytes,
            boolean measured) {
        /** Whether nothing crosses. A checked table has no such row but that of point k+1. */
        public boolean isLocal() {
            return wireBytes == 0;
        }
    }

    /**
     * Milliseconds from the input to the answer of one row over a link: the head alone at LOCAL, else {@code head +
     * encode + rtt + bytes up / uplink + bytes down / downlink + decode + tail}.
     *
     * @param uplinkBitsPerSecond device to gateway, above 0; infinity where bytes are to cost nothing
     * @param downlinkBitsPerSecond gateway to device, as the uplink
     * @param rttMillis there and back of an empty message, 0 or more
     * @throws IllegalArgumentException for rates and times that are none, at LOCAL too
     */
    public static double totalMillis(
            PlanRow row, double uplinkBitsPerSecond, double downlinkBitsPerSecond, double rttMillis) {
        if (!(uplinkBitsPerSecond > 0) || !(downlinkBitsPerSecond > 0) || !(rttMillis >= 0)) {
            throw new IllegalArgumentException("link of " + uplinkBitsPerSecond + " bit/s up, " + downlinkBitsPerSecond
                    + " bit/s down, " + rttMillis + " ms; expected rates above 0 and a time of 0 or more");
        }
        if (row.isLocal()) {
            return row.headMillis();
        }
        // Divided first: bytes * 8000 may be infinite, and infinity / infinity is no time.
        return row.headMillis()
                + row.encodeMillis()
                + rttMillis
                + row.wireBytes() / uplinkBitsPerSecond * MILLIBITS_PER_BYTE
                + row.replyBytes() / downlinkBitsPerSecond * MILLIBITS_PER_BYTE
                + row.decodeMillis()
                + row.tailMillis();
    }
}
