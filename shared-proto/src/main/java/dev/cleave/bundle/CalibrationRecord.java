package dev.cleave.bundle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a bundle's codecs were calibrated: on how many inputs, which of them, and all that was tried. Immutable.
 *
 * @param learn number of inputs that ranges and tables were learned from
 * @param choose number of inputs that candidates were chosen by
 * @param report number of inputs that the manifest's measurements rest on
 * @param apart whether no input was in two of these; else the measurements flatter
 * @param wantedAgreement that was asked for on the inputs that choose, 0..1
 * @param inputs the first 16 hex digits of each input's digest, at most {@link #MAX_INPUTS}; fewer than there were inputs if
 *     there were more
 * @param curves of points, what was tried and measured on the inputs that choose
 */
public record CalibrationRecord(
        int learn,
        int choose,
        int report,
        boolean apart,
        double wantedAgreement,
        List<String> inputs,
        List<Curve> curves) {
    /** Inputs whose digests are kept: 16 KiB of them. */
    public static final int MAX_INPUTS = 1024;
    /** Of a digest. */
    public static final int DIGITS = 16;

    public CalibrationRecord {
        inputs = Collections.unmodifiableList(new ArrayList<>(inputs));
        curves = Collections.unmodifiableList(new ArrayList<>(curves));
    }

    /** Number of inputs that were calibrated on, whatever their use; not of all of them {@link #inputs} need tell. */
    public int total() {
        return apart ? learn + choose + report : Math.max(choose, report);
    }

    /**
     * All that was tried at one point.
     *
     * @param tried by rising bytes
     */
    public record Curve(int point, List<Tried> tried) {
        public Curve {
            tried = Collections.unmodifiableList(new ArrayList<>(tried));
        }
    }

    /**
     * One way of coding a boundary.
     *
     * @param label {@code quant:16/channel/context}
     * @param wireBytesMean mean payload bytes per row
     * @param agreement share of inputs with the same answer as the unsplit model, 0..1
     */
    public record Tried(String label, double wireBytesMean, double agreement) {}
}
