package dev.cleave.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.events.BundleVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VersionOrderTest {
    private static BundleVersion version(String text, long release) {
        return new BundleVersion("model", text, release, "00");
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1",
        "10, 9",
        "1.10, 1.9",
        "1.0.1, 1.0",
        "2024-02-01, 2024-01-31",
        "v2, v1",
        "1.0b, 1.0a",
        "007, 6",
        "99999999999999999999999, 99999999999999999999998",
        "1, ''"
    })
    void readsVersionsAsPeopleDo(String newer, String older) {
        assertThat(VersionOrder.isNewer(version(newer, 0), version(older, 0))).isTrue();
        assertThat(VersionOrder.isNewer(version(older, 0), version(newer, 0))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "01, 1", "'', ''"})
    void theSameVersionIsNotNewer(String a, String b) {
        assertThat(VersionOrder.isNewer(version(a, 0), version(b, 0))).isFalse();
        assertThat(VersionOrder.isNewer(version(b, 0), version(a, 0))).isFalse();
    }

    @Test
    void ofTwoSignedOnesTheReleaseNumberDecidesAlone() {
        assertThat(VersionOrder.isNewer(version("1", 8), version("2", 7))).isTrue();
        assertThat(VersionOrder.isNewer(version("2", 7), version("1", 8))).isFalse();
        assertThat(VersionOrder.isNewer(version("2", 7), version("1", 7))).isFalse();
    }

    @Test
    void whereOneIsNotSignedTheTextDecides() {
        assertThat(VersionOrder.isNewer(version("2", 0), version("1", 7))).isTrue();
        assertThat(VersionOrder.isNewer(version("1", 7), version("2", 0))).isFalse();
    }
}
