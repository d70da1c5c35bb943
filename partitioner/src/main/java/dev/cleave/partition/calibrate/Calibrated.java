package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.codec.CodecParams;
import java.util.List;

/**
 * How one point's boundary is best coded, and what was measured on the way. Immutable.
 *
 * @param params of level {@code default}, in the boundary's order
 * @param curve every level that was tried; the one of {@code params} among them
 * @param measurement of {@code params}
 */
public record Calibrated(List<CodecParams> params, CodecCurve curve, PointMeasurement measurement) {
    public Calibrated {
        params = List.copyOf(params);
    }

    /** The same boundary as another point of another ladder. */
    public Calibrated at(int point) {
        return new Calibrated(
                params,
                curve,
                new PointMeasurement(
                        point,
                        measurement.level(),
                        measurement.wireBytesMean(),
                        measurement.agreement(),
                        measurement.inputs()));
    }
}
