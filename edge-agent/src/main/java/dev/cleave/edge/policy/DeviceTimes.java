package dev.cleave.edge.policy;

import java.util.Arrays;

/**
 * What this device takes for each segment at one moment, as far as it has run them. Immutable.
 *
 * <p>Together with a plan it tells the others, too: the ratio of measured to planned over the segments that ran, the
 * <i>device scale</i>, is how this device compares with the one that the plan was made for.
 */
public final class DeviceTimes {
    /** Part of the whole model's planned time for which the plan is believed beside slower measurements. */
    private static final double PLAN_WEIGHT = 0.1;

    private final double[] nanosPerRow;

    /** @param nanosPerRow of segments 0..k, preparing the inputs in the first; NaN where one did not run yet */
    public DeviceTimes(double... nanosPerRow) {
        this.nanosPerRow = nanosPerRow.clone();
    }

    /** Of a device that has not run anything. */
    public static DeviceTimes unknown(int segments) {
        double[] none = new double[segments];
        Arrays.fill(none, Double.NaN);
        return new DeviceTimes(none);
    }

    /**
     * How many times as long as planned this device takes; 1 where nothing that was planned has run yet.
     *
     * <p>A short segment that runs now and then is slower than it was for the planner, who ran it in a loop; what it
     * says of the rest would keep the rest from ever being tried. So slowness is told in full only by what makes up much
     * of the model.
     */
    double scale(CostTable table) {
        double measured = 0;
        double planned = 0;
        double whole = 0;
        for (int segment = 0; segment < nanosPerRow.length; segment++) {
            double plan = table.segmentNanos(segment);
            if (plan > 0) {
                whole += plan;
                if (!Double.isNaN(nanosPerRow[segment])) {
                    measured += nanosPerRow[segment];
                    planned += plan;
                }
            }
        }
        double more = measured > planned ? PLAN_WEIGHT * whole : 0;
        return planned == 0 ? 1 : (measured + more) / (planned + more);
    }

    /** Expected time of segment i for one row: measured, else planned times the scale, else NaN. */
    double segmentNanos(int segment, double scale, CostTable table) {
        double measured = nanosPerRow[segment];
        return Double.isNaN(measured) ? table.segmentNanos(segment) * scale : measured;
    }

    @Override
    public String toString() {
        return "DeviceTimes" + Arrays.toString(nanosPerRow);
    }
}
