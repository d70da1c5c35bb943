package dev.cleave.partition.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkProfileTest {
    @Test
    void bytesTakeTheirBitsAndHalfTheRoundTrip() {
        LinkProfile link = new LinkProfile(8e6, 16e6, 50);
        assertThat(link.uplinkMillis(0)).isEqualTo(25);
        assertThat(link.uplinkMillis(10_000)).isEqualTo(25 + 10);
        assertThat(link.downlinkMillis(10_000)).isEqualTo(25 + 5);
    }

    @Test
    void anotherUplinkTakesTheDownlinkAlong() {
        assertThat(new LinkProfile(8e6, 16e6, 50).withUplink(2e6)).isEqualTo(new LinkProfile(2e6, 4e6, 50));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 1",
        "1, 0, 1",
        "-1, 1, 1",
        "NaN, 1, 1",
        "Infinity, 1, 1",
        "1, NaN, 1",
        "1, 1, -1",
        "1, 1, NaN",
        "1, 1, Infinity"
    })
    void refusesRatesOfNothingAndTimesBeforeNow(double up, double down, double rtt) {
        assertThatThrownBy(() -> new LinkProfile(up, down, rtt))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("link of " + up + " bit/s up, " + down + " bit/s down, " + rtt
                        + " ms; expected finite rates above 0 and a time of 0 or more");
    }
}
