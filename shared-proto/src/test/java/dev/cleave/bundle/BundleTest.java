package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.bundle.zip.ZipWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link Bundle#open} refuses. The zip's own layout is tested beside {@code ZipIndex}. */
class BundleTest {
    @TempDir
    Path folder;

    /** Every entry of the full view, to be spoilt. */
    private static Map<String, byte[]> entries() throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("contract.json", ContractJson.write(TinyBundle.contract()));
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest()));
        entries.putAll(TinyBundle.files());
        return entries;
    }

    private Path zip(Map<String, byte[]> entries) throws IOException {
        Path file = folder.resolve("spoilt.cleave");
        Files.deleteIfExists(file);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ZipWriter writer = new ZipWriter(out);
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                writer.add(entry.getKey(), entry.getValue().length, new ByteArrayInputStream(entry.getValue()));
            }
            writer.finish();
        }
        return file;
    }

    private static void assertRefused(Path file, String... words) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> Bundle.open(file))
                .satisfies(refused -> assertThat(refused.getMessage())
                        .startsWith(file.toString())
                        .contains(words)
                        .doesNotContain("\n"));
    }

    @Test
    void opensWhenNothingIsSpoilt() throws Exception {
        assertThat(Bundle.open(zip(entries())).contract()).isEqualTo(TinyBundle.contract());
    }

    @Test
    void refusesAMissingEntry() throws Exception {
        for (String name : entries().keySet()) {
            Map<String, byte[]> entries = entries();
            entries.remove(name);
            assertRefused(zip(entries), "entry " + name + " is missing");
        }
    }

    @Test
    void refusesAnExtraEntry() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("graphs/fp32/readme.txt", new byte[3]);
        assertRefused(zip(entries), "entry \"graphs/fp32/readme.txt\" is extra; the full view does not hold it");
    }

    @Test
    void refusesFilesOfAnotherView() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest().withView(View.CLOUD, 0)));
        assertRefused(zip(entries), "head-1.onnx\" is extra; the cloud view does not hold it");
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest().withView(View.EDGE, 4)));
        assertRefused(zip(entries), "edgeThrough of the edge view is 4; expected 1 to 3");
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest().withView(View.FULL, 2)));
        assertRefused(zip(entries), "edgeThrough of the full view is 2; expected 3");
    }

    @Test
    void refusesWeightsThatAreLongerThanTheEdgeViewsPrefix() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest().withView(View.EDGE, 2)));
        entries.keySet()
                .removeIf(name -> name.contains("int8")
                        || name.contains("tail")
                        || name.contains("whole")
                        || name.matches(".*(segment-2|head-3).*"));
        assertRefused(zip(entries), "entry weights/fp32.bin has 6000 bytes; expected 5100");
        entries.computeIfPresent("weights/fp32.bin", (name, bytes) -> Arrays.copyOf(bytes, 5100));
        assertThat(Bundle.open(zip(entries)).edgeThrough()).isEqualTo(2);
    }

    @Test
    void opensWithAPlan() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("manifest.json", ManifestJson.write(TinyBundle.manifest().withPlan(TinyBundle.plan())));
        assertThat(Bundle.open(zip(entries)).manifest().plan()).isEqualTo(TinyBundle.plan());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"point\":3          | \"point\":4          | plan has a row for point 4; expected points of the contract, 0 to 3",
                "\"wireBytes\":7      | \"wireBytes\":0      | wireBytes of plan row for point 2 is 0; expected more than 0",
                "\"wireBytes\":0,\"replyBytes\":0 | \"wireBytes\":1.5,\"replyBytes\":0 | wireBytes of plan row for point 3 is 1.5; expected 0 at LOCAL",
                "\"encodeMillis\":0,\"decodeMillis\":0 | \"encodeMillis\":2,\"decodeMillis\":0 | encodeMillis of plan row for point 3 is 2; expected 0 at LOCAL",
                "\"decodeMillis\":0,  | \"decodeMillis\":2,  | decodeMillis of plan row for point 3 is 2; expected 0 at LOCAL",
                "\"tailMillis\":0,    | \"tailMillis\":0.1,  | tailMillis of plan row for point 3 is 0.1; expected 0 at LOCAL",
                "\"replyBytes\":0,    | \"replyBytes\":8,    | replyBytes of plan row for point 3 is 8; expected 0 at LOCAL",
            })
    void refusesAPlanThatIsNotTheContracts(String from, String to, String expected) throws Exception {
        String planned = new String(
                ManifestJson.write(TinyBundle.manifest().withPlan(TinyBundle.plan())), StandardCharsets.UTF_8);
        assertThat(planned).containsOnlyOnce(from);
        Map<String, byte[]> entries = entries();
        entries.put("manifest.json", planned.replace(from, to).getBytes(StandardCharsets.UTF_8));
        assertRefused(zip(entries), "manifest.json: " + expected);
    }

    @Test
    void refusesAnEntryOfAnotherSize() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("weights/int8.bin", new byte[301]);
        assertRefused(zip(entries), "entry weights/int8.bin has 301 bytes; expected 300");
    }

    @Test
    void refusesAnEntryOfAnotherDigest() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.get("weights/fp32.bin")[17] ^= 1;
        assertRefused(zip(entries), "entry weights/fp32.bin has SHA-256 ");
        entries = entries();
        entries.get("graphs/fp32/tail-2.onnx")[0] ^= 1;
        assertRefused(zip(entries), "entry graphs/fp32/tail-2.onnx has SHA-256 ");
    }

    @Test
    void refusesAnUnknownFormatVersion() throws Exception {
        Map<String, byte[]> entries = entries();
        String contract = new String(entries.get("contract.json"), StandardCharsets.UTF_8);
        String later = contract.replace("\"formatVersion\":1", "\"formatVersion\":7");
        entries.put("contract.json", later.getBytes(StandardCharsets.UTF_8));
        assertRefused(zip(entries), "format version 7; this release reads 1");
    }

    @Test
    void refusesOversizedDocuments() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("manifest.json", new byte[BundleReader.MAX_JSON_BYTES + 1]);
        assertRefused(zip(entries), "entry manifest.json has 8388609 bytes; expected at most 8388608");
    }

    @Test
    void refusesPathsThatLeaveTheBundle() throws Exception {
        Map<String, byte[]> entries = entries();
        entries.put("../../etc/cron", new byte[3]);
        assertRefused(zip(entries), "../../etc/cron; expected a relative path");
    }

    @Test
    void refusesCompressedEntries() throws Exception {
        Path file = folder.resolve("bomb.cleave");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (Map.Entry<String, byte[]> entry : entries().entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getKey().equals("contract.json") ? new byte[50_000_000] : entry.getValue());
            }
        }
        assertRefused(file, "entry contract.json is of flags");
    }

    @Test
    void refusesLargeEntriesThatAreNotAligned() throws Exception {
        Path file = TinyBundle.writeTo(folder);
        byte[] bytes = Files.readAllBytes(file);
        assertRefused(withoutPadding(bytes), "starts at", "expected a multiple of 4096");
    }

    /** The same entries as another tool would store them: without any padding. */
    private Path withoutPadding(byte[] bundle) throws IOException {
        Path file = folder.resolve("unaligned.cleave");
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bundle));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.setMethod(ZipOutputStream.STORED);
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setSize(entry.getSize());
                copy.setCrc(entry.getCrc());
                out.putNextEntry(copy);
                out.write(in.readAllBytes());
            }
        }
        return file;
    }

    @Test
    void refusesAChangedManifestThoughNoDigestCoversIt() throws Exception {
        byte[] bytes = Files.readAllBytes(TinyBundle.writeTo(folder));
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\"toolVersion\":\"0.1.0");
        bytes[at + 15] = '9';
        assertRefused(
                Files.write(folder.resolve("changed.cleave"), bytes), "entry manifest.json does not have its checksum");
    }

    @Test
    void refusesWhatIsNoFile() {
        assertRefused(folder.resolve("none.cleave"), "is missing; expected a bundle");
        assertRefused(folder, "is not a file; expected a bundle");
    }

    @Test
    void refusesFilesThatAreNoZip() throws Exception {
        assertRefused(Files.write(folder.resolve("a"), new byte[0]), "not a zip file: 0 bytes");
        assertRefused(Files.write(folder.resolve("b"), new byte[5000]), "not a zip file, or cut off");
    }

    @Test
    void noticesAGraphThatChangesAfterOpening() throws Exception {
        Path file = TinyBundle.writeTo(folder);
        Bundle bundle = Bundle.open(file);
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("fp32 tail-1");
        bytes[at] ^= 1;
        Files.write(file, bytes);
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> bundle.graph("fp32", "tail-1"))
                .withMessageContaining("graphs/fp32/tail-1.onnx has changed since the bundle was opened");
    }
}
