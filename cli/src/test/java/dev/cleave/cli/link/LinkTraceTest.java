package dev.cleave.cli.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.units.BitRate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkTraceTest {
    @Test
    void readsRatesAndStates() {
        LinkTrace trace = LinkTrace.parse(
                "t",
                List.of("# a drive", "", "0 5.85mbit 20mbit 50ms", " 10.5\t600kbit # tunnel", "20 blackhole", "21 up"));
        assertThat(trace.steps())
                .containsExactly(
                        new LinkTrace.Step(
                                0, null, new BitRate(5_850_000), new BitRate(20_000_000), Duration.ofMillis(50)),
                        new LinkTrace.Step(10_500_000_000L, null, new BitRate(600_000), null, null),
                        new LinkTrace.Step(20_000_000_000L, LinkState.BLACKHOLE, null, null, null),
                        new LinkTrace.Step(21_000_000_000L, LinkState.UP, null, null, null));
    }

    @Test
    void whatIsLeftOutStaysAsItWas() {
        LinkRates before = new LinkRates(new BitRate(1), new BitRate(2), Duration.ofMillis(3));
        LinkTrace.Step step = LinkTrace.parse("t", List.of("1 9kbit")).steps().get(0);
        assertThat(step.applyTo(before)).isEqualTo(new LinkRates(new BitRate(9000), new BitRate(2), before.rtt()));
    }

    @ParameterizedTest
    @CsvSource({
        "5, expected: seconds",
        "1 2 3 4 5, expected: seconds",
        "x 1mbit, is not a time",
        "1 sideways, is not a rate"
    })
    void namesTheLineThatItDoesNotUnderstand(String line, String reason) {
        assertThatThrownBy(() -> LinkTrace.parse("car.trace", List.of("0 1mbit", line)))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("car.trace, line 2: \"" + line + "\"", reason);
    }

    @Test
    void refusesTimeThatRunsBackwardsAndNothingAtAll() {
        assertThatThrownBy(() -> LinkTrace.parse("t", List.of("2 up", "1 down")))
                .hasMessageContaining("back in time");
        assertThatThrownBy(() -> LinkTrace.parse("t", List.of("# nothing"))).hasMessageContaining("holds no steps");
    }
}
