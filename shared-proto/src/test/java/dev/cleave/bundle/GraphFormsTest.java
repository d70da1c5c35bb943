package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.bundle.zip.ZipWriter;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles whose devices have the first two of three segments in TensorFlow Lite's form, too. */
class GraphFormsTest {
    private static final String FIRST = "graphs/int8/segment-0.tflite";
    private static final String SECOND = "graphs/int8/segment-1.tflite";

    @TempDir
    Path folder;

    private Bundle full() throws IOException {
        return Bundle.open(TinyBundle.writeWithForms(folder, "int8", 2));
    }

    private Bundle view(View view, int through) throws IOException {
        Path target = folder.resolve(view.jsonName() + through + ".cleave");
        BundleWriter.writeView(full(), view, through, target);
        return Bundle.open(target);
    }

    private static List<String> forms(Bundle bundle) {
        return bundle.entries().stream()
                .map(ZipIndex.Entry::name)
                .filter(name -> name.endsWith(".tflite"))
                .toList();
    }

    @Test
    void aSegmentIsReadInTheFormThatIsAskedFor() throws Exception {
        Bundle full = full();
        GraphSource lite = full.graph("int8", "segment-1", GraphFormat.TFLITE);
        assertThat(lite.graph()).isEqualTo(TinyBundle.forms("int8", 2).get(SECOND));
        assertThat(lite.label()).isEqualTo(full.file() + "!/" + SECOND);
        assertThat(lite.weights()).as("they are inside").isEmpty();
        GraphSource onnx = full.graph("int8", "segment-1", GraphFormat.ONNX);
        assertThat(onnx.graph())
                .isEqualTo(full.graph("int8", "segment-1").graph())
                .isEqualTo(TinyBundle.files().get("graphs/int8/segment-1.onnx"));
        assertThat(onnx.weights()).containsOnlyKeys("weights/int8.bin");
    }

    @Test
    void aFileTellsHowFarItsHeadsGoInEachForm() throws Exception {
        assertThat(full().edgeThrough(GraphFormat.ONNX)).isEqualTo(3);
        assertThat(full().edgeThrough(GraphFormat.TFLITE)).isEqualTo(2);
        assertThat(view(View.EDGE, 3).edgeThrough(GraphFormat.TFLITE)).isEqualTo(2);
        assertThat(view(View.EDGE, 1).edgeThrough(GraphFormat.TFLITE)).isEqualTo(1);
        assertThat(view(View.CLOUD, 0).edgeThrough(GraphFormat.TFLITE)).isZero();
        assertThat(view(View.EDGE, 1).edgeThrough(GraphFormat.ONNX)).isEqualTo(1);
    }

    @Test
    void viewsOfDevicesHoldBothFormsAndThoseOfGatewaysOnnxAlone() throws Exception {
        assertThat(forms(full())).containsExactly(FIRST, SECOND);
        assertThat(forms(view(View.EDGE, 3))).containsExactly(FIRST, SECOND);
        Bundle first = view(View.EDGE, 1);
        assertThat(forms(first)).containsExactly(FIRST);
        assertThat(first.hasGraph("int8", "segment-0")).isTrue();
        assertThat(forms(view(View.CLOUD, 0))).isEmpty();
        assertThat(view(View.CLOUD, 0).id()).isEqualTo(full().id());
    }

    /** Where gateways run the very graphs that devices run. */
    @Test
    void gatewaysHoldOnnxAloneAlsoOfTheirOwnPrecision() throws Exception {
        Path file = TinyBundle.writeWithForms(folder, "fp32", 3);
        Path cloud = folder.resolve("cloud.cleave");
        BundleWriter.writeView(Bundle.open(file), View.CLOUD, 0, cloud);
        assertThat(forms(Bundle.open(file))).hasSize(3);
        assertThat(forms(Bundle.open(cloud))).isEmpty();
        assertThat(Bundle.open(cloud).hasGraph("fp32", "segment-2")).isTrue();
    }

    @Test
    void aBundleWithoutFurtherFormsSaysSo() throws Exception {
        Bundle plain = Bundle.open(TinyBundle.writeTo(folder));
        assertThat(plain.edgeThrough(GraphFormat.TFLITE)).isZero();
        assertThat(plain.hasGraph("fp32", "segment-0", GraphFormat.TFLITE)).isFalse();
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> plain.graph("fp32", "segment-0", GraphFormat.TFLITE))
                .withMessageContaining("holds no \"graphs/fp32/segment-0.tflite\": it is the full view")
                .withMessageContaining(".tflite heads through point 0 of 3");
    }

    /** Every entry of the full view, to be spoilt. */
    private static Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> forms = TinyBundle.forms("int8", 2);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("contract.json", ContractJson.write(TinyBundle.with(TinyBundle.contract(0, "int8"), forms)));
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest()));
        entries.putAll(TinyBundle.files());
        entries.putAll(forms);
        return entries;
    }

    private void assertRefused(Map<String, byte[]> entries, String why) throws IOException {
        Path file = folder.resolve("spoilt.cleave");
        Files.deleteIfExists(file);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ZipWriter writer = new ZipWriter(out);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                writer.add(entry.getKey(), entry.getValue().length, new ByteArrayInputStream(entry.getValue()));
            }
            writer.finish();
        }
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> Bundle.open(file))
                .withMessageStartingWith(file.toString())
                .withMessageContaining(why)
                .satisfies(refused -> assertThat(refused.getMessage()).doesNotContain("\n"));
    }

    @Test
    void aFormThatIsListedAndMissingIsRefused() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.remove(SECOND);
        assertRefused(entries, "entry " + SECOND + " is missing; the full view holds it");
    }

    @Test
    void aFormThatIsNotListedIsRefused() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("graphs/int8/segment-2.tflite", new byte[3]);
        assertRefused(entries, "entry \"graphs/int8/segment-2.tflite\" is extra; the full view does not hold it");
    }

    @Test
    void aFormOfOtherBytesIsRefused() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.get(FIRST)[3] ^= 1;
        assertRefused(entries, "entry " + FIRST + " has SHA-256 ");
        entries.put(FIRST, Arrays.copyOf(entries.get(FIRST), 5));
        assertRefused(entries, "entry " + FIRST + " has 5 bytes; expected ");
    }

    @Test
    void aViewOfAGatewayThatHoldsOneIsRefused() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest().withView(View.CLOUD, 0)));
        entries.keySet().removeIf(name -> name.contains("head-") || name.matches(".*int8.*(onnx|bin)"));
        assertRefused(entries, "entry \"" + FIRST + "\" is extra; the cloud view does not hold it");
    }

    private static Manifest measured(int... points) {
        List<HeadMeasurement> heads = new ArrayList<>();
        for (int point : points) {
            heads.add(new HeadMeasurement(GraphFormat.TFLITE, "tflite 2.20.0", point, 1, 1, 1, 0, 8));
        }
        return TinyBundle.manifest().withHeads(heads);
    }

    @Test
    void onlyHeadsThatAreThereCanHaveBeenMeasured() throws Exception {
        Map<String, byte[]> entries = entries();
        for (int point : new int[] {0, 3, 7}) {
            entries.put("manifest.json", ManifestJson.write(measured(1, point)));
            assertRefused(entries, "manifest.json: a .tflite head of point " + point + " is among the measured ones");
        }
        entries.put("manifest.json", ManifestJson.write(measured(2, 2)));
        assertRefused(entries, "a .tflite head of point 2 is among the measured ones; expected each that");
    }

    @Test
    void everyViewTellsWhatWasMeasuredOfTheFullOne() throws Exception {
        Map<String, byte[]> forms = TinyBundle.forms("int8", 2);
        BundleWriter writer = TinyBundle.writer(TinyBundle.with(TinyBundle.contract(0, "int8"), forms));
        forms.forEach(writer::file);
        Path file = folder.resolve("measured.cleave");
        writer.write(measured(1, 2), file);
        Path edge = folder.resolve("edge.cleave");
        BundleWriter.writeView(Bundle.open(file), View.EDGE, 1, edge);
        assertThat(Bundle.open(edge).manifest().heads()).hasSize(2);
    }

    private static Contract listing(String... paths) {
        Map<String, byte[]> forms = new LinkedHashMap<>();
        for (String path : paths) {
            forms.put(path, new byte[1]);
        }
        return TinyBundle.with(TinyBundle.contract(0, "int8"), forms);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "graphs/int8/whole.tflite",
                "graphs/int8/head-1.tflite",
                "graphs/int8/tail-1.tflite",
                "graphs/int8/segment-3.tflite",
                "graphs/int8/segment-00.tflite",
                "graphs/int4/segment-0.tflite",
                "graphs/int8/segment-0.TFLITE",
                "graphs/int8/segment-0.tflite.onnx",
                "weights/int8.tflite"
            })
    void onlySegmentsOfTheLadderHaveAFurtherForm(String path) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ContractJson.write(listing(path)))
                .withMessageContaining("file \"" + path + "\" is in the contract; expected weights/<precision>.bin")
                .withMessageContaining("or graphs/<precision>/segment-i.tflite, i within 2 split points");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "graphs/int8/segment-1.tflite | file graphs/int8/segment-0.tflite is not in the contract",
                "graphs/fp32/segment-0.tflite | expected that form of int8 alone, which devices run",
            })
    void headsAreOfOneFormFromTheFirstSegmentOn(String path, String why) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ContractJson.write(listing(path)))
                .withMessageContaining(why);
    }

    @Test
    void aFormLargerThanAGraphMayBeIsRefused() throws Exception {
        Contract contract = TinyBundle.contract(0, "int8");
        byte[] large = ContractJson.write(TinyBundle.with(contract, Collections.singletonMap(FIRST, new byte[7])));
        String json = new String(large, StandardCharsets.UTF_8)
                .replace("\"path\":\"" + FIRST + "\",\"size\":7", "\"path\":\"" + FIRST + "\",\"size\":268435457");
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> ContractJson.read(json.getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining("size of file \"" + FIRST + "\" is 268435457; expected 0 to 268435456");
    }
}
