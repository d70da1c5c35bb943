package dev.cleave.cli.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.cli.output.Abbreviation;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.engine.GraphFormat;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code cleave inspect} tells of a bundle: what it is, its points, and which segments it holds in which forms. */
final class BundleInspection {
    /**
     * The JSON.
     *
     * @param heads for each form, the last point whose head devices can run in it; k+1 is LOCAL
     * @param measured heads in a form other than ONNX
     */
    record Document(
            String bundle,
            String id,
            String model,
            String version,
            String view,
            int edgeThrough,
            boolean signed,
            String precision,
            String edgePrecision,
            List<Point> points,
            List<Segment> segments,
            Map<String, Integer> heads,
            List<HeadRow> measured) {}

    record Point(int index, List<String> tensors, List<String> shapes) {}

    /**
     * @param index segment i lies between points i and i+1
     * @param bytes size of each form that this view holds, by its name; ONNX's without the weights
     */
    record Segment(String precision, int index, Map<String, Long> bytes) {}

    private final Bundle bundle;
    private final Contract contract;

    BundleInspection(Bundle bundle) {
        this.bundle = bundle;
        this.contract = bundle.contract();
    }

    void print(Terminal terminal) {
        Document document = document();
        if (terminal.isJson()) {
            terminal.json().document(document);
            return;
        }
        terminal.print(contract.modelName() + " " + contract.modelVersion() + ", " + document.view() + " view, id "
                + document.id().substring(0, 12) + (document.signed() ? ", signed" : ", not signed"));
        terminal.print(points(document));
        terminal.print(segments(document));
        for (GraphFormat format : GraphFormat.values()) {
            terminal.print("." + format.extension() + " heads on devices: " + reach(bundle.edgeThrough(format)));
        }
        List<HeadMeasurement> measured = bundle.manifest().heads();
        if (!measured.isEmpty()) {
            terminal.print(HeadRow.table(measured));
        }
    }

    private Document document() {
        Map<String, Integer> heads = new TreeMap<>();
        for (GraphFormat format : GraphFormat.values()) {
            heads.put(format.extension(), bundle.edgeThrough(format));
        }
        return new Document(
                bundle.file().toString(),
                bundle.id(),
                contract.modelName(),
                contract.modelVersion(),
                bundle.view().jsonName(),
                bundle.edgeThrough(),
                bundle.signature() != null,
                contract.precision(),
                contract.edgePrecision(),
                contract.points().stream().map(BundleInspection::point).toList(),
                held(),
                heads,
                HeadRow.of(bundle.manifest().heads()));
    }

    private static Point point(LadderPoint point) {
        return new Point(
                point.index(),
                point.specs().stream().map(TensorSpec::name).toList(),
                point.specs().stream()
                        .map(spec -> spec.type().jsonName() + spec.shape())
                        .toList());
    }

    /** By precision, then by number. */
    private List<Segment> held() {
        Map<String, Map<Integer, Map<String, Long>>> held = new TreeMap<>();
        for (FileDigest file : contract.files()) {
            BundlePath path = BundlePath.parse(file.path());
            boolean isHeld = path.kind() == BundlePath.Kind.SEGMENT
                    && bundle.hasGraph(path.precision(), "segment-" + path.index(), path.format());
            if (isHeld) {
                held.computeIfAbsent(path.precision(), key -> new TreeMap<>())
                        .computeIfAbsent(path.index(), key -> new TreeMap<>())
                        .put(path.format().extension(), file.size());
            }
        }
        List<Segment> segments = new ArrayList<>();
        held.forEach((precision, numbered) ->
                numbered.forEach((index, forms) -> segments.add(new Segment(precision, index, forms))));
        return segments;
    }

    private static Table points(Document document) {
        Table table = Table.of("point", "crossing", "shape");
        for (Point point : document.points()) {
            table.row(
                    point.index(),
                    Abbreviation.ofLast(point.tensors()),
                    point.shapes().get(point.shapes().size() - 1));
        }
        return table;
    }

    private static Table segments(Document document) {
        Table table = Table.of("segment", "precision", ".onnx (weights apart)", ".tflite (weights inside)");
        for (Segment segment : document.segments()) {
            table.row(
                    segment.index(),
                    segment.precision() + (segment.precision().equals(document.edgePrecision()) ? ", devices'" : ""),
                    size(segment, GraphFormat.ONNX),
                    size(segment, GraphFormat.TFLITE));
        }
        return table;
    }

    private static ByteSize size(Segment segment, GraphFormat format) {
        Long bytes = segment.bytes().get(format.extension());
        return bytes == null ? null : new ByteSize(bytes);
    }

    private String reach(int through) {
        if (through == 0) {
            return "none";
        }
        boolean isLocal = through == contract.local();
        int last = isLocal ? through - 1 : through;
        String points = last == 0 ? "" : last == 1 ? "point 1" : "points 1 to " + last;
        return isLocal ? points + (last == 0 ? "" : " and ") + "LOCAL" : points;
    }
}
