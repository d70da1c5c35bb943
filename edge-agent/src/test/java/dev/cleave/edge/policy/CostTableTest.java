package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.PlanTable;
import dev.cleave.bundle.PlanTable.PlanRow;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class CostTableTest {
    private static final double MILLI = 1e6;

    private static final CodecParams QUANT = new CodecParams.Quant(24, -1, new float[] {0}, new float[] {1});

    private static LadderPoint point(int index, long width) {
        TensorSpec spec = new TensorSpec("t" + index, ElementType.FLOAT32, Shape.of(Shape.BATCH, width));
        return new LadderPoint(
                index,
                Collections.singletonList(new BoundaryTensor(spec, null)),
                Collections.emptyList(),
                Arrays.asList(
                        level("default", index == 0 ? new CodecParams.Fp16() : QUANT),
                        level("raw", new CodecParams.Raw())));
    }

    private static QualityLevel level(String name, CodecParams params) {
        return new QualityLevel(name, Collections.singletonList(params));
    }

    /** Points 0..2 and LOCAL = 3; point 2 has an open dimension. */
    private static Contract contract() {
        TensorSpec out = new TensorSpec("y", ElementType.FLOAT32, Shape.of(Shape.BATCH, 10));
        return new Contract(
                "model",
                "1",
                FileDigest.of("source", new byte[0]).sha256(),
                "fp32",
                "fp32",
                point(0, 1000).specs(),
                Collections.singletonList(out),
                Collections.singletonList(new CodecParams.Raw()),
                Collections.emptyList(),
                null,
                8,
                "",
                Arrays.asList(point(0, 1000), point(1, 80), point(2, Shape.DYNAMIC)),
                Collections.emptyList(),
                0,
                Collections.emptyList(),
                Collections.emptyList());
    }

    private static CostTable table(PlanTable plan, PointMeasurement... measurements) {
        Manifest manifest = new Manifest(View.FULL, 3, "test", Arrays.asList(measurements));
        return CostTable.of(contract(), manifest.withPlan(plan));
    }

    private static PlanRow row(int point, double head, double bytes) {
        boolean local = bytes == 0;
        return new PlanRow(point, head, local ? 0 : 2, local ? 0 : 3, local ? 0 : 4, bytes, 5, 1, 0, 0, true);
    }

    private static PlanTable plan(PlanRow... rows) {
        return new PlanTable("edge", 1, "cloud", 4, Arrays.asList(rows));
    }

    private static double bytes(CostTable table, int point, int level) {
        return table.point(point).levels().get(level).wireBytes();
    }

    @Test
    void takesTimesFromThePlan() {
        CostTable table = table(plan(row(0, 0, 900), row(1, 20, 50), row(2, 50, 40), row(3, 90, 0)));
        assertThat(table.local()).isEqualTo(3);
        assertThat(table.batch()).isEqualTo(4);
        assertThat(table.segmentNanos(0)).isEqualTo(20 * MILLI);
        assertThat(table.segmentNanos(1)).isEqualTo(30 * MILLI);
        assertThat(table.segmentNanos(2)).isEqualTo(40 * MILLI);
        assertThat(table.point(1).encodeNanos()).isEqualTo(2 * MILLI);
        assertThat(table.point(1).decodeNanos()).isEqualTo(3 * MILLI);
        assertThat(table.point(1).tailNanos()).isEqualTo(4 * MILLI);
        assertThat(table.point(1).replyBytes()).isEqualTo(5);
    }

    @Test
    void segmentsBetweenPointsThatWerePlannedShareTheTime() {
        CostTable table = table(plan(row(2, 50, 40)));
        assertThat(table.segmentNanos(0)).isEqualTo(25 * MILLI);
        assertThat(table.segmentNanos(1)).isEqualTo(25 * MILLI);
        assertThat(table.segmentNanos(2)).isNaN();
        assertThat(table.point(1).tailNanos()).isNaN();
    }

    @Test
    void aHeadThatMeasuredFasterThanAShorterOneAddsNothing() {
        CostTable table = table(plan(row(1, 20, 50), row(2, 19, 40), row(3, 30, 0)));
        assertThat(table.segmentNanos(1)).isZero();
        assertThat(table.segmentNanos(2)).isEqualTo(10 * MILLI);
    }

    @Test
    void believesMeasuredBytesThenPlannedOnesThenTheElements() {
        CostTable table = table(plan(row(1, 20, 50)), new PointMeasurement(1, "raw", 333, 1, 9));
        assertThat(bytes(table, 1, 0)).isEqualTo(50);
        assertThat(bytes(table, 1, 1)).isEqualTo(333);
        assertThat(bytes(table(plan(row(1, 20, 50)), new PointMeasurement(1, "default", 44, 1, 9)), 1, 0))
                .isEqualTo(44);
        CostTable nothing = table(null);
        assertThat(bytes(nothing, 0, 0)).as("1,000 halves").isEqualTo(2000);
        assertThat(bytes(nothing, 0, 1)).as("1,000 floats").isEqualTo(4000);
        assertThat(bytes(nothing, 1, 0)).as("80 symbols of 5 bits").isEqualTo(50);
        assertThat(bytes(nothing, 2, 0)).as("an open dimension").isNaN();
    }

    @Test
    void withoutAPlanOnlyBytesAreKnown() {
        CostTable table = table(null);
        assertThat(table.batch()).isEqualTo(1);
        assertThat(table.segmentNanos(0)).isNaN();
        assertThat(table.point(1).encodeNanos()).isNaN();
    }

    @Test
    void thisDeviceIsComparedByWhatItRan() {
        CostTable table = table(plan(row(1, 20, 50), row(2, 50, 40), row(3, 90, 0)));
        assertThat(DeviceTimes.unknown(3).scale(table)).isEqualTo(1);
        DeviceTimes fast = new DeviceTimes(10 * MILLI, Double.NaN, Double.NaN);
        assertThat(fast.scale(table)).isEqualTo(0.5);
        assertThat(fast.segmentNanos(0, 0.5, table)).isEqualTo(10 * MILLI);
        assertThat(fast.segmentNanos(2, 0.5, table)).isEqualTo(20 * MILLI);
        DeviceTimes slow = new DeviceTimes(100 * MILLI, Double.NaN, Double.NaN);
        assertThat(slow.scale(table)).as("beside a tenth of the plan").isEqualTo(109.0 / 29);
        DeviceTimes all = new DeviceTimes(200 * MILLI, 300 * MILLI, 400 * MILLI);
        assertThat(all.scale(table)).isBetween(9.0, 10.0);
        assertThat(DeviceTimes.unknown(3).scale(table(null))).isEqualTo(1);
    }

    @Test
    void costsFollowWhatFramesAndRepliesTell() {
        List<PlanRow> rows = Arrays.asList(row(1, 20, 50), row(3, 90, 0));
        KnownCosts costs = new KnownCosts(table(plan(rows.toArray(new PlanRow[0]))));
        HeadTimes device = HeadTimes.of(DeviceTimes.unknown(3), costs.table());
        RequestCost before = costs.of(1, 0, 2, device);
        assertThat(before).isEqualTo(new RequestCost(40 * MILLI, true, 4 * MILLI, 100, 10, 6 * MILLI, 4 * MILLI, 0.5));
        costs.encoded(1, 0, 2, 6_000_000, 132);
        costs.answered(1, 2, 26, 1, 1);
        assertThat(costs.of(1, 0, 2, device))
                .as("bytes 50 + 16 / 8 and 5 + 8 / 8 a row; times of the gateway are the plan's")
                .isEqualTo(new RequestCost(40 * MILLI, true, 6 * MILLI, 104, 12, 6 * MILLI, 4 * MILLI, 0.5));
        assertThat(costs.of(2, 0, 1, device).isKnown()).isFalse();
        costs.encoded(2, 0, 1, 500, 700);
        costs.answered(2, 1, 40, 3000, 9000);
        RequestCost learned = costs.of(2, 0, 1, device);
        assertThat(learned.wireBytes()).isEqualTo(700);
        assertThat(learned.tailNanos()).isEqualTo(9000);
        assertThat(learned.decodeNanos()).isEqualTo(3000);
        assertThat(learned.isKnown()).isTrue();
    }
}
