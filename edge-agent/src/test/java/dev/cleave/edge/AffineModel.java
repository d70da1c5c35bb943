package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.FakeEngine;
import dev.cleave.engine.GraphFormat;
import dev.cleave.picture.Picture;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of two split points for {@link FakeEngine}, on rows shaped as a grey picture of
 * 16x16. The bias crosses every point and is used
 * last; {@code early} is an output that is made before point 2.
 *
 * <pre>
 * segment-0  h = 2 x + 1
 * segment-1  early = h + 10,  g = 3 h - 1
 * segment-2  y = g + bias                    so y = 6 x + 2 + bias, early = 2 x + 11
 * </pre>
 */
final class AffineModel {
    static final int LOCAL = 3;
    static final int WIDTH = 256;
    static final int MAX_BATCH = 8;
    static final List<String> LABELS = labels();

    private static final TensorSpec X = spec("x");
    private static final TensorSpec BIAS = spec("bias");

    private final Map<String, byte[]> files = new LinkedHashMap<>();
    private String version = "1";
    private int privacyFloor;
    private boolean quantised;
    private Preprocessing preprocessing;

    AffineModel() {
        graph(
                "segment-0",
                "input x float32 [?,1,16,16]",
                "output h float32 [?,1,16,16] = affine x 2 1",
                "cost 1000 100");
        graph(
                "segment-1",
                "input h float32 [?,1,16,16]",
                "output early float32 [?,1,16,16] = affine h 1 10",
                "output g float32 [?,1,16,16] = affine h 3 -1",
                "cost 1000 100");
        graph(
                "segment-2",
                "input g float32 [?,1,16,16]",
                "input bias float32 [?,1,16,16]",
                "output y float32 [?,1,16,16] = sum g bias",
                "cost 1000 100");
        graph("whole", "input x float32 [?,1,16,16]", "output y float32 [?,1,16,16] = copy x");
    }

    /** Another version; all that differs, unless something else is asked for, is that the bias counts as often as it says. */
    AffineModel version(int number) {
        version = Integer.toString(number);
        String biases = String.join(" ", Collections.nCopies(number, "bias"));
        lastSegment("output y float32 [?,1,16,16] = sum g " + biases, "cost 1000 100");
        return this;
    }

    /** That runs of the last segment take so long. */
    AffineModel slow(long nanos) {
        lastSegment("output y float32 [?,1,16,16] = sum g bias", "cost " + nanos + " 0");
        return this;
    }

    private void lastSegment(String output, String cost) {
        graph("segment-2", "input g float32 [?,1,16,16]", "input bias float32 [?,1,16,16]", output, cost);
    }

    private static List<String> labels() {
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < WIDTH; i++) {
            labels.add("class " + i);
        }
        return Collections.unmodifiableList(labels);
    }

    AffineModel privacyFloor(int point) {
        privacyFloor = point;
        return this;
    }

    /** The default level has 256 levels of 1 from 0 on, in place of fp16. */
    AffineModel quantised() {
        quantised = true;
        return this;
    }

    /** That segment is no graph. */
    AffineModel brokenSegment(int segment) {
        graph("segment-" + segment, "this is no graph");
        return this;
    }

    /** The first segments in a second form, which an engine of that format runs in so many nanoseconds each. */
    AffineModel secondForm(int segments, long nanos) {
        for (int segment = 0; segment < segments; segment++) {
            String lines =
                    new String(files.get(BundlePath.graph("fp32", "segment-" + segment)), StandardCharsets.UTF_8);
            String other = lines.replaceAll("cost .*", "cost " + nanos + " 0");
            files.put(
                    BundlePath.graph("fp32", "segment-" + segment, GraphFormat.TFLITE),
                    other.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    /** That segment's second form is no graph. */
    AffineModel brokenSecondForm(int segment) {
        files.put(
                BundlePath.graph("fp32", "segment-" + segment, GraphFormat.TFLITE),
                "this is no graph".getBytes(StandardCharsets.UTF_8));
        return this;
    }

    AffineModel preprocessing(Preprocessing value) {
        preprocessing = value;
        return this;
    }

    private void graph(String name, String... lines) {
        files.put(BundlePath.graph("fp32", name), FakeEngine.graph(name, lines).graph());
    }

    Bundle full(Path folder) throws IOException {
        return write(folder, View.FULL, LOCAL);
    }

    /** A view that holds the segments up to a point. */
    Bundle edgeThrough(Path folder, int point) throws IOException {
        return write(folder, View.EDGE, point);
    }

    private Bundle write(Path folder, View view, int through) throws IOException {
        Path file = folder.resolve("affine-" + version + "-" + view.jsonName() + through + ".cleave");
        BundleWriter writer = new BundleWriter(contract());
        files.forEach(writer::file);
        writer.write(new Manifest(view, through, "test", measurements()), file);
        return Bundle.open(file);
    }

    private static List<Manifest.PointMeasurement> measurements() {
        return Arrays.asList(
                new Manifest.PointMeasurement(0, "default", 40, 1, 10),
                new Manifest.PointMeasurement(1, "default", 20, 1, 10),
                new Manifest.PointMeasurement(2, "default", 30, 1, 10));
    }

    private Contract contract() {
        List<FileDigest> digests = new ArrayList<>();
        files.forEach((path, bytes) -> digests.add(FileDigest.of(path, bytes)));
        return new Contract(
                "affine",
                version,
                FileDigest.of("source", new byte[0]).sha256(),
                "fp32",
                "fp32",
                Arrays.asList(X, BIAS),
                Arrays.asList(spec("y"), spec("early")),
                Arrays.asList(new CodecParams.Fp16(), new CodecParams.Raw()),
                LABELS,
                preprocessing,
                MAX_BATCH,
                "",
                Arrays.asList(point(0, X), point(1, spec("h")), point(2, spec("g"), "early")),
                Collections.emptyList(),
                privacyFloor,
                digests,
                Collections.emptyList());
    }

    private LadderPoint point(int index, TensorSpec crossing, String... early) {
        CodecParams usual = quantised
                ? new CodecParams.Quant(256, CodecParams.Quant.PER_TENSOR, new float[1], new float[] {255})
                : new CodecParams.Fp16();
        CodecParams first = index == 0 && preprocessing != null ? new CodecParams.Image() : usual;
        return new LadderPoint(
                index,
                Arrays.asList(new BoundaryTensor(crossing, null), new BoundaryTensor(BIAS, null)),
                Arrays.asList(early),
                Arrays.asList(
                        new QualityLevel("default", Arrays.asList(first, usual)),
                        new QualityLevel("raw", Arrays.asList(new CodecParams.Raw(), new CodecParams.Raw()))));
    }

    private static TensorSpec spec(String name) {
        return new TensorSpec(name, ElementType.FLOAT32, Shape.of(Shape.BATCH, 1, 16, 16));
    }

    /** Rows of small integers, which every codec here keeps exactly. */
    static Map<String, Tensor> inputs(int rows, int seed) {
        float[] x = new float[rows * WIDTH];
        float[] bias = new float[rows * WIDTH];
        for (int i = 0; i < x.length; i++) {
            x[i] = (seed * 7 + i * 5) % 23;
            bias[i] = (seed + i) % 11;
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("x", Tensor.ofFloats(rows(rows), x));
        inputs.put("bias", Tensor.ofFloats(rows(rows), bias));
        return inputs;
    }

    static Shape rows(int rows) {
        return Shape.of(rows, 1, 16, 16);
    }

    /** Pictures of any size become 16x16 of grey, each pixel a small integer. */
    static Preprocessing grey() {
        return Preprocessing.parse("{\"input\":\"x\",\"resize\":[16,16],\"channels\":\"GRAY\",\"scale\":1}");
    }

    /** Two pictures of different sizes. */
    static List<Picture> pictures() {
        byte[] large = new byte[6 * 4 * 3];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i / 12 * 9);
        }
        return Arrays.asList(new Picture(6, 4, large), new Picture(1, 1, new byte[] {9, 9, 9}));
    }

    /** What {@code y} must be. */
    static float[] expectedY(Map<String, Tensor> inputs) {
        return expectedY(inputs, 1);
    }

    /** The same of a version. */
    static float[] expectedY(Map<String, Tensor> inputs, int version) {
        float[] x = floats(inputs.get("x"));
        float[] bias = floats(inputs.get("bias"));
        float[] y = new float[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = 6 * x[i] + 2 + version * bias[i];
        }
        return y;
    }

    /** What {@code early} must be. */
    static float[] expectedEarly(Map<String, Tensor> inputs) {
        float[] early = floats(inputs.get("x"));
        for (int i = 0; i < early.length; i++) {
            early[i] = 2 * early[i] + 11;
        }
        return early;
    }

    static float[] floats(Tensor tensor) {
        float[] values = new float[tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }
}
