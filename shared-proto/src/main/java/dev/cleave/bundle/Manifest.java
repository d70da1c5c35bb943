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
 */
public record Manifest(
        View view,
        int edgeThrough,
        String toolVersion,
        List<PointMeasurement> measurements,
        PlanTable plan,
        Reference reference) {
    public Manifest {
        measurements = Collections.unmodifiableList(new ArrayList<>(measurements));
    }

    /** A manifest without a plan and reference histograms. */
    public Manifest(View view, int edgeThrough, String toolVersion, List<PointMeasurement> measurements) {
        this(view, edgeThrough, toolVersion, measurements, null, null);
    }

    /** The same manifest with a plan, or with none if it is null. */
    public Manifest withPlan(PlanTable table) {
        return new Manifest(view, edgeThrough, toolVersion, measurements, table, reference);
    }

    /** The same manifest with reference histograms, or with none if they are null. */
    public Manifest withReference(Reference histograms) {
        return new Manifest(view, edgeThrough, toolVersion, measurements, plan, histograms);
    }

    /**
     * The same content under another view. Rows of points that the view cannot serve stay: a device passes
     * over them as it passes over points that its gateway does not serve.
     */
    Manifest withView(View other, int through) {
        return new Manifest(other, through, toolVersion, measurements, plan, reference);
    }

    /**
     * What calibration measured at one point and level.
     *
     * @param wireBytesMean mean payload bytes per row
     * @param agreement share of calibration inputs with the same answer as the unsplit model, 0..1, or NaN if unknown
     * @param inputs number of inputs that this rests on
     */
    public record PointMeasurement(int point, String level, double wireBytesMean, double agreement, int inputs) {}
}
