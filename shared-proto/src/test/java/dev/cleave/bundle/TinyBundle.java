package dev.cleave.bundle;

import dev.cleave.bundle.BundlePath.Kind;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Quantization;
import dev.cleave.engine.GraphFormat;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiPredicate;

/**
 * A bundle of two split points whose graphs are no graphs: fixed bytes for tests of the container. The mask crosses
 * every point unread until the last segment, {@code early} is an output made before point 2, and there are INT8
 * segments for the device.
 */
public final class TinyBundle {
    /** Split points between CLOUD and LOCAL. */
    public static final int SPLIT_POINTS = 2;

    private static final String FP32 = BundlePath.weights("fp32");
    private static final String INT8 = BundlePath.weights("int8");
    private static final TensorSpec X = spec("x", ElementType.FLOAT32, Shape.BATCH, 4);
    private static final TensorSpec MASK = spec("mask", ElementType.INT32, Shape.BATCH, Shape.DYNAMIC);
    private static final TensorSpec EARLY = spec("early", ElementType.FLOAT32, Shape.BATCH, 1);
    private static final TensorSpec Y = spec("y", ElementType.FLOAT32, Shape.BATCH, 2);

    private TinyBundle() {}

    /** Every file of the contract by path, always the same bytes. */
    public static Map<String, byte[]> files() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String graph : Arrays.asList(
                "segment-0", "segment-1", "segment-2", "head-1", "head-2", "head-3", "tail-0", "tail-1", "tail-2")) {
            files.put(BundlePath.graph("fp32", graph), text("fp32 " + graph));
        }
        files.put(BundlePath.graph("fp32", "whole"), random(4200, 1));
        files.put(BundlePath.graph("int8", "segment-0"), text("int8 segment-0"));
        files.put(BundlePath.graph("int8", "segment-1"), text("int8 segment-1"));
        files.put(BundlePath.graph("int8", "segment-2"), text("int8 segment-2"));
        files.put(BundlePath.graph("int8", "whole"), text("int8 whole"));
        files.put(FP32, random(6000, 2));
        files.put(INT8, random(300, 3));
        return files;
    }

    public static Contract contract() {
        return contract(0);
    }

    /** @param privacyFloor see {@link Contract#privacyFloor()} */
    public static Contract contract(int privacyFloor) {
        return contract(privacyFloor, "fp32");
    }

    /** @param edgePrecision see {@link Contract#edgePrecision()} */
    static Contract contract(int privacyFloor, String edgePrecision) {
        Map<String, byte[]> files = files();
        FileDigest[] digests = files.entrySet().stream()
                .map(file -> FileDigest.of(file.getKey(), file.getValue()))
                .toArray(FileDigest[]::new);
        WeightsDigester fp32 = digested(FP32, files.get(FP32), 5000, 5100);
        WeightsDigester int8 = digested(INT8, files.get(INT8), 0, 300);
        return new Contract(
                "tiny",
                "1",
                Sha256.hex(text("source")),
                "fp32",
                edgePrecision,
                Arrays.asList(X, MASK),
                Arrays.asList(EARLY, Y),
                Arrays.asList(new CodecParams.Raw(), new CodecParams.TopK(1)),
                Arrays.asList("cat", "Übergröße \"猫\""),
                null,
                8,
                "",
                Arrays.asList(cloud(), first(), second()),
                Arrays.asList(),
                privacyFloor,
                Arrays.asList(digests),
                Arrays.asList(
                        fp32.prefixes().get(0),
                        fp32.prefixes().get(1),
                        int8.prefixes().get(0),
                        int8.prefixes().get(1)));
    }

    public static Manifest manifest() {
        return new Manifest(
                View.FULL,
                SPLIT_POINTS + 1,
                "0.1.0",
                Arrays.asList(
                        new Manifest.PointMeasurement(1, "default", 12.5, 0.9875, 80),
                        new Manifest.PointMeasurement(2, "default", 7, Double.NaN, 0)));
    }

    /** A table of CLOUD, point 1, point 2 (predicted, its agreement and leakage unknown) and LOCAL. */
    public static PlanTable plan() {
        return new PlanTable(
                "pi4, \"ARM\", 4 cores",
                2.5,
                "gpu-box",
                8,
                Arrays.asList(
                        new PlanTable.PlanRow(0, 0, 0.25, 0.5, 40, 150_528, 8, 1, 1, 0, true),
                        new PlanTable.PlanRow(1, 12.5, 0.75, 0.5, 30, 12.5, 8, 0.9875, 0.59, 5_000, true),
                        new PlanTable.PlanRow(2, 20, 0.125, 0.0625, 1e-3, 7, 4, Double.NaN, Double.NaN, 5_100, false),
                        new PlanTable.PlanRow(3, 31.25, 0, 0, 0, 0, 0, 1, 0, 19_300_000_000L, true)));
    }

    /** A writer that has every file. */
    public static BundleWriter writer(Contract contract) throws BundleException {
        BundleWriter writer = new BundleWriter(contract);
        files().forEach(writer::file);
        return writer;
    }

    /** Writes the full view. */
    public static Path writeTo(Path folder) throws IOException {
        Path file = Files.createDirectories(folder).resolve("tiny.cleave");
        writer(contract()).write(manifest(), file);
        return file;
    }

    /** TensorFlow Lite's form of a contract's first segments, fixed bytes as well, by path. */
    public static Map<String, byte[]> forms(String precision, int segments) {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        for (int i = 0; i < segments; i++) {
            String path = BundlePath.graph(precision, "segment-" + i, GraphFormat.TFLITE);
            forms.put(path, text("tflite " + precision + " segment-" + i));
        }
        return forms;
    }

    /** The same contract with further files. */
    public static Contract with(Contract contract, Map<String, byte[]> further) {
        List<FileDigest> files = new ArrayList<>(contract.files());
        further.forEach((path, bytes) -> files.add(FileDigest.of(path, bytes)));
        return ContractVariant.withFiles(contract, files);
    }

    /** Writes the full view of a bundle of which devices have the first segments in TensorFlow Lite's form, too. */
    public static Path writeWithForms(Path folder, String edgePrecision, int segments) throws IOException {
        Map<String, byte[]> forms = forms(edgePrecision, segments);
        BundleWriter writer = writer(with(contract(0, edgePrecision), forms));
        forms.forEach(writer::file);
        Path file = Files.createDirectories(folder).resolve("tiny-forms.cleave");
        writer.write(manifest(), file);
        return file;
    }

    /** Paths of the contract that a predicate on kind and index selects, fp32 only. */
    static List<String> graphs(BiPredicate<Kind, Integer> wanted) {
        return files().keySet().stream()
                .filter(path -> path.startsWith("graphs/fp32/"))
                .filter(path -> wanted.test(
                        BundlePath.parse(path).kind(), BundlePath.parse(path).index()))
                .toList();
    }

    private static LadderPoint cloud() {
        return new LadderPoint(
                0,
                Arrays.asList(new BoundaryTensor(X, null), new BoundaryTensor(MASK, null)),
                Arrays.asList(),
                Arrays.asList(
                        level("default", new CodecParams.Fp16(), new CodecParams.Raw()),
                        level("raw", new CodecParams.Raw(), new CodecParams.Raw())));
    }

    private static LadderPoint first() {
        TensorSpec h = spec("h", ElementType.FLOAT32, Shape.BATCH, 3, 2);
        CodecParams quant = new CodecParams.Quant(
                16, 1, new float[] {-0.1f, 0, -3.4028235e38f}, new float[] {0.7f, 1e-7f, 16777216});
        return new LadderPoint(
                1,
                Arrays.asList(new BoundaryTensor(h, null), new BoundaryTensor(MASK, null)),
                Arrays.asList(),
                Arrays.asList(
                        level("default", quant, new CodecParams.Raw()),
                        level("raw", new CodecParams.Raw(), new CodecParams.Raw())));
    }

    private static LadderPoint second() {
        TensorSpec g = spec("g", ElementType.FLOAT32, Shape.BATCH, 3);
        Quantization integers = new Quantization(
                ElementType.UINT8, Arrays.asList(0.0123f), Arrays.asList(128), Quantization.PER_TENSOR);
        CodecParams quant =
                new CodecParams.Quant(8, CodecParams.Quant.PER_TENSOR, new float[] {-1.25f}, new float[] {1.3333334f});
        return new LadderPoint(
                2,
                Arrays.asList(new BoundaryTensor(g, integers), new BoundaryTensor(MASK, null)),
                Arrays.asList("early"),
                Arrays.asList(
                        level("default", quant, new CodecParams.Raw()),
                        level("raw", new CodecParams.Raw(), new CodecParams.Raw())));
    }

    private static QualityLevel level(String name, CodecParams... codecs) {
        return new QualityLevel(name, Arrays.asList(codecs));
    }

    private static TensorSpec spec(String name, ElementType type, long... dims) {
        return new TensorSpec(name, type, Shape.of(dims));
    }

    private static WeightsDigester digested(String path, byte[] bytes, int... prefixes) {
        WeightsDigester digester = new WeightsDigester(path);
        int done = 0;
        for (int prefix : prefixes) {
            digester.update(bytes, done, prefix - done);
            digester.endOfPoint();
            done = prefix;
        }
        digester.update(bytes, done, bytes.length - done);
        return digester;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] random(int size, long seed) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
