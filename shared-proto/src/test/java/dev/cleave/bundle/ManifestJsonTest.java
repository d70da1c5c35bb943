package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
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
