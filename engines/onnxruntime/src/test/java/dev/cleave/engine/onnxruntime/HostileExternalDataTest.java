package dev.cleave.engine.onnxruntime;

import static dev.cleave.engine.onnxruntime.TinyOnnx.dims;
import static dev.cleave.engine.onnxruntime.TinyOnnx.external;
import static dev.cleave.engine.onnxruntime.TinyOnnx.floats;
import static dev.cleave.engine.onnxruntime.TinyOnnx.graphAttribute;
import static dev.cleave.engine.onnxruntime.TinyOnnx.message;
import static dev.cleave.engine.onnxruntime.TinyOnnx.model;
import static dev.cleave.engine.onnxruntime.TinyOnnx.tensorAttribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.WeightsRegion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A model names no file, and reads no byte, but those that its source allows. */
class HostileExternalDataTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void writeWeights() throws Exception {
        file = Files.write(folder.resolve("weights.bin"), new byte[100]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "location=/etc/passwd                  | names location \"/etc/passwd\"; expected one of [w]",
                "location=../w                         | names location \"../w\"",
                "location=*/_ORT_MEM_ADDR_/*;offset=64 | names location \"*/_ORT_MEM_ADDR_/*\"",
                "offset=0                              | names no location",
                "location=w;offset=-8                  | offset \"-8\"; expected a whole number",
                "location=w;offset=                    | offset \"\"; expected a whole number",
                "location=w;offset=0x10                | offset \"0x10\"; expected a whole number",
                "location=w;offset=9223372036854775808 | offset \"9223372036854775808\"; expected a whole number",
                "location=w;offset=9223372036854775807 | reaches to 9223372036854775807 + 8 bytes",
                "location=w;offset=33                  | reaches to 33 + 8 bytes of \"w\"; expected at most 40",
                "location=w;length=-1                  | length \"-1\"; expected a whole number",
                "location=w;length=12                  | length of 12 bytes; expected the 8",
                "location=w;length=0                   | length of 0 bytes; expected the 8"
            })
    void refusesAPlaceOutsideTheRegions(String entries, String expected) {
        String[] parts = Arrays.stream(entries.trim().split(";"))
                .flatMap(entry -> Arrays.stream(entry.split("=", 2)))
                .toArray(String[]::new);
        assertRefused(ExternalDataTest.addInitializer(external("secret", 1, dims(2), parts)), expected)
                .contains("external tensor \"secret\"");
    }

    @Test
    void refusesDimensionsAndTypesThatHaveNoSize() {
        for (long[] dims : new long[][] {{-2}, {2, -1}, {1L << 40, 1L << 40}, {Long.MAX_VALUE}, {1L << 62, 0, -1}}) {
            assertRefused(ExternalDataTest.addInitializer(external("w", 1, dims, "location", "w")), "no size in bytes");
        }
        for (int type : new int[] {0, 8, 99, -1}) {
            assertRefused(ExternalDataTest.addInitializer(external("w", type, dims(2), "location", "w")), "no size");
        }
    }

    @Test
    void refusesARegionThatIsNotInItsFile() {
        byte[] graph = ExternalDataTest.addInitializer(external("w", 1, dims(2), "location", "w"));
        for (WeightsRegion region : new WeightsRegion[] {
            new WeightsRegion(file, 90, 20),
            new WeightsRegion(file, Long.MAX_VALUE, 20),
            new WeightsRegion(file, 20, Long.MAX_VALUE)
        }) {
            assertThatThrownBy(() -> ExternalData.link(new GraphSource("g", graph, Map.of("w", region))))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("the file has 100");
        }
        WeightsRegion missing = new WeightsRegion(folder.resolve("none.bin"), 0, 20);
        assertThatThrownBy(() -> ExternalData.link(new GraphSource("g", graph, Map.of("w", missing))))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("none.bin")
                .hasMessageContaining("cannot be read");
    }

    @Test
    void refusesPlacesInEveryCornerWhereATensorMayHide() {
        ByteString tensor = external("hidden", 1, dims(2), "location", "/etc/passwd");
        TinyOnnx.Graph inner = new TinyOnnx.Graph().initializer(tensor);
        ByteString sparse = message(out -> out.writeBytes(1, tensor));
        ByteString sparseIndices = message(out -> out.writeBytes(2, tensor));
        ByteString node = message(out -> out.writeBytes(5, tensorAttribute("value", tensor)));
        TinyOnnx.Graph[] graphs = {
            inner,
            new TinyOnnx.Graph().node("Constant", "", "c", tensorAttribute("value", tensor)),
            new TinyOnnx.Graph().node("X", "", "c", message(out -> out.writeBytes(10, tensor))),
            new TinyOnnx.Graph().node("X", "", "c", graphAttribute("body", inner)),
            new TinyOnnx.Graph().node("X", "", "c", message(out -> out.writeBytes(11, inner.encoded()))),
            new TinyOnnx.Graph().node("X", "", "c", message(out -> out.writeBytes(22, sparse))),
            new TinyOnnx.Graph().node("X", "", "c", message(out -> out.writeBytes(23, sparseIndices))),
            new TinyOnnx.Graph().sparseInitializer(sparse),
            new TinyOnnx.Graph().sparseInitializer(sparseIndices)
        };
        for (TinyOnnx.Graph graph : graphs) {
            assertRefused(model(graph), "external tensor \"hidden\"");
        }
        ByteString inFunction = message(out -> out.writeBytes(25, message(function -> function.writeBytes(7, node))));
        assertRefused(inFunction.toByteArray(), "external tensor \"hidden\"");
        ByteString inDefault = message(out ->
                out.writeBytes(25, message(function -> function.writeBytes(11, tensorAttribute("value", tensor)))));
        assertRefused(inDefault.toByteArray(), "external tensor \"hidden\"");
    }

    @Test
    void refusesATensorThatAParserWouldMergeFromTwoHalves() {
        ByteString where = message(out -> TinyOnnx.writeEntries(out, "location", "/etc/passwd"));
        ByteString marked = message(out -> {
            TinyOnnx.header(out, "w", 1, 2);
            out.writeInt32(14, 1);
        });
        assertRefused(
                model(new TinyOnnx.Graph().node("Constant", "", "c", tensorAttribute("value", where, marked))),
                "occurs twice");
        assertRefused(
                model(new TinyOnnx.Graph().node("Constant", "", "c", tensorAttribute("value", marked, where))),
                "names no location");
        ByteString whole = external("w", 1, dims(2), "location", "w");
        assertRefused(
                model(new TinyOnnx.Graph().node("Constant", "", "c", tensorAttribute("value", whole, where))),
                "field 5 of a attribute message occurs twice");
        ByteString graph = new TinyOnnx.Graph().encoded();
        ByteString twice = message(out -> {
            out.writeBytes(7, graph);
            out.writeBytes(7, graph);
        });
        assertRefused(twice.toByteArray(), "field 7 of a model message occurs twice");
    }

    @Test
    void readsAnExternalMarkAsAParserWould() {
        ByteString wide = message(out -> {
            TinyOnnx.header(out, "w", 1, 2);
            out.writeUInt64(14, 1L << 32 | 1);
        });
        assertRefused(ExternalDataTest.addInitializer(wide), "names no location");
    }

    @Test
    void refusesGraphsNestedTooDeeply() {
        TinyOnnx.Graph graph = new TinyOnnx.Graph().initializer(floats("w", dims(1), 1f));
        for (int i = 0; i < 40; i++) {
            graph = new TinyOnnx.Graph().node("Loop", "", "", graphAttribute("body", graph));
        }
        assertRefused(model(graph), "nested too deeply");
    }

    @Test
    void refusesEveryTruncationOrLetsOnnxRuntimeRefuseIt() throws Exception {
        byte[] whole = ExternalDataTest.addInitializer(external("w", 1, dims(2), "location", "w"));
        try (Engine engine = new OnnxRuntimeProvider().create()) {
            for (int length = 0; length < whole.length; length++) {
                GraphSource cut = source(Arrays.copyOf(whole, length));
                if (length != whole.length - 4) { // whole but for the operator set, which has a default
                    assertThatThrownBy(() ->
                                    engine.load(cut, SessionOptions.defaults()).close())
                            .isInstanceOf(EngineException.class)
                            .hasMessageNotContaining("\n");
                }
            }
        }
    }

    @Test
    void survivesChangedBytesWithoutNamingAnotherFile() {
        byte[] whole = ExternalDataTest.addInitializer(
                external("w", 1, dims(2), "location", "w", "offset", "16", "length", "8"));
        Random random = new Random(11);
        int linked = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] changed = whole.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            try {
                DeclaredValues.read("changed", changed);
                ExternalData.Linked result = ExternalData.link(source(changed));
                linked++;
                assertThat(result.folder() == null
                                || result.folder().equals(file.toRealPath().getParent()))
                        .isTrue();
            } catch (EngineException expected) {
                assertThat(expected.getMessage()).doesNotContain("\n");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        assertThat(linked).isPositive();
    }

    @Test
    void refusesOnnxRuntimesOwnFormat() throws Exception {
        byte[] orm = new byte[64];
        orm[0] = 0x20;
        System.arraycopy("ORTM".getBytes(StandardCharsets.US_ASCII), 0, orm, 4, 4);
        try (Engine engine = new OnnxRuntimeProvider().create()) {
            assertThatThrownBy(() -> engine.load(source(orm), SessionOptions.defaults()))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("hostile: not an ONNX model");
        }
    }

    private AbstractStringAssert<?> assertRefused(byte[] graph, String expected) {
        EngineException refusal = catchThrowableOfType(EngineException.class, () -> ExternalData.link(source(graph)));
        assertThat(refusal).as("not refused; expected: " + expected).isNotNull();
        return assertThat(refusal.getMessage())
                .startsWith("hostile: ")
                .contains(expected)
                .doesNotContain("\n");
    }

    private GraphSource source(byte[] graph) {
        return new GraphSource("hostile", graph, Map.of("w", new WeightsRegion(file, 50, 40)));
    }
}
