package dev.cleave.partition.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.engine.Machine;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.EngineUse;
import dev.cleave.partition.profile.DeviceProfile.ModelId;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.NodeTimes;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.DeviceProfile.Whole;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceProfileJsonTest {
    private static final DeviceProfile PROFILE = new DeviceProfile(
            "0.1.0",
            new Machine("pi", "Linux 6.1", "aarch64", "Raspberry Pi 4 Model B", 4),
            new EngineUse("onnxruntime", "1.29.0", "cpu", 2),
            new ModelId("model.onnx", "0123456789abcdef".repeat(4), "fp32"),
            new Whole(
                    12.25,
                    0.03,
                    50,
                    List.of(new TensorSpec("x", ElementType.FLOAT32, Shape.of(1, 3, 8, 8))),
                    new MemoryEstimate(1000, 3_000_000_000L)),
            new NodeTimes(
                    true, "", 0.97, List.of(new NodeCost(0, "c\"1", "Conv", 12.0), new NodeCost(2, "y", "Relu", 0.25))),
            List.of(new SpotCheck(
                    List.of("a", "b"), 4.5, 8, 50, 0.1, new MemoryEstimate(1, 2), new MemoryEstimate(3, 4))),
            new BatchCurve(List.of(new BatchTime(1, 12.5), new BatchTime(8, 80)), ""),
            "");

    @TempDir
    Path folder;

    @Test
    void readsBackWhatItWrote() throws Exception {
        Path file = folder.resolve("device.json");
        Files.write(file, DeviceProfileJson.write(PROFILE));
        assertThat(DeviceProfileJson.read(file)).isEqualTo(PROFILE);
        assertThat(DeviceProfileJson.write(DeviceProfileJson.read(file))).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void skipsKeysOfLaterReleasesAndTakesThemInAnyOrder() throws Exception {
        String text = text().replace("\"format\": 1,", "\"later\": {\"format\": 7, \"list\": [1, {}]},")
                .replace("\"cores\": 4", "\"cores\": 4, \"clockHertz\": 1.5e9")
                .replace("\"drift\": \"\"", "\"drift\": \"\", \"format\": 1");
        assertThat(read(text)).isEqualTo(PROFILE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "format": 1         | "format": 2          | $.format is format version 2; expected 1, which this release reads
            "format": 1,        | ``                   | $ missing key "format"
            "format": 1         | "format": "1"        | $.format is string; expected number
            "cores": 4          | "cores": 0           | $.machine.cores is 0; expected 1 to
            "cores": 4          | "cores": 4.5         | is 4.5; expected a 64-bit integer
            "cores": 4          | "kernels": 4         | $.machine missing key "cores"
            "cores": 4          | "cores": 4, "cores": 5 | $.machine key "cores" twice
            "threads": 2        | "threads": -1        | $.engine.threads is -1; expected 0 to
            "0123456789a        | "X123456789a         | $.model.sha256 is "X123
            "fp32"              | "fp64"               | $.model.precision is "fp64"; expected one of [fp32, fp16, int8]
            "medianMillis": 12.25 | "medianMillis": -1 | $.whole.medianMillis is -1.0; expected 0 or more
            "medianMillis": 12.25 | "medianMillis": NaN | is not readable
            "medianMillis": 12.25 | "medianMillis": 1e999 | $.whole.medianMillis is 1e999; expected a finite number
            "medianMillis": 12.25 | "medianMillis": null | $.whole.medianMillis is null; expected number
            "runs": 50          | "runs": 0            | runs is 0; expected 1 to
            "float32"           | "float31"            | type is "float31"; expected the name of an element type
            "liveBytes": 3000000000 | "liveBytes": -3  | $.whole.memory.liveBytes is -3; expected 0 or more
            "measured"          | "guessed"            | $.nodes.perNode is "guessed"; expected one of [measured, estimated]
            "tracedShare": 0.97 | "tracedShare": 1.01  | $.nodes.tracedShare is 1.01; expected 0 to 1
            "node": 2           | "node": 0            | $.nodes.costs[1].node is 0; expected 1 to
            "millis": 0.25      | "millis": -0.25      | $.nodes.costs[1].millis is -0.25; expected 0 or more
            "headMillis": 4.5   | "headMillis": "4.5"  | $.spotChecks[0].headMillis is string; expected number
            "rows": 8           | "rows": 1            | $.batch.times[1].rows is 1; expected 2 to
            "drift": ""         | "drift": 3           | $.drift is number; expected string
            """)
    void refusesWhatCannotBeRightInOneLine(String original, String changed, String expected) {
        assertThat(text()).contains(original);
        assertRefused(text().replaceFirst(Pattern.quote(original), changed), "device.json", expected);
    }

    @Test
    void refusesWhatIsNoProfileAtAll() {
        assertRefused("", "device.json is not readable");
        assertRefused("hello", "device.json is not readable");
        assertRefused("[1]", "device.json: $ is begin array; expected begin object");
        assertRefused(text().substring(0, 300), "device.json");
        assertRefused(text() + "{}", "device.json");
        assertThatThrownBy(() -> DeviceProfileJson.read(folder.resolve("absent.json")))
                .isInstanceOf(ProfileException.class)
                .hasMessageEndingWith("absent.json: no such file; expected what cleave profile wrote");
        assertThatThrownBy(() -> DeviceProfileJson.read(folder))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining(" cannot be read: ");
    }

    @Test
    void survivesDamageAtAnyPlace() {
        SplittableRandom random = new SplittableRandom(5);
        byte[] bytes = DeviceProfileJson.write(PROFILE);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            try {
                DeviceProfileJson.read("device.json", damaged);
            } catch (ProfileException oneLine) {
                refused++;
                assertThat(oneLine.getMessage()).startsWith("device.json").doesNotContain("\n");
            }
        }
        assertThat(refused).isGreaterThan(1000);
    }

    private static DeviceProfile read(String text) throws ProfileException {
        return DeviceProfileJson.read("device.json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text() {
        return new String(DeviceProfileJson.write(PROFILE), StandardCharsets.UTF_8);
    }

    private static void assertRefused(String text, String... parts) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ProfileException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("\n");
    }
}
