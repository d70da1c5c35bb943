package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.cleave.engine.GraphFormat;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestJsonTest {
    private static final String SMALL =
            "{\"view\":\"edge\",\"edgeThrough\":1,\"toolVersion\":\"9\",\"measurements\":[{\"point\":1,\"level\":\"raw\","
                    + "\"wireBytesMean\":24,\"agreement\":null,\"inputs\":3}]}";

    private static Manifest read(String json) throws BundleException {
        return ManifestJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        assertThat(ManifestJson.read(ManifestJson.write(TinyBundle.manifest()))).isEqualTo(TinyBundle.manifest());
    }

    @Test
    void anUnknownAgreementIsNull() throws Exception {
        assertThat(read(SMALL).measurements().get(0).agreement()).isNaN();
        assertThat(new String(ManifestJson.write(read(SMALL)), StandardCharsets.UTF_8))
                .isEqualTo(SMALL + "\n");
    }

    @Test
    void readsBackWhatMeasurementsRestOn() throws Exception {
        CalibrationRecord calibration = new CalibrationRecord(
                6,
                12,
                5,
                true,
                0.99,
                Arrays.asList("0123456789abcdef", "fedcba9876543210"),
                Arrays.asList(new CalibrationRecord.Curve(
                        1,
                        Arrays.asList(
                                new CalibrationRecord.Tried("quant:16/channel", 120.5, 0.75),
                                new CalibrationRecord.Tried("raw", 512, 1)))));
        Manifest manifest = new Manifest(
                        View.FULL,
                        2,
                        "9",
                        Arrays.asList(new Manifest.PointMeasurement(1, "coarse", 120.5, 64.5, 0.75, 5)))
                .withCalibration(calibration);
        assertThat(ManifestJson.read(ManifestJson.write(manifest))).isEqualTo(manifest);
        assertThat(manifest.withView(View.EDGE, 1).calibration()).isEqualTo(calibration);
        assertThat(read(SMALL).calibration()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"learn\":6          | \"learn\":-6        | calibration.learn is -6; expected 0 or more",
                "0.99                 | 1.5                 | expected 0 to 1",
                "0123456789abcdef     | 0123456789abcdeg    | expected 16 lower-case hex digits",
                "0123456789abcdef     | 0123456789abcde     | expected 16 lower-case hex digits",
                "\"apart\":true       | \"apart\":1         | calibration.apart",
                "\"label\":\"raw\",    | ``                  | missing key \"label\"",
                "\"agreement\":0.5    | \"agreement\":null  | calibration.curves[0].tried[0].agreement",
            })
    void refusesACalibrationByName(String from, String to, String expected) {
        String with = SMALL.substring(0, SMALL.length() - 1)
                + ",\"calibration\":{\"learn\":6,\"choose\":12,\"report\":5,\"apart\":true,\"wantedAgreement\":0.99,"
                + "\"inputs\":[\"0123456789abcdef\"],\"curves\":[{\"point\":1,\"tried\":[{\"label\":\"raw\","
                + "\"wireBytesMean\":512,\"agreement\":0.5}]}]}}";
        assertThatNoException().isThrownBy(() -> read(with));
        assertThat(with).contains(from);
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> read(with.replace(from, to)))
                .withMessageContaining(expected);
    }

    @Test
    void readsBackWhatHeadsOfAnotherFormGave() throws Exception {
        Manifest manifest = TinyBundle.manifest()
                .withHeads(Arrays.asList(
                        new HeadMeasurement(GraphFormat.TFLITE, "tflite 2.20.0", 1, 0.9875, 1, 0.98, 2.5e-6, 80),
                        new HeadMeasurement(
                                GraphFormat.TFLITE, "tflite 2.20.0", 2, 0, 1, 0, Double.POSITIVE_INFINITY, 80)));
        assertThat(ManifestJson.read(ManifestJson.write(manifest))).isEqualTo(manifest);
        assertThat(manifest.withView(View.EDGE, 1).heads()).isEqualTo(manifest.heads());
        assertThat(manifest.withPlan(TinyBundle.plan()).heads()).isEqualTo(manifest.heads());
        assertThat(read(SMALL).heads()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"format\":\"tflite\" | \"format\":\"onnx\" | is \"onnx\"; expected tflite",
                "\"format\":\"tflite\" | \"format\":\"coreml\" | is \"coreml\"; expected tflite",
                "\"alike\":1,          | ``                    | missing key \"alike\"",
                "\"alike\":1           | \"alike\":1.01        | heads[0].alike is 1.01; expected 0 to 1",
                "\"point\":2           | \"point\":-2          | heads[0].point is -2; expected 0 or more",
                "\"maxRelativeError\":0.5 | \"maxRelativeError\":-1 | heads[0].maxRelativeError",
            })
    void refusesAHeadByName(String from, String to, String expected) {
        String with = SMALL.substring(0, SMALL.length() - 1)
                + ",\"heads\":[{\"format\":\"tflite\",\"engine\":\"tflite 2\",\"point\":2,\"agreement\":0.5,"
                + "\"onnxAgreement\":1,\"alike\":1,\"maxRelativeError\":0.5,\"inputs\":3}]}";
        assertThatNoException().isThrownBy(() -> read(with));
        assertThat(with).contains(from);
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> read(with.replace(from, to)))
                .withMessageContaining(expected);
    }

    @Test
    void skipsWhatLaterReleasesAdd() throws Exception {
        String later = SMALL.replace("\"point\"", "\"p95\":{\"a\":[1,{}]},\"point\"")
                .replace("{\"view\"", "{\"profiles\":[{\"edge\":null}],\"view\"");
        assertThat(read(later)).isEqualTo(read(SMALL));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"edge\"          | \"middle\"     | \"middle\"; expected full, edge or cloud",
                "\"edge\"          | 3              | number; expected string",
                "\"edgeThrough\":1 | \"edgeThrough\":1.5 | 64-bit integer",
                "\"edgeThrough\":1, | ``            | missing key \"edgeThrough\"",
                "\"edgeThrough\":1 | \"edgeThrough\":1,\"edgeThrough\":2 | key \"edgeThrough\" twice",
                "\"agreement\":null | \"agreement\":1.01 | expected 0 to 1",
                "\"point\":1       | \"point\":-1   | $.measurements[0].point is -1; expected 0 or more",
                ":24               | :1e999         | finite number",
                ":24               | :NaN           | not readable",
            })
    void refusesByName(String from, String to, String expected) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> read(SMALL.replace(from, to)))
                .withMessageContaining(expected);
    }

    @Test
    void refusesUnknownValuesThatNestWithoutEnd() {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> read("{\"x\":" + "[".repeat(1_000_000)))
                .withMessageContaining("not readable");
    }
}
