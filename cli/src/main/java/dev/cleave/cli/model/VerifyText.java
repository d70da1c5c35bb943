package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.partition.verify.VerifyReport.Level;
import java.util.List;
import java.util.Locale;

/** What {@code cleave verify} prints for people, 100 columns wide. */
final class VerifyText {
    private final Terminal terminal;
    private final VerifyReport report;
    private final List<TailCheck.Row> halves;
    private final List<HeadMeasurement> heads;

    /**
     * @param halves tails in 16-bit floats; may be empty
     * @param heads in another form than ONNX, if the report is of such; may be empty
     */
    VerifyText(Terminal terminal, VerifyReport report, List<TailCheck.Row> halves, List<HeadMeasurement> heads) {
        this.terminal = terminal;
        this.report = report;
        this.halves = halves;
        this.heads = heads;
    }

    void print() {
        terminal.print(heading());
        terminal.print(levels());
        terminal.print("");
        terminal.print(points());
        if (!heads.isEmpty()) {
            terminal.print("");
            terminal.print(HeadRow.table(heads));
            terminal.print(headsRun());
        }
        if (!halves.isEmpty()) {
            terminal.print("");
            terminal.print(halves());
        }
        if (!report.jpeg().isEmpty()) {
            terminal.print("");
            terminal.print(jpeg());
            report.points().stream()
                    .filter(point -> point.kind().equals("split"))
                    .forEach(point -> terminal.print(rival(point)));
        }
        terminal.print(inputs());
    }

    private String heading() {
        Proportion correct = report.reference().correct();
        return report.inputs() + " inputs against the " + report.reference().source() + " "
                + report.reference().digest().substring(0, 12) + ", agreement = " + report.metric()
                + (correct.of() == 0 ? "" : ", its own top-1 " + ShareText.of(correct));
    }

    private Table levels() {
        Table table = Table.of(
                "point", "level", "bytes", "p95", "bit/el", "agreement (95 %)", "top-1 (95 %)", "abs err", "rel err");
        for (VerifyReport.Point point : report.points()) {
            for (Level level : point.levels()) {
                table.row(
                        point.index(),
                        level.codec().isEmpty() ? null : level.name(),
                        Math.round(level.wireBytesMean()),
                        Math.round(level.wireBytesP95()),
                        format("%.2f", level.bitsPerElement()),
                        ShareText.of(level.agreeing()),
                        ShareText.of(level.correct()),
                        format("%.1e", level.maxAbsError()),
                        format("%.1e", level.maxRelError()));
            }
        }
        return table;
    }

    private Table points() {
        Table table = Table.of(
                "point",
                "kind",
                "default codec",
                "elements",
                "reply",
                "leakage",
                "encode ms",
                "decode ms",
                "exact err");
        for (VerifyReport.Point point : report.points()) {
            table.row(
                    point.index(),
                    point.kind(),
                    point.level().codec().isEmpty() ? null : point.level().codec(),
                    Math.round(point.level().elements()),
                    Math.round(point.level().replyBytesMean()),
                    format("%.2f", point.leakage()),
                    format("%.2f", point.level().encodeMillisP50()),
                    format("%.2f", point.level().decodeMillisP50()),
                    report.exact().stream()
                            .filter(exact -> exact.index() == point.index())
                            .map(exact -> format("%.1e", exact.maxRelativeError()))
                            .findFirst()
                            .orElse(null));
        }
        return table;
    }

    private String headsRun() {
        int last = heads.get(heads.size() - 1).point();
        int local = last;
        for (VerifyReport.Exact exact : report.exact()) {
            local = Math.max(local, exact.index());
        }
        return "heads were run by " + heads.get(0).engine()
                + (last == local ? "" : "; from point " + (last + 1) + " on there are none in that form");
    }

    private Table halves() {
        Table table = Table.of("fp16 tail", "inputs", "agreement (95 %)", "max rel. error");
        halves.forEach(row -> table.row(
                row.point(), row.inputs(), ShareText.of(row.agreeing()), format("%.1e", row.maxRelativeError())));
        return table;
    }

    private Table jpeg() {
        Table table = Table.of("JPEG quality", "bytes", "agreement (95 %)", "top-1 (95 %)");
        for (VerifyReport.Jpeg row : report.jpeg()) {
            table.row(
                    row.quality(),
                    Math.round(row.bytesMean()),
                    ShareText.of(row.agreeing()),
                    ShareText.of(row.correct()));
        }
        return table;
    }

    private String rival(VerifyReport.Point point) {
        Level level = point.level();
        String agreement = rival(level, report.jpegOfEqualAgreement(level), "agrees as often");
        String accuracy = level.correct().of() == 0
                ? ""
                : ", " + rival(level, report.jpegOfEqualAccuracy(level), "is right as often");
        return "point " + point.index() + ", " + Math.round(level.wireBytesMean()) + " bytes: " + agreement + accuracy;
    }

    private static String rival(Level level, VerifyReport.Jpeg row, String does) {
        return row == null
                ? "no JPEG here " + does
                : String.format(
                        Locale.ROOT,
                        "JPEG %d %s with %d (%.1fx)",
                        row.quality(),
                        does,
                        Math.round(row.bytesMean()),
                        row.bytesMean() / level.wireBytesMean());
    }

    private String inputs() {
        VerifyReport.Overlap overlap = report.overlap();
        if (overlap == null) {
            return "the bundle does not say what it was calibrated on; on those inputs it looks better than on others";
        }
        if (!overlap.isComplete()) {
            String known = " among the " + overlap.remembered() + " of " + overlap.calibrated()
                    + " that the bundle remembers being calibrated on";
            return overlap.inputs() == 0
                    ? "none of these inputs is" + known
                    : overlap.inputs() + " of these " + report.inputs() + " inputs are" + known;
        }
        return overlap.inputs() == 0
                ? "the bundle was calibrated on none of these inputs"
                : overlap.inputs() + " of these " + report.inputs()
                        + " inputs were used to calibrate the bundle, too; on others it may do worse";
    }

    /** Null for NaN, which a table prints as a dash. */
    private static String format(String pattern, double value) {
        return Double.isNaN(value) ? null : String.format(Locale.ROOT, pattern, value);
    }
}
