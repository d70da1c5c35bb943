package dev.cleave.bundle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What is particular to one bundle file, or was measured; nothing that the two sides must agree on.
 *
 * @param view which files this file holds
 * @param edgeThrough the last point whose head this file can run: 1..k+1 for an edge view, k+1 (LOCAL) for a full and 0 for a
 *     cloud view
 * @param toolVersion of the partitioner that wrote it
 * @param measurements per point and quality level
 * @param plan what each point costs, or null where nothing was planned
 * @param reference how boundaries and answers were distributed, or null where there were no inputs
 * @param calibration what the measurements rest on, or null where nothing was calibrated
 * @param heads of forms other than ONNX, as far as they were run; by point
 */
public record Manifest(
        View view,
        int edgeThrough,
        String toolVersion,
        List<PointMeasurement> measurements,
        PlanTable plan,
        Reference reference,
        CalibrationRecord calibration,
        List<HeadMeasurement> heads) {
    public Manifest {
        measurements = Collections.unmodifiableList(new ArrayList<>(measurements));
        heads = Collections.unmodifiableList(new ArrayList<>(heads));
    }

    /** A manifest without plan, reference histograms, calibration and further heads. */
    public Manifest(View view, int edgeThrough, String toolVersion, List<PointMeasurement> measurements) {
        this(view, edgeThrough, toolVersion, measurements, null, null, null, Collections.emptyList());
    }

    /** The same manifest with a plan, or with none if it is null. */
    public Manifest withPlan(PlanTable table) {
        return new Manifest(view, edgeThrough, toolVersion, measurements, table, reference, calibration, heads);
    }

    /** The same manifest with reference histograms, or with none if they are null. */
    public Manifest withReference(Reference histograms) {
        return new Manifest(view, edgeThrough, toolVersion, measurements, plan, histograms, calibration, heads);
    }

    /** The same manifest with what its measurements rest on, or with nothing if it is null. */
    public Manifest withCalibration(CalibrationRecord calibrated) {
        return new Manifest(view, edgeThrough, toolVersion, measurements, plan, reference, calibrated, heads);
    }

    /** The same manifest with what was measured of heads in further forms. */
    public Manifest withHeads(List<HeadMeasurement> measured) {
        return new Manifest(view, edgeThrough, toolVersion, measurements, plan, reference, calibration, measured);
    }

    /**
     * The same content under another view. Rows of points that the view cannot serve stay: a device passes
     * over them as it passes over points that its gateway does not serve.
     */
    Manifest withView(View other, int through) {
        return new Manifest(other, through, toolVersion, measurements, plan, reference, calibration, heads);
    }

    /**
     * What was measured at one point and level, on inputs that had no part in choosing it (or see {@link
     * CalibrationRecord#apart}).
     *
     * @param wireBytesMean mean payload bytes per row
     * @param elements mean elements of the boundary per row, 0 if unknown
     * @param agreement share of inputs with the same answer as the unsplit model, 0..1, or NaN if unknown
     * @param inputs number of inputs that this rests on
     */
    public record PointMeasurement(
            int point, String level, double wireBytesMean, double elements, double agreement, int inputs) {
        /** Where the number of elements is not known. */
        public PointMeasurement(int point, String level, double wireBytesMean, double agreement, int inputs) {
            this(point, level, wireBytesMean, 0, agreement, inputs);
        }

        /** The same as another point of another ladder. */
        public PointMeasurement at(int other) {
            return new PointMeasurement(other, level, wireBytesMean, elements, agreement, inputs);
        }
    }
}
