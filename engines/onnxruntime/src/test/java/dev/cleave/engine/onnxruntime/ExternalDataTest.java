package dev.cleave.engine.onnxruntime;

import static dev.cleave.engine.onnxruntime.TinyOnnx.dims;
import static dev.cleave.engine.onnxruntime.TinyOnnx.external;
import static dev.cleave.engine.onnxruntime.TinyOnnx.floats;
import static dev.cleave.engine.onnxruntime.TinyOnnx.graphAttribute;
import static dev.cleave.engine.onnxruntime.TinyOnnx.message;
import static dev.cleave.engine.onnxruntime.TinyOnnx.model;
import static dev.cleave.engine.onnxruntime.TinyOnnx.raw;
import static dev.cleave.engine.onnxruntime.TinyOnnx.tensorAttribute;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.engine.Engine;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights outside the model, where they may lie. What must be refused is in {@link HostileExternalDataTest}. */
class ExternalDataTest {
    private static final int SIZE = 32;
    private static final byte[] WEIGHTS = randomFloats(SIZE * SIZE, 7);
    private static final Tensor X = Tensor.ofBytes(ElementType.FLOAT32, Shape.of(3, SIZE), randomFloats(3 * SIZE, 8));

    @TempDir
    Path folder;

    @Test
    void weightsInTheMiddleOfALargerFileGiveTheSameBitsAsInlineWeights() throws Exception {
        Path file = file("large.bin", 5_000, WEIGHTS, 300);
        assertSameAsInline(new WeightsRegion(file, 5_000, WEIGHTS.length), "0");
    }

    @Test
    void theTensorsOffsetCountsFromTheStartOfTheRegion() throws Exception {
        Path file = file("large.bin", 5_000, WEIGHTS, 300);
        assertSameAsInline(new WeightsRegion(file, 4_000, 1_000 + WEIGHTS.length), "1000");
    }

    @Test
    void weightsInAStoredEntryOfAZipGiveTheSameBitsAsInlineWeights() throws Exception {
        Path zip = folder.resolve("model.cleave");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            store(out, "first.txt", new byte[777]);
            store(out, "weights/fp32.bin", WEIGHTS);
            store(out, "last.txt", new byte[5]);
        }
        assertSameAsInline(new WeightsRegion(zip, indexOf(Files.readAllBytes(zip), WEIGHTS), WEIGHTS.length), "0");
    }

    @Test
    void weightsInMemoryGiveTheSameBitsAsInlineWeights() throws Exception {
        ByteBuffer held = ByteBuffer.allocateDirect(64 + WEIGHTS.length);
        held.put(64, WEIGHTS);
        byte[] graph = matMul(external("w", 1, dims(SIZE, SIZE), "location", "held", "offset", "64"));
        GraphSource source = new GraphSource("in-memory", graph, Map.of(), Map.of("held", held));
        assertThat(ExternalData.link(source).held()).hasSize(1);
        Tensor expected = run(new GraphSource("inline", matMul(raw("w", 1, WEIGHTS, SIZE, SIZE))), X);
        assertThat(run(source, X).data()).isEqualTo(expected.data());
    }

    @Test
    void weightsInMemoryOfSubgraphsConstantsAndShapesAreFound() throws Exception {
        ByteBuffer held = ByteBuffer.allocateDirect(32).order(ByteOrder.LITTLE_ENDIAN);
        held.putFloat(0, 5)
                .putFloat(4, 6)
                .putFloat(8, 7)
                .putFloat(12, 8)
                .putLong(16, 2)
                .putLong(24, 1);
        TinyOnnx.Graph then = new TinyOnnx.Graph()
                .initializer(external("t", 1, dims(2), "location", "w", "offset", "0"))
                .node("Add", "x t", "then")
                .output("then", 1, "2");
        TinyOnnx.Graph otherwise = new TinyOnnx.Graph()
                .node(
                        "Constant",
                        "",
                        "e",
                        tensorAttribute("value", external("", 1, dims(2), "location", "w", "offset", "8")))
                .node("Add", "x e", "else")
                .output("else", 1, "2");
        byte[] graph = model(new TinyOnnx.Graph()
                .input("x", 1, "2")
                .input("yes", 9, "")
                .initializer(external("shape", 7, dims(2), "location", "w", "offset", "16", "length", "16"))
                .node("If", "yes", "z", graphAttribute("then_branch", then), graphAttribute("else_branch", otherwise))
                .node("Reshape", "z shape", "y")
                .output("y", 1, "2 1"));
        GraphSource source = new GraphSource("branches", graph, Map.of(), Map.of("w", held));
        try (Engine engine = new OnnxRuntimeProvider().create();
                Session session = engine.load(source, SessionOptions.defaults())) {
            Tensor x = Tensor.ofFloats(Shape.of(2), 100f, 200f);
            for (byte yes : new byte[] {0, 1}) {
                Tensor flag = Tensor.ofBytes(ElementType.BOOL, Shape.of(), yes);
                float[] y = floatsOf(session.run(Map.of("x", x, "yes", flag)).get("y"));
                assertThat(y).containsExactly(yes == 1 ? new float[] {105f, 206f} : new float[] {107f, 208f});
            }
        }
    }

    @Test
    void weightsMayLieInFilesOfDifferentFolders() throws Exception {
        Files.createDirectories(folder.resolve("a/deep er"));
        Files.createDirectories(folder.resolve("b"));
        Path one = file("a/deep er/one.bin", 10, bytes(1f, 2f), 0);
        Path two = file("b/two.bin", 0, bytes(10f, 20f), 3);
        byte[] graph = model(new TinyOnnx.Graph()
                .input("x", 1, "2")
                .initializer(external("u", 1, dims(2), "location", "one", "offset", "0", "length", "8"))
                .initializer(external("v", 1, dims(2), "location", "two", "offset", "0", "length", "8"))
                .node("Mul", "x u", "xu")
                .node("Add", "xu v", "y")
                .output("y", 1, "2"));
        GraphSource source = new GraphSource(
                "two-files", graph, Map.of("one", new WeightsRegion(one, 10, 8), "two", new WeightsRegion(two, 0, 8)));
        assertThat(floatsOf(run(source, Tensor.ofFloats(Shape.of(2), 3f, 4f)))).containsExactly(13f, 28f);
    }

    @Test
    void aSymbolicLinkToTheWeightsIsFollowed() throws Exception {
        Files.createDirectory(folder.resolve("real"));
        Path file = file("real/large.bin", 100, WEIGHTS, 0);
        Path link = Files.createSymbolicLink(folder.resolve("link.bin"), file);
        assertSameAsInline(new WeightsRegion(link, 100, WEIGHTS.length), "0");
    }

    @Test
    void aMissingOffsetIsZeroAndAMissingLengthIsWhatTheTensorNeeds() throws Exception {
        Path file = file("w.bin", 12, bytes(5f, 6f, 7f), 0);
        assertThat(addExternal(file, 12, 12, dims(2), "location", "w")).containsExactly(5f, 6f);
    }

    @Test
    void weightsOfSubgraphsAndOfConstantNodesAreFound() throws Exception {
        Path file = file("w.bin", 0, bytes(5f, 6f, 7f, 8f, 9f, 10f), 0);
        TinyOnnx.Graph then = new TinyOnnx.Graph()
                .initializer(external("t", 1, dims(2), "location", "w", "offset", "8"))
                .node("Add", "x t", "then")
                .output("then", 1, "2");
        TinyOnnx.Graph otherwise = new TinyOnnx.Graph()
                .node(
                        "Constant",
                        "",
                        "e",
                        tensorAttribute("value", external("", 1, dims(2), "location", "w", "offset", "16")))
                .node("Add", "x e", "else")
                .output("else", 1, "2");
        byte[] graph = model(new TinyOnnx.Graph()
                .input("x", 1, "2")
                .input("yes", 9, "")
                .node("If", "yes", "y", graphAttribute("then_branch", then), graphAttribute("else_branch", otherwise))
                .output("y", 1, "2"));
        GraphSource source = new GraphSource("branches", graph, Map.of("w", new WeightsRegion(file, 0, 24)));
        try (Engine engine = new OnnxRuntimeProvider().create();
                Session session = engine.load(source, SessionOptions.defaults())) {
            Tensor x = Tensor.ofFloats(Shape.of(2), 100f, 200f);
            for (byte yes : new byte[] {0, 1}) {
                Tensor flag = Tensor.ofBytes(ElementType.BOOL, Shape.of(), yes);
                float[] y = floatsOf(session.run(Map.of("x", x, "yes", flag)).get("y"));
                assertThat(y).containsExactly(yes == 1 ? new float[] {107f, 208f} : new float[] {109f, 210f});
            }
        }
    }

    @Test
    void anExternalTensorWithoutElementsNeedsNoFile() throws Exception {
        byte[] graph = model(new TinyOnnx.Graph()
                .input("x", 1, "2 2")
                .initializer(external("nothing", 1, dims(0, 2), "location", "nowhere", "length", "0"))
                .node("Concat", "x nothing", "y", TinyOnnx.intAttribute("axis", 0))
                .output("y", 1, "2 2"));
        Tensor x = Tensor.ofFloats(Shape.of(2, 2), 1f, 2f, 3f, 4f);
        assertThat(floatsOf(run(new GraphSource("empty", graph), x))).containsExactly(1f, 2f, 3f, 4f);
    }

    @Test
    void entriesOfATensorThatIsInlineAreDropped() throws Exception {
        ByteString inline = message(out -> {
            TinyOnnx.header(out, "w", 1, 2);
            TinyOnnx.writeEntries(out, "location", "/etc/passwd", "offset", "0", "length", "8");
            out.writeByteArray(9, bytes(5f, 6f));
        });
        GraphSource source = new GraphSource("stale", addInitializer(inline));
        ExternalData.Linked linked = ExternalData.link(source);
        assertThat(linked.folder()).isNull();
        assertThat(new String(linked.graph(), StandardCharsets.ISO_8859_1)).doesNotContain("/etc/passwd");
        assertThat(floatsOf(run(source, Tensor.ofFloats(Shape.of(2), 1f, 1f)))).containsExactly(6f, 7f);
    }

    @Test
    void aModelWithoutExternalTensorsIsHandedOverAsItCame() throws Exception {
        GraphSource source = new GraphSource("inline", addInitializer(floats("w", dims(2), 1f, 2f)));
        assertThat(ExternalData.link(source).graph()).isSameAs(source.graph());
    }

    private void assertSameAsInline(WeightsRegion region, String offset) throws Exception {
        String length = Integer.toString(WEIGHTS.length);
        byte[] graph =
                matMul(external("w", 1, dims(SIZE, SIZE), "location", "weights", "offset", offset, "length", length));
        Tensor actual = run(new GraphSource("external", graph, Map.of("weights", region)), X);
        Tensor expected = run(new GraphSource("inline", matMul(raw("w", 1, WEIGHTS, SIZE, SIZE))), X);
        assertThat(actual.data()).isEqualTo(expected.data());
        assertThat(floatsOf(actual)).isNotEqualTo(new float[3 * SIZE]);
    }

    private float[] addExternal(Path file, long from, long length, long[] dims, String... entries) throws Exception {
        GraphSource source = new GraphSource(
                "add",
                addInitializer(external("w", 1, dims, entries)),
                Map.of("w", new WeightsRegion(file, from, length)));
        return floatsOf(run(source, Tensor.ofFloats(Shape.of(2), 0f, 0f)));
    }

    static byte[] addInitializer(ByteString w) {
        return model(new TinyOnnx.Graph()
                .input("x", 1, "2")
                .initializer(w)
                .node("Add", "x w", "y")
                .output("y", 1, "2"));
    }

    private static byte[] matMul(ByteString w) {
        return model(new TinyOnnx.Graph()
                .input("x", 1, "N " + SIZE)
                .initializer(w)
                .node("MatMul", "x w", "y")
                .output("y", 1, "N " + SIZE));
    }

    private static Tensor run(GraphSource source, Tensor x) throws Exception {
        try (Engine engine = new OnnxRuntimeProvider().create();
                Session session = engine.load(source, SessionOptions.defaults())) {
            return session.run(Map.of("x", x)).get("y");
        }
    }

    private Path file(String name, int before, byte[] content, int after) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(new byte[before]);
        bytes.write(content);
        bytes.write(new byte[after]);
        return Files.write(folder.resolve(name), bytes.toByteArray());
    }

    private static void store(ZipOutputStream out, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int at = 0; at <= bytes.length - part.length; at++) {
            if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("the zip does not hold the entry as it is");
    }

    private static byte[] randomFloats(int count, long seed) {
        Random random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return bytes(values);
    }

    private static byte[] bytes(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }

    private static float[] floatsOf(Tensor tensor) {
        float[] values = new float[tensor.elements()];
        tensor.data().asFloatBuffer().get(values);
        return values;
    }
}
