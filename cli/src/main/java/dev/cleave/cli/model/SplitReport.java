package dev.cleave.cli.model;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.cli.output.Abbreviation;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.edge.EdgeModel;
import dev.cleave.partition.split.SplitResult;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What {@code cleave split} prints of a bundle that it wrote. */
final class SplitReport {
    /** The JSON document. */
    record Document(
            String bundle,
            String id,
            int segments,
            List<Point> splitPoints,
            Calibration calibration,
            EdgeDocument edge,
            List<Reply> replies,
            List<HalfTail> fp16,
            LiteReport.Document tflite,
            long millis) {}

    record Reply(String output, String codec) {}

    /** A tail in 16-bit floats; on all inputs, those that chose the codecs among them. */
    record HalfTail(int index, double agreement, int inputs, double[] agreementInterval, double maxRelError) {}

    /** Measured on the inputs that report; the fields beside {@code levels} stand for the default. */
    record Point(
            int index,
            List<Tensor> tensors,
            String codec,
            double wireBytesMean,
            double agreement,
            double[] agreementInterval,
            List<Level> levels) {}

    record Tensor(String name, String type, List<Long> shape) {}

    record Level(String level, String codec, double wireBytesMean, double agreement, int inputs) {}

    /** Numbers of inputs by use; whether no input had two. */
    record Calibration(int learn, int choose, int report, boolean apart) {}

    private final SplitResult result;
    /** Null where no heads for TensorFlow Lite were asked for. */
    private final LiteReport lite;

    private final List<Point> points = new ArrayList<>();

    /** @param liteNotRun why heads for TensorFlow Lite were not run; null if they were */
    SplitReport(SplitResult result, String liteNotRun) {
        this.result = result;
        this.lite = result.liteHeads() == null ? null : new LiteReport(result.liteHeads(), liteNotRun);
        for (LadderPoint point : result.contract().points()) {
            if (point.index() > 0) {
                points.add(point(point));
            }
        }
    }

    private Point point(LadderPoint point) {
        List<Level> levels = new ArrayList<>();
        for (QualityLevel level : point.levels()) {
            if (levels.isEmpty() || !level.name().equals(QualityLevel.RAW)) {
                levels.add(level(point.index(), level));
            }
        }
        Level first = levels.get(0);
        return new Point(
                point.index(),
                point.specs().stream().map(SplitReport::tensor).toList(),
                first.codec(),
                first.wireBytesMean(),
                first.agreement(),
                interval(Proportion.ofShare(first.agreement(), first.inputs())),
                levels);
    }

    private Level level(int point, QualityLevel level) {
        PointMeasurement measured = result.measurements().stream()
                .filter(any -> any.point() == point && any.level().equals(level.name()))
                .findFirst()
                .orElse(new PointMeasurement(point, level.name(), Double.NaN, Double.NaN, 0));
        return new Level(
                level.name(),
                CodecLabel.of(level.codecs()),
                measured.wireBytesMean(),
                measured.agreement(),
                measured.inputs());
    }

    /** Null for nothing known. */
    private static double[] interval(Proportion proportion) {
        return proportion.of() == 0 ? null : new double[] {proportion.low(), proportion.high()};
    }

    /** Of one row; -1 where a dimension is open. */
    private static Tensor tensor(TensorSpec spec) {
        Shape row = spec.shape().withRows(1);
        List<Long> dims = new ArrayList<>();
        for (long dim : row.dims()) {
            dims.add(dim);
        }
        return new Tensor(spec.name(), spec.type().jsonName(), dims);
    }

    /** @param millis that it took */
    void print(Terminal terminal, long millis) {
        if (terminal.isJson()) {
            terminal.json()
                    .document(new Document(
                            result.bundle().toString(),
                            result.id(),
                            points.size() + 1,
                            points,
                            calibration(),
                            EdgeDocument.of(result),
                            replies(),
                            halfTails(),
                            lite == null ? null : lite.document(),
                            millis));
            return;
        }
        terminal.print(table());
        if (result.calibration() != null) {
            terminal.print(uses(result.calibration()));
        }
        if (!result.edge().summary().isEmpty()) {
            terminal.print(result.edge().summary());
            integers().forEach(terminal::print);
        }
        terminal.print("replies: "
                + replies().stream()
                        .map(reply -> reply.output() + " " + reply.codec())
                        .collect(Collectors.joining(", ")));
        if (!result.contract().batchReason().isEmpty()) {
            terminal.print("requests are not batched: " + result.contract().batchReason());
        }
        if (result.measurements().isEmpty()) {
            terminal.print("no sample inputs: floats cross as fp16; give --inputs or --random for fewer bytes");
        }
        if (!result.halfTails().isEmpty()) {
            terminal.print("tails in fp16, on all inputs, those that chose the codecs among them:");
            terminal.print(halves());
            result.halfRefusals().forEach(refusal -> terminal.print("fp16: stays in 32 bits: " + refusal));
        }
        if (lite != null) {
            lite.print(terminal);
        }
        terminal.print("wrote " + result.bundle() + " (id " + result.id().substring(0, 12) + ") in "
                + String.format(Locale.ROOT, "%.1f s", millis / 1000.0));
    }

    /** What stayed in float beside the integers of devices, and how devices do alone. */
    private List<String> integers() {
        EdgeModel model = result.edge().model();
        if (model == null) {
            return List.of();
        }
        List<String> lines = new ArrayList<>(FloatNodes.lines(model.report().floatNodes()));
        Proportion local = result.local();
        if (local.of() > 0) {
            lines.add("LOCAL in INT8 agrees on " + local.count() + " of "
                    + (result.calibration().apart() ? "the " : "all ") + local.of() + " inputs"
                    + (result.calibration().apart() ? " that chose nothing" : "") + ": " + ShareText.of(local));
        }
        return lines;
    }

    private Calibration calibration() {
        CalibrationRecord made = result.calibration();
        return made == null ? null : new Calibration(made.learn(), made.choose(), made.report(), made.apart());
    }

    private List<Reply> replies() {
        Contract contract = result.contract();
        List<Reply> replies = new ArrayList<>();
        for (int i = 0; i < contract.outputs().size(); i++) {
            String codec = CodecLabel.of(List.of(contract.replies().get(i)));
            replies.add(new Reply(contract.outputs().get(i).name(), codec));
        }
        return replies;
    }

    /** Null where none were asked for. */
    private List<HalfTail> halfTails() {
        return result.halfTails().isEmpty()
                ? null
                : result.halfTails().stream()
                        .map(row -> new HalfTail(
                                row.point(),
                                row.agreement(),
                                row.inputs(),
                                interval(row.agreeing()),
                                row.maxRelativeError()))
                        .toList();
    }

    private Table halves() {
        Table table = Table.of("fp16 tail", "inputs", "agreement (95 %)", "max rel. error");
        for (TailCheck.Row row : result.halfTails()) {
            table.row(
                    row.point(),
                    row.inputs(),
                    ShareText.of(row.agreeing()),
                    String.format(Locale.ROOT, "%.1e", row.maxRelativeError()));
        }
        return table;
    }

    private Table table() {
        Table table = Table.of("point", "cut after", "shape", "level", "codec", "bytes", "agreement (95 %)");
        for (Point point : points) {
            for (Level level : point.levels()) {
                boolean first = level == point.levels().get(0);
                Tensor last = point.tensors().get(point.tensors().size() - 1);
                List<String> names = point.tensors().stream().map(Tensor::name).toList();
                table.row(
                        first ? point.index() : "",
                        first ? Abbreviation.ofLast(names) : "",
                        first ? last.shape() : "",
                        level.level(),
                        level.codec(),
                        Double.isNaN(level.wireBytesMean()) ? null : Math.round(level.wireBytesMean()),
                        ShareText.of(level.agreement(), level.inputs()));
            }
        }
        return table;
    }

    private static String uses(CalibrationRecord calibration) {
        return calibration.apart()
                ? "of the inputs, " + calibration.learn() + " were learned from and " + calibration.choose()
                        + " chose the codecs; bytes and agreement are of the other " + calibration.report()
                : "too few inputs to keep apart: bytes and agreement are of the " + calibration.report()
                        + " that chose the codecs, and flatter";
    }
}
