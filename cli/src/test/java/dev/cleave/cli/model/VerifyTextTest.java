package dev.cleave.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.cli.output.Terminal;
import dev.cleave.engine.GraphFormat;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.partition.verify.VerifyReport.Level;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifyTextTest {
    private static final int COLUMNS = 100;
    private static final int POINTS = 5;
    private static final Proportion MANY = new Proportion(1000, 1000);
    private static final Proportion MOST = new Proportion(983, 1000);

    /** ResNet-50's numbers of bytes, all columns filled. */
    @Test
    void tablesFitTheirColumnsWithFivePointsOfThreeLevels() {
        List<String> lines = lines(new VerifyReport.Overlap(250, 1024, 2000));
        assertThat(lines).hasSizeGreaterThan(POINTS * 4);
        assertThat(lines).filteredOn(line -> line.contains("coarse")).hasSize(POINTS);
        assertThat(lines)
                .filteredOn(line -> !line.matches("point \\d+, .*"))
                .as("all but sentences")
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(COLUMNS));
    }

    /** A bundle that remembers some of its inputs cannot say that it knows none of these. */
    @Test
    void saysHowManyInputsCalibratedTheBundleAsFarAsItRemembers() {
        assertThat(last(null)).startsWith("the bundle does not say what it was calibrated on");
        assertThat(last(new VerifyReport.Overlap(0, 500, 500)))
                .isEqualTo("the bundle was calibrated on none of these inputs");
        assertThat(last(new VerifyReport.Overlap(250, 500, 500)))
                .startsWith("250 of these 1000 inputs were used to calibrate the bundle, too");
        assertThat(last(new VerifyReport.Overlap(0, 1024, 2000)))
                .isEqualTo(
                        "none of these inputs is among the 1024 of 2000 that the bundle remembers being calibrated on");
        assertThat(last(new VerifyReport.Overlap(250, 1024, 2000)))
                .isEqualTo("250 of these 1000 inputs are among the 1024 of 2000 that the bundle remembers being"
                        + " calibrated on");
    }

    @Test
    void theDocumentSaysSoToo() {
        VerifyDocument some = VerifyDocument.of(report(new VerifyReport.Overlap(0, 1024, 2000)), halves(), heads());
        assertThat(some.alsoCalibratedOn()).isZero();
        assertThat(some.calibration()).isEqualTo(new VerifyDocument.Calibration(2000, 1024));
        VerifyDocument none = VerifyDocument.of(report(null), halves(), heads());
        assertThat(none.alsoCalibratedOn()).isNull();
        assertThat(none.calibration()).isNull();
    }

    private static String last(VerifyReport.Overlap overlap) {
        List<String> lines = lines(overlap);
        return lines.get(lines.size() - 1);
    }

    private static List<String> lines(VerifyReport.Overlap overlap) {
        StringWriter out = new StringWriter();
        PrintWriter writer = new PrintWriter(out);
        new VerifyText(new Terminal(writer, writer, false, false, false), report(overlap), halves(), heads()).print();
        return out.toString().lines().toList();
    }

    private static VerifyReport report(VerifyReport.Overlap overlap) {
        List<VerifyReport.Point> points = new ArrayList<>();
        points.add(new VerifyReport.Point(0, "cloud", List.of("data"), List.of(level("default", "image")), 1, 0));
        for (int point = 1; point <= POINTS; point++) {
            List<Level> levels = List.of(
                    level("default", "quant:128/channel/context"),
                    level("coarse", "quant:48/tensor/context"),
                    level("fine", "quant:256/channel/context"));
            points.add(new VerifyReport.Point(point, "split", List.of("t" + point), levels, 0.87, 64));
        }
        points.add(new VerifyReport.Point(POINTS + 1, "local", List.of(), List.of(level("default", "")), 0, 0));
        List<VerifyReport.Exact> exact = new ArrayList<>();
        for (int point = 0; point <= POINTS + 1; point++) {
            exact.add(new VerifyReport.Exact(point, 1.2e-6, 3.4e-7, true));
        }
        return new VerifyReport(
                1000,
                overlap,
                "top-1",
                new VerifyReport.Reference("model", "0123456789abcdef", MOST),
                points,
                exact,
                1e-4,
                List.of(new VerifyReport.Jpeg(80, 25_300, MOST, MOST), new VerifyReport.Jpeg(98, 61_200, MANY, MANY)));
    }

    private static Level level(String name, String codec) {
        return new Level(name, codec, 802_816, 150_528, 162_345, 2006, MANY, MOST, 1.2e-1, 3.4e-2, 12.34, 10.11);
    }

    private static List<HeadMeasurement> heads() {
        return List.of(new HeadMeasurement(GraphFormat.TFLITE, "tflite 2.20.0", 1, 0.997, 0.998, 0.999, 1.2e-6, 1000));
    }

    private static List<TailCheck.Row> halves() {
        return List.of(new TailCheck.Row(1, 0.997, 1.2e-3, 1000));
    }
}
