package dev.cleave.edge.policy;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.PlanTable;
import dev.cleave.bundle.PlanTable.PlanRow;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecParams;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What a bundle says that its points cost, whatever the link, for one row of input. NaN is what it does not say.
 * Immutable.
 *
 * <p>Times are those of the plan's two machines, bytes are means over the inputs that the bundle was measured on. Where
 * no level of a point was measured, its bytes are those of its elements before any entropy coding, which is at least what
 * they take.
 */
public final class CostTable {
    private static final double NANOS_PER_MILLI = 1e6;

    /**
     * A point before LOCAL.
     *
     * @param encodeNanos on the device of the plan
     * @param decodeNanos on the gateway of the plan
     * @param tailNanos on that gateway, for a whole batch of {@link CostTable#batch} rows
     * @param replyBytes down
     * @param levels as in the contract, the default first
     */
    public record PointCost(
            double encodeNanos, double decodeNanos, double tailNanos, double replyBytes, List<LevelCost> levels) {
        public PointCost {
            levels = Collections.unmodifiableList(new ArrayList<>(levels));
        }
    }

    /** @param wireBytes up */
    public record LevelCost(String name, double wireBytes) {}

    private final List<PointCost> points;
    private final double[] segmentNanos;
    private final int batch;

    /**
     * @param points 0..k
     * @param segmentNanos of segments 0..k on the device of the plan, preparing the inputs in the first
     * @param batch rows that the gateway is expected to run at a time
     */
    public CostTable(List<PointCost> points, double[] segmentNanos, int batch) {
        if (segmentNanos.length != points.size()) {
            throw new IllegalArgumentException(
                    segmentNanos.length + " segments and " + points.size() + " points; expected as many");
        }
        this.points = Collections.unmodifiableList(new ArrayList<>(points));
        this.segmentNanos = segmentNanos.clone();
        this.batch = batch;
    }

    /** Of a bundle; a manifest without plan or measurements leaves unknown what they would tell. */
    public static CostTable of(Contract contract, Manifest manifest) {
        PlanTable plan = manifest.plan();
        PlanRow[] rows = new PlanRow[contract.local() + 1];
        if (plan != null) {
            for (PlanRow row : plan.rows()) {
                rows[row.point()] = row;
            }
        }
        List<PointCost> points = new ArrayList<>();
        for (LadderPoint point : contract.points()) {
            points.add(point(point, rows[point.index()], manifest.measurements()));
        }
        return new CostTable(points, segmentNanos(rows), plan == null ? 1 : plan.batch());
    }

    private static PointCost point(LadderPoint point, PlanRow row, List<PointMeasurement> measurements) {
        List<LevelCost> levels = new ArrayList<>();
        for (int level = 0; level < point.levels().size(); level++) {
            levels.add(new LevelCost(
                    point.levels().get(level).name(), wireBytes(point, level, level == 0 ? row : null, measurements)));
        }
        return row == null
                ? new PointCost(Double.NaN, Double.NaN, Double.NaN, Double.NaN, levels)
                : new PointCost(
                        row.encodeMillis() * NANOS_PER_MILLI,
                        row.decodeMillis() * NANOS_PER_MILLI,
                        row.tailMillis() * NANOS_PER_MILLI,
                        row.replyBytes(),
                        levels);
    }

    private static double wireBytes(LadderPoint point, int level, PlanRow row, List<PointMeasurement> measurements) {
        QualityLevel quality = point.levels().get(level);
        for (PointMeasurement measured : measurements) {
            if (measured.point() == point.index() && measured.level().equals(quality.name())) {
                return measured.wireBytesMean();
            }
        }
        if (row != null) {
            return row.wireBytes();
        }
        double bytes = 0;
        for (int i = 0; i < point.boundary().size(); i++) {
            bytes += uncompressedBytes(point.specs().get(i), quality.codecs().get(i));
        }
        return bytes;
    }

    /** NaN for a tensor with open dimensions other than its rows. */
    private static double uncompressedBytes(TensorSpec spec, CodecParams params) {
        Shape row = spec.shape().withRows(1);
        if (!row.isStatic()) {
            return Double.NaN;
        }
        double bytes = bytesPerElement(spec.type(), params);
        for (long dim : row.dims()) {
            bytes *= dim;
        }
        return bytes;
    }

    private static double bytesPerElement(ElementType type, CodecParams params) {
        if (params instanceof CodecParams.Quant quant) {
            return (double) (Integer.SIZE - Integer.numberOfLeadingZeros(quant.levels() - 1)) / Byte.SIZE;
        }
        if (params instanceof CodecParams.Image) {
            return 1;
        }
        return params instanceof CodecParams.Fp16 && type.isFloating() ? Short.BYTES : type.bytes();
    }

    /** Between two rows that are not neighbours, segments share the time evenly. A head of no segment takes none. */
    private static double[] segmentNanos(PlanRow[] rows) {
        double[] nanos = new double[rows.length - 1];
        Arrays.fill(nanos, Double.NaN);
        double before = 0;
        int from = 0;
        for (int point = 1; point < rows.length; point++) {
            if (rows[point] != null) {
                double head = rows[point].headMillis() * NANOS_PER_MILLI;
                Arrays.fill(nanos, from, point, Math.max(0, head - before) / (point - from));
                before = Math.max(before, head);
                from = point;
            }
        }
        return nanos;
    }

    /** k+1, the point at which nothing crosses. */
    public int local() {
        return points.size();
    }

    /** @param index 0..k */
    public PointCost point(int index) {
        return points.get(index);
    }

    public int batch() {
        return batch;
    }

    /** On the device of the plan. */
    double segmentNanos(int segment) {
        return segmentNanos[segment];
    }
}
