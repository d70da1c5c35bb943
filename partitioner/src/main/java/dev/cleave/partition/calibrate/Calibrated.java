package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecParams;
import java.util.ArrayList;
import java.util.List;

/**
 * How one point's boundary is coded, and what was measured on the way. Immutable.
 *
 * @param qualities of the point, {@code default} first; level {@code raw} is not among them
 * @param curve every way of coding that was tried
 * @param met whether the answers agree as often as they have to; if not, not even the boundary as it is reaches that, and it is the
 *     default
 */
public record Calibrated(List<Quality> qualities, CodecCurve curve, boolean met) {
    /**
     * A quality level.
     *
     * @param params by tensor, in the boundary's order
     * @param chosenBy what was measured on the inputs that chose it
     * @param measurement what was measured on inputs that had no part in choosing it
     */
    public record Quality(List<CodecParams> params, CodecCurve.Level chosenBy, PointMeasurement measurement) {
        public Quality {
            params = List.copyOf(params);
        }

        private Quality at(int point) {
            return new Quality(params, chosenBy, measurement.at(point));
        }

        QualityLevel level() {
            return new QualityLevel(measurement.level(), params);
        }
    }

    public Calibrated {
        qualities = List.copyOf(qualities);
    }

    /** Of level {@code default}, in the boundary's order. */
    public List<CodecParams> params() {
        return qualities.get(0).params();
    }

    /** Of level {@code default}, on the inputs that chose it: what decisions are made by. */
    public CodecCurve.Level chosenBy() {
        return qualities.get(0).chosenBy();
    }

    /** Of level {@code default}, on inputs that had no part in choosing it. */
    public PointMeasurement measurement() {
        return qualities.get(0).measurement();
    }

    /** Of all qualities. */
    public List<PointMeasurement> measurements() {
        return qualities.stream().map(Quality::measurement).toList();
    }

    /** As the contract has them, with {@code raw}. */
    public List<QualityLevel> levels() {
        List<QualityLevel> levels = new ArrayList<>();
        qualities.forEach(quality -> levels.add(quality.level()));
        List<CodecParams> raw = new ArrayList<>();
        params().forEach(any -> raw.add(new CodecParams.Raw()));
        levels.add(new QualityLevel(QualityLevel.RAW, raw));
        return levels;
    }

    /** The same boundary as another point of another ladder. */
    public Calibrated at(int point) {
        return new Calibrated(
                qualities.stream().map(quality -> quality.at(point)).toList(), curve, met);
    }
}
