package dev.cleave.gateway.model;

import dev.cleave.bundle.BundlePath;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.FakeEngine;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of two split points for the fake engine: {@code x -> a = 2x+1 -> b = 3a, early = a-1 -> y = b+5}, each
 * {@code [N, width]} floats. {@code early} is made before point 2, so a reply from there holds {@code y} alone. Levels
 * are {@code fp16} (0) and {@code raw} (1).
 *
 * @param version of the contract
 * @param replies how {@code early} and {@code y} come back
 * @param halves whether there are tails in fp16, too; what they make is {@link #HALF_OFF} larger
 * @param tailNanos what a run of a point's tail in fp32 is declared to cost, 4 ms a segment; 0: there are no such tails
 * @param quantised whether level 0 is {@code quant}
 * @param maxBatch 1: every shape is {@code [1, width]} instead, and requests cannot be joined
 */
public record TestModel(
        String name,
        String version,
        int width,
        int maxBatch,
        int privacyFloor,
        List<CodecParams> replies,
        boolean halves,
        long tailNanos,
        boolean quantised) {
    public static final int RAW = 1;
    public static final float HALF_OFF = 0.5f;
    private static final long SEGMENT_NANOS = 4_000_000;
    private static final CodecParams QUANT =
            new CodecParams.Quant(256, CodecParams.Quant.PER_TENSOR, new float[1], new float[] {127.5f});

    public static TestModel named(String name) {
        return new TestModel(
                name, "1", 4, 8, 0, List.of(new CodecParams.Raw(), new CodecParams.Raw()), false, 0, false);
    }

    /** Another version than 1, in a file of its own. */
    public TestModel withVersion(String value) {
        return new TestModel(name, value, width, maxBatch, privacyFloor, replies, halves, tailNanos, quantised);
    }

    public TestModel withWidth(int value) {
        return new TestModel(name, version, value, maxBatch, privacyFloor, replies, halves, tailNanos, quantised);
    }

    public TestModel unbatched() {
        return new TestModel(name, version, width, 1, privacyFloor, replies, halves, tailNanos, quantised);
    }

    public TestModel withPrivacyFloor(int point) {
        return new TestModel(name, version, width, maxBatch, point, replies, halves, tailNanos, quantised);
    }

    public TestModel withReplies(CodecParams early, CodecParams y) {
        return new TestModel(
                name, version, width, maxBatch, privacyFloor, List.of(early, y), halves, tailNanos, quantised);
    }

    /** With tails in fp16 beside those in fp32. */
    public TestModel withHalves() {
        return new TestModel(name, version, width, maxBatch, privacyFloor, replies, true, tailNanos, quantised);
    }

    /** With a tail for each point in fp32; runs are declared to cost that, and 4 ms a segment. */
    public TestModel withTails(long nanos) {
        return new TestModel(name, version, width, maxBatch, privacyFloor, replies, halves, nanos, quantised);
    }

    /** With 256 levels of a half from 0 on in place of fp16. */
    public TestModel withQuantised() {
        return new TestModel(name, version, width, maxBatch, privacyFloor, replies, halves, tailNanos, true);
    }

    public Contract contract() {
        List<FileDigest> digests = new ArrayList<>();
        files().forEach((path, bytes) -> digests.add(FileDigest.of(path, bytes)));
        return new Contract(
                name,
                version,
                FileDigest.of("source", new byte[0]).sha256(),
                "fp32",
                "fp32",
                List.of(spec("x")),
                List.of(spec("early"), spec("y")),
                replies,
                List.of(),
                null,
                maxBatch,
                maxBatch > 1 ? "" : "the test wants it so",
                List.of(point(0, "x"), point(1, "a"), point(2, "b", "early")),
                List.of(),
                privacyFloor,
                digests,
                List.of());
    }

    /** Writes a view to {@code directory/name.cleave}, or {@code name-version.cleave}. */
    public Path write(Path directory, View view) throws IOException {
        return writeTo(directory.resolve(name + (version.equals("1") ? "" : "-" + version) + ".cleave"), view);
    }

    /** Writes a view to a file, beside it first; folders are made. */
    public Path writeTo(Path file, View view) throws IOException {
        Files.createDirectories(file.getParent());
        BundleWriter writer = new BundleWriter(contract());
        files().forEach(writer::file);
        int through = view == View.FULL ? 3 : view == View.EDGE ? 2 : 0;
        writer.write(new Manifest(view, through, "test", List.of()), file);
        return file;
    }

    public Path write(Path directory) throws IOException {
        return write(directory, View.FULL);
    }

    /** The value that crosses at a point for an input value. */
    public static float boundary(int point, float x) {
        return point == 0 ? x : point == 1 ? 2 * x + 1 : 3 * (2 * x + 1);
    }

    /** {@code y} for an input value. */
    public static float y(float x) {
        return 3 * (2 * x + 1) + 5;
    }

    /** A frame's payload at level raw: every row made of the value that crosses for its {@code x}. */
    public ByteBuffer payload(int point, float... x) {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(x.length, width));
        for (int row = 0; row < x.length; row++) {
            for (int column = 0; column < width; column++) {
                tensor.data().putFloat(4 * (row * width + column), boundary(point, x[row]));
            }
        }
        return encode(point, tensor);
    }

    private ByteBuffer encode(int point, Tensor tensor) {
        LadderPoint ladder = contract().points().get(point);
        return new ActivationCodec(ladder.specs(), ladder.levels().get(RAW).codecs(), Entropy.NONE, null, null)
                .encode(Map.of(ladder.specs().get(0).name(), tensor), Map.of());
    }

    /** The values of {@code y} in a reply to a frame of so many rows. */
    public float[] decode(int point, int rows, ByteBuffer reply) throws Exception {
        List<TensorSpec> late = contract().lateOutputs(point);
        ActivationCodec codec = new ActivationCodec(
                late, Collections.nCopies(late.size(), new CodecParams.Raw()), Entropy.NONE, null, null);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        late.forEach(spec -> outputs.put(spec.name(), Tensor.allocate(ElementType.FLOAT32, Shape.of(rows, width))));
        codec.decode(reply, outputs);
        float[] values = new float[rows * width];
        outputs.get("y").data().asFloatBuffer().get(values);
        return values;
    }

    private LadderPoint point(int index, String tensor, String... early) {
        return new LadderPoint(
                index,
                List.of(new BoundaryTensor(spec(tensor), null)),
                List.of(early),
                List.of(
                        new QualityLevel(
                                quantised ? "quant" : "fp16", List.of(quantised ? QUANT : new CodecParams.Fp16())),
                        new QualityLevel(QualityLevel.RAW, List.of(new CodecParams.Raw()))));
    }

    private TensorSpec spec(String tensor) {
        return new TensorSpec(tensor, ElementType.FLOAT32, Shape.of(maxBatch > 1 ? Shape.BATCH : 1, width));
    }

    private Map<String, byte[]> files() {
        String shape = " float32 [" + (maxBatch > 1 ? "?" : "1") + "," + width + "]";
        String ofSegment = "cost " + (tailNanos > 0 ? SEGMENT_NANOS : 0) + " 0";
        Map<String, byte[]> files = new LinkedHashMap<>();
        graph(files, "fp32", "segment-0", ofSegment, "input x" + shape, "output a" + shape + " = affine x 2 1");
        graph(
                files,
                "fp32",
                "segment-1",
                ofSegment,
                "input a" + shape,
                "output b" + shape + " = affine a 3 0",
                "output early" + shape + " = affine a 1 -1");
        graph(files, "fp32", "segment-2", ofSegment, "input b" + shape, "output y" + shape + " = affine b 1 5");
        graph(
                files,
                "fp32",
                "whole",
                "input x" + shape,
                "output y" + shape + " = affine x 6 8",
                "output early" + shape + " = affine x 2 0");
        if (tailNanos > 0) {
            String ofTail = "cost " + tailNanos + " 0";
            graph(
                    files,
                    "fp32",
                    "tail-1",
                    ofTail,
                    "input a" + shape,
                    "output y" + shape + " = affine a 3 5",
                    "output early" + shape + " = affine a 1 -1");
            graph(files, "fp32", "tail-2", ofTail, "input b" + shape, "output y" + shape + " = affine b 1 5");
        }
        if (halves) {
            graph(
                    files,
                    "fp16",
                    "tail-0",
                    "input x" + shape,
                    "output y" + shape + " = affine x 6 8.5",
                    "output early" + shape + " = affine x 2 0.5");
            graph(
                    files,
                    "fp16",
                    "tail-1",
                    "input a" + shape,
                    "output y" + shape + " = affine a 3 5.5",
                    "output early" + shape + " = affine a 1 -0.5");
            graph(files, "fp16", "tail-2", "input b" + shape, "output y" + shape + " = affine b 1 5.5");
        }
        return files;
    }

    private void graph(Map<String, byte[]> files, String precision, String graph, String... lines) {
        files.put(
                BundlePath.graph(precision, graph),
                FakeEngine.graph(graph, lines).graph());
    }
}
