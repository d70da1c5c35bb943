package dev.cleave.cli.units;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({"250kbit,250000", "5.85mbit,5850000", "1gbit,1000000000", "9600bit,9600", "64000,64000", "1Mbit,1000000"
    })
    void readsRates(String text, long bitsPerSecond) {
        assertThat(BitRate.parse(text)).isEqualTo(new BitRate(bitsPerSecond));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "512,512", "64k,65536", "1.5M,1572864", "2G,2147483648", "64K,65536"})
    void readsSizes(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(new ByteSize(bytes));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "250us,250000", "50ms,50000000", "1.5s,1500000000", "0.0000005s,500"})
    void readsTimes(String text, long nanos) {
        assertThat(TimeSpan.parse(text)).isEqualTo(Duration.ofNanos(nanos));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "mbit", "-1mbit", "1e3mbit", "1 mbit", "0kbit", "1tbit", "9999999999999gbit", "NaN"})
    void refusesWhatIsNoRateByName(String text) {
        assertThatThrownBy(() -> BitRate.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("\"" + text + "\" is not a rate", "expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "12q", "1.M", "999999999999G"})
    void refusesWhatIsNoSizeByName(String text) {
        assertThatThrownBy(() -> ByteSize.parse(text)).hasMessageContainingAll("\"" + text + "\" is not a size", "64k");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "50", "ms", "-5ms", "5 ms", "5h", "999999999999s"})
    void refusesWhatIsNoTimeByName(String text) {
        assertThatThrownBy(() -> TimeSpan.parse(text))
                .hasMessageContainingAll("\"" + text + "\" is not a time", "50ms");
    }

    @Test
    void printsThreeDigitsAndTheLargestUnit() {
        assertThat(new BitRate(5_850_000)).hasToString("5.85 Mbit/s");
        assertThat(new BitRate(1_000_000_000)).hasToString("1 Gbit/s");
        assertThat(new ByteSize(1023)).hasToString("1023 B");
        assertThat(new ByteSize(3500)).hasToString("3.42 KiB");
        assertThat(ByteSize.format(150.5 * 1024 * 1024)).isEqualTo("151 MiB");
        assertThat(TimeSpan.formatMillis(0.4211)).isEqualTo("0.42 ms");
        assertThat(TimeSpan.formatMillis(12.51)).isEqualTo("12.5 ms");
        assertThat(TimeSpan.format(Duration.ofMillis(2310))).isEqualTo("2.31 s");
        assertThat(TimeSpan.format(Duration.ofNanos(1500))).isEqualTo("1.50 us");
        assertThat(TimeSpan.format(Duration.ZERO)).isEqualTo("0 ms");
        assertThat(TimeSpan.format(Duration.ofHours(24))).isEqualTo("24 h");
        assertThat(TimeSpan.format(Duration.ofMinutes(150))).isEqualTo("9000 s");
        assertThat(TimeSpan.inMessage("deadline PT0S; expected PT0.000001S to PT24H, PT1M30S or APT"))
                .isEqualTo("deadline 0 ms; expected 1 us to 24 h, 90 s or APT");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:8500,127.0.0.1,8500", "gateway.example:1,gateway.example,1", "[::1]:80,::1,80", "9500,,9500"
    })
    void readsHostsAndPorts(String text, String host, int port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":80", "host:", "host:x", "host:65536", "::1:80", "host:-1"})
    void refusesWhatIsNoHostAndPortByName(String text) {
        assertThatThrownBy(() -> HostPort.parse(text)).hasMessageContainingAll("\"" + text + "\"", "HOST:PORT");
    }

    @Test
    void fillsInAHostThatWasLeftOut() {
        assertThat(HostPort.parse("80").orHost("127.0.0.1")).hasToString("127.0.0.1:80");
        assertThat(HostPort.parse("h:80").orHost("127.0.0.1")).hasToString("h:80");
    }
}
