package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.partition.verify.VerifyReport.Level;
import java.util.List;

/**
 * The JSON of {@code cleave verify}; the fields of a point stand for its default quality level. Intervals are of 95 %. {@code
 * headEngine} and {@code heads} are null where heads were run in ONNX, {@code alsoCalibratedOn} and {@code calibration} where the bundle does not say.
 */
record VerifyDocument(
        int inputs,
        Integer alsoCalibratedOn,
        Calibration calibration,
        String metric,
        Reference reference,
        List<Point> splitPoints,
        List<Exact> exact,
        double exactBound,
        List<Jpeg> jpeg,
        List<Rival> jpegAtEqual,
        List<HalfTail> fp16,
        String headEngine,
        List<HeadRow> heads) {
    /** Inputs that the bundle was calibrated on, and how many of those it knows again; only among these {@code alsoCalibratedOn} counts. */
    record Calibration(int inputs, int remembered) {}

    record Reference(String source, String digest, double top1, double[] top1Interval) {}

    record Point(
            int index,
            String kind,
            List<String> tensors,
            double elements,
            double wireBytesMean,
            double wireBytesP95,
            double replyBytesMean,
            double bitsPerElement,
            double agreement,
            double[] agreementInterval,
            double top1,
            double[] top1Interval,
            double maxAbsError,
            double maxRelError,
            double leakage,
            int leakageInputs,
            double encodeMillisP50,
            double decodeMillisP50,
            List<Quality> levels) {}

    /** The levels beside the default. */
    record Quality(
            String level,
            String codec,
            double wireBytesMean,
            double wireBytesP95,
            double bitsPerElement,
            double agreement,
            double[] agreementInterval,
            double top1,
            double[] top1Interval,
            double maxAbsError,
            double maxRelError,
            double encodeMillisP50,
            double decodeMillisP50) {}

    /** A tail in 16-bit floats. */
    record HalfTail(int index, double agreement, int inputs, double[] agreementInterval, double maxRelError) {}

    record Exact(int index, double maxAbsError, double maxRelError) {}

    record Jpeg(
            int quality,
            double bytesMean,
            double agreement,
            double[] agreementInterval,
            double top1,
            double[] top1Interval) {}

    /** The JPEG with the fewest bytes that does as well as a point; null where none does, or without labels. */
    record Rival(int index, SmallestJpeg agreement, SmallestJpeg top1) {}

    record SmallestJpeg(int quality, double bytesMean) {}

    static VerifyDocument of(VerifyReport report, List<TailCheck.Row> halves, List<HeadMeasurement> heads) {
        return new VerifyDocument(
                report.inputs(),
                report.overlap() == null ? null : report.overlap().inputs(),
                calibration(report.overlap()),
                report.metric(),
                new Reference(
                        report.reference().source(),
                        report.reference().digest(),
                        report.reference().correct().share(),
                        interval(report.reference().correct())),
                report.points().stream().map(VerifyDocument::point).toList(),
                report.exact().stream()
                        .map(exact -> new Exact(exact.index(), exact.maxAbsError(), exact.maxRelativeError()))
                        .toList(),
                report.exactBound(),
                report.jpeg().stream().map(VerifyDocument::jpeg).toList(),
                report.jpeg().isEmpty() ? List.of() : rivals(report),
                halves.isEmpty()
                        ? null
                        : halves.stream()
                                .map(row -> new HalfTail(
                                        row.point(),
                                        row.agreement(),
                                        row.inputs(),
                                        interval(row.agreeing()),
                                        row.maxRelativeError()))
                                .toList(),
                heads.isEmpty() ? null : heads.get(0).engine(),
                heads.isEmpty() ? null : HeadRow.of(heads));
    }

    /** Null if the bundle does not say. */
    private static Calibration calibration(VerifyReport.Overlap overlap) {
        return overlap == null ? null : new Calibration(overlap.calibrated(), overlap.remembered());
    }

    private static Point point(VerifyReport.Point point) {
        Level level = point.level();
        return new Point(
                point.index(),
                point.kind(),
                point.tensors(),
                level.elements(),
                level.wireBytesMean(),
                level.wireBytesP95(),
                level.replyBytesMean(),
                level.bitsPerElement(),
                level.agreeing().share(),
                interval(level.agreeing()),
                level.correct().share(),
                interval(level.correct()),
                level.maxAbsError(),
                level.maxRelError(),
                point.leakage(),
                point.leakageInputs(),
                level.encodeMillisP50(),
                level.decodeMillisP50(),
                point.levels().stream().skip(1).map(VerifyDocument::quality).toList());
    }

    private static Quality quality(Level level) {
        return new Quality(
                level.name(),
                level.codec(),
                level.wireBytesMean(),
                level.wireBytesP95(),
                level.bitsPerElement(),
                level.agreeing().share(),
                interval(level.agreeing()),
                level.correct().share(),
                interval(level.correct()),
                level.maxAbsError(),
                level.maxRelError(),
                level.encodeMillisP50(),
                level.decodeMillisP50());
    }

    private static Jpeg jpeg(VerifyReport.Jpeg row) {
        return new Jpeg(
                row.quality(),
                row.bytesMean(),
                row.agreeing().share(),
                interval(row.agreeing()),
                row.correct().share(),
                interval(row.correct()));
    }

    private static List<Rival> rivals(VerifyReport report) {
        return report.points().stream()
                .filter(point -> point.kind().equals("split"))
                .map(point -> new Rival(
                        point.index(),
                        smallest(report.jpegOfEqualAgreement(point.level())),
                        smallest(report.jpegOfEqualAccuracy(point.level()))))
                .toList();
    }

    private static SmallestJpeg smallest(VerifyReport.Jpeg row) {
        return row == null ? null : new SmallestJpeg(row.quality(), row.bytesMean());
    }

    private static double[] interval(Proportion proportion) {
        return proportion.of() == 0 ? null : new double[] {proportion.low(), proportion.high()};
    }
}
