package dev.cleave.edge.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.TinyBundle;
import dev.cleave.edge.device.DeviceRecord.EngineRecord;
import dev.cleave.edge.device.DeviceRecord.Subject;
import dev.cleave.engine.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceFileTest {
    private static final Machine PHONE = new Machine("phone", "Linux 6", "aarch64", "Cortex \"A76\"", 8);
    private static final HeadTiming TIMING = new HeadTiming(List.of(1e6, 2.5e6, 0.25e6), 3.75e6, 0.5e6, 9);

    @TempDir
    private Path folder;

    private Bundle bundle;
    private Path file;

    @BeforeEach
    void writeBundle() throws IOException {
        bundle = bundle(TinyBundle.manifest());
        file = folder.resolve("state/device.json");
    }

    private Bundle bundle(Manifest manifest) throws IOException {
        Path target = folder.resolve("tiny.cleave");
        BundleWriter writer = new BundleWriter(TinyBundle.contract());
        TinyBundle.files().forEach(writer::file);
        writer.write(manifest, target);
        return Bundle.open(target);
    }

    private DeviceRecord record(HeadTiming timing) {
        return new DeviceRecord(
                Subject.of(bundle.id(), PHONE, 2, List.of("nnapi")),
                "fast",
                "fast takes 3.750 ms",
                List.of(
                        new EngineRecord("sound", "1.29.0", "cpu", timing, ""),
                        new EngineRecord("fast", "2.20", "cpu", timing, ""),
                        new EngineRecord("absent", "", "", null, "absent: no native library")));
    }

    private byte[] document() {
        return DeviceProfileWriting.write(bundle, record(TIMING), PHONE, "0.1");
    }

    private List<Path> filesBeside() throws IOException {
        try (Stream<Path> all = Files.list(file.getParent())) {
            return all.toList();
        }
    }

    @Test
    void readsBackWhatWasWritten() throws IOException {
        DeviceFile device = new DeviceFile(file);
        assertThat(device.read()).isNull();
        device.write(document());
        assertThat(device.read()).isEqualTo(record(TIMING));
        assertThat(filesBeside()).containsExactly(file);
    }

    @Test
    void replacesWhatAnAgentWroteAndWhatIsDamaged() throws IOException {
        DeviceFile device = new DeviceFile(file);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "{\"format\":1,");
        assertThat(device.read()).isNull();
        device.write(document());
        device.write(document());
        assertThat(device.read()).isEqualTo(record(TIMING));
    }

    @Test
    void leavesAProfileThatNoAgentWroteAlone() throws IOException {
        Files.createDirectories(file.getParent());
        String profile = "{\"format\":1,\"machine\":{\"architecture\":\"a\",\"cpu\":\"\",\"cores\":1},"
                + "\"engine\":{\"name\":\"onnxruntime\",\"threads\":0}}";
        Files.writeString(file, profile);
        DeviceFile device = new DeviceFile(file);
        assertThat(device.read()).isNull();
        assertThatIOException()
                .isThrownBy(() -> device.write(document()))
                .withMessage(file + " is a profile that no agent wrote; expected another file, or none yet");
        Files.write(file, new byte[2 << 20]);
        assertThat(device.read()).isNull();
        assertThatIOException().isThrownBy(() -> device.write(document())).withMessageContaining("2097152 bytes");
        DeviceFile aFolder = new DeviceFile(file.getParent());
        assertThat(aFolder.read()).isNull();
        assertThatIOException().isThrownBy(() -> aFolder.write(document())).withMessageContaining("no ordinary file");
        assertThat(filesBeside()).containsExactly(file);
    }

    @Test
    void namesWhatIsWrong() throws IOException {
        String document = new String(document(), StandardCharsets.UTF_8);
        assertRefused(document.replace("\"format\": 1", "\"format\": 2"), "format version 2");
        assertRefused(document.replace("\"cores\": 8", "\"cores\": 0"), "$.machine.cores is 0; expected 1 or more");
        assertRefused(
                document.replaceFirst(
                        "\"medianMillis\": 3.75,\\s*\"spreadMillis\"", "\"medianMillis\": -1, \"spreadMillis\""),
                "medianMillis is -1.0; expected 0 to");
        assertRefused(document.replaceFirst("\"name\": \"fast\"", "\"name\": \"gone\""), "engine.name is \"gone\"");
        assertRefused(document.replace("\"bundle\"", "\"bundles\""), "missing key \"bundle\"");
    }

    private static void assertRefused(String document, String why) {
        assertThatIOException()
                .isThrownBy(() -> DeviceJson.read("device.json", document.getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining("device.json")
                .withMessageContaining(why);
    }

    /** Whatever became of the file: it is read, or refused in one line. */
    @Test
    void damagedFilesAreRefusedInOneLine() {
        Random random = new Random(5);
        byte[] document = document();
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = document.clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                damaged[random.nextInt(damaged.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt() : "0\"{}[],".charAt(random.nextInt(7)));
            }
            try {
                DeviceJson.read("device.json", damaged);
            } catch (BundleException e) {
                refused++;
                assertThat(e.getMessage()).doesNotContain("\n").startsWith("device.json");
            }
        }
        assertThat(refused).isBetween(1000, 3000);
    }

    @Test
    void whatTheViewLacksTakesAsMuchLongerAsItWasPlanned() throws IOException {
        // Planned: 20 ms to point 2, 31.25 ms for all.
        HeadTiming head = new HeadTiming(List.of(1e6, 3e6), 4e6, 0, 9);
        bundle = bundle(TinyBundle.manifest().withPlan(TinyBundle.plan()));
        String planned =
                new String(DeviceProfileWriting.write(bundle, record(head), PHONE, "0.1"), StandardCharsets.UTF_8);
        assertThat(planned).contains("\"medianMillis\": 6.25").contains("\"headMillis\": 4.0");
        bundle = bundle(TinyBundle.manifest());
        String unplanned =
                new String(DeviceProfileWriting.write(bundle, record(head), PHONE, "0.1"), StandardCharsets.UTF_8);
        assertThat(unplanned).doesNotContain("spotChecks").contains("\"agent\"");
    }
}
