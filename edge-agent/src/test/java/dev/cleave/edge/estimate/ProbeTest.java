package dev.cleave.edge.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final long MINUTE = 60 * SECOND;
    private static final long BUDGET = 256 * 1024;

    /** Ten requests a second that all stay on the device, each the occasion for a probe. */
    private static long local(SimulatedStream stream, long forNanos) {
        long sent = 0;
        long until = stream.now() + forNanos;
        while (stream.now() < until) {
            sent += stream.look(false);
            stream.runUntil(stream.now() + 100 * MILLI);
        }
        return sent;
    }

    private static SimulatedStream stream(SimulatedLink link, long budget) {
        return new SimulatedStream(link, new LinkEstimator(budget, point -> Double.NaN));
    }

    @ParameterizedTest
    @CsvSource({"18.88, 1.1", "1.1, 5.85", "5.85, 18.88", "18.88, 0.128"})
    void findALinkThatChangedWhileNothingCrossed(double before, double after) {
        double sum = 0;
        int seeds = 20;
        for (long seed = 0; seed < seeds; seed++) {
            SimulatedLink link = new SimulatedLink(before, 20 * MILLI, 0.3 * MILLI, seed);
            SimulatedStream stream = stream(link, BUDGET);
            stream.sendSerially(20, 20_000, 100 * MILLI);
            local(stream, 20 * SECOND);
            link.rateFrom(stream.now(), after);
            local(stream, 12 * SECOND);
            assertThat(stream.uplinkError()).as("seed %d", seed).isBetween(0.5, 2.0);
            sum += Math.log(stream.uplinkError());
        }
        assertThat(sum / seeds).as("mean of the logarithm").isCloseTo(0, within(0.2));
    }

    @Test
    void findTheRateOfALinkThatCarriedNothingYet() {
        SimulatedStream stream = stream(new SimulatedLink(5.85, 20 * MILLI, 0.3 * MILLI, 1), BUDGET);
        local(stream, 10 * SECOND);
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.2));
        assertThat(stream.conditions().confidence()).isGreaterThan(0.9);
    }

    @Test
    void aFasterLinkIsKnownWhenTheProbeThatMetItIsBackAndOneMore() {
        for (long seed = 0; seed < 50; seed++) {
            SimulatedLink link = new SimulatedLink(1.1, 20 * MILLI, 0.2 * MILLI, seed);
            SimulatedStream stream = stream(link, BUDGET);
            local(stream, 20 * SECOND);
            link.rateFrom(stream.now(), 5.85);
            stream.runUntil(stream.now() + SECOND);
            assertThat(stream.look(false)).isPositive();
            stream.runUntil(stream.now() + 60 * MILLI);
            assertThat(stream.uplinkError()).as("seed %d", seed).isBetween(0.5, 2.0);
        }
    }

    @Test
    void aSlowerLinkIsNotBelievedBeforeWhatHeldTheProbeUpMayHavePassed() {
        SimulatedLink link = new SimulatedLink(5.85, 20 * MILLI, 0.2 * MILLI, 1);
        SimulatedStream stream = stream(link, BUDGET);
        local(stream, 20 * SECOND);
        double before = stream.conditions().uplinkNanosPerByte();
        stream.runUntil(stream.now() + SECOND);
        stream.lateNanos = 100 * MILLI;
        assertThat(stream.look(false)).isPositive();
        long probed = stream.probedBytes();
        stream.runUntil(stream.now() + 149 * MILLI);
        assertThat(stream.probedBytes()).isEqualTo(probed);
        assertThat(stream.conditions().uplinkNanosPerByte()).isEqualTo(before);
    }

    @Test
    void keepTheirBudgetWhereEachOfThemMeetsAnotherLink() {
        SimulatedLink link = new SimulatedLink(0.5, 20 * MILLI, 0.2 * MILLI, 1);
        for (long at = 0; at < 10 * MINUTE; at += 300 * MILLI) {
            link.rateFrom(at, at / (300 * MILLI) % 2 == 0 ? 0.5 : 20);
        }
        keepTheirBudget(stream(link, BUDGET));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.128, 1.1, 18.88, 1000})
    void keepTheirBudget(double megabits) {
        keepTheirBudget(stream(new SimulatedLink(megabits, 20 * MILLI, MILLI, 1), BUDGET));
    }

    private static void keepTheirBudget(SimulatedStream stream) {
        Deque<long[]> lastMinute = new ArrayDeque<>();
        long inMinute = 0;
        long probes = 0;
        while (stream.now() < 10 * MINUTE) {
            long before = stream.probedBytes();
            long now = stream.now();
            probes += stream.look(false) > 0 ? 1 : 0;
            stream.runUntil(now + 50 * MILLI);
            long bytes = stream.probedBytes() - before;
            lastMinute.add(new long[] {now, bytes});
            inMinute += bytes;
            while (!lastMinute.isEmpty() && stream.now() - lastMinute.peek()[0] > MINUTE) {
                inMinute -= lastMinute.poll()[1];
            }
            assertThat(inMinute).isLessThanOrEqualTo(BUDGET);
        }
        assertThat(probes).isBetween(60L, 1500L);
    }

    @Test
    void aBudgetOfNothingIsNoProbes() {
        SimulatedStream stream = stream(new SimulatedLink(1.1, 20 * MILLI, MILLI, 1), 0);
        assertThat(local(stream, MINUTE)).isZero();
    }

    @Test
    void areNotNeededWhereFramesCross() {
        SimulatedStream stream = stream(new SimulatedLink(5.85, 20 * MILLI, 0.2 * MILLI, 1), BUDGET);
        stream.sendSerially(20, 20_000, 100 * MILLI);
        long probes = 0;
        for (int i = 0; i < 100; i++) {
            stream.sendSerially(1, 20_000, 100 * MILLI);
            probes += stream.look(false);
            stream.run();
        }
        assertThat(probes).isZero();
    }
}
