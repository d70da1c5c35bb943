package dev.cleave.edge.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinkEstimatorTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final double[] STEPS = {18.88, 1.1, 5.85, 18.88};

    private static SimulatedStream stream(double megabits, double jitterMillis, long seed) {
        return new SimulatedStream(new SimulatedLink(megabits, 20 * MILLI, jitterMillis * MILLI, seed));
    }

    /** Settled on a link, so that both rate and round trip are known. */
    private static SimulatedStream settled(double megabits, double jitterMillis, long seed) {
        SimulatedStream stream = stream(megabits, jitterMillis, seed);
        stream.sendSerially(30, 30_000, 200 * MILLI);
        return stream;
    }

    @Test
    void knowsNothingAtFirst() {
        LinkConditions nothing = stream(10, 0, 1).conditions();
        assertThat(nothing.uplinkNanosPerByte()).isNaN();
        assertThat(nothing.downlinkNanosPerByte()).isNaN();
        assertThat(nothing.confidence()).isZero();
        assertThat(nothing.rttNanos()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1.1, 3000", "1.1, 60000", "5.85, 3000", "5.85, 20000", "18.88, 6000", "18.88, 60000", "0.128, 3000"})
    void knowsTheRateAfterTheFirstFrames(double megabits, long frameBytes) {
        for (long seed = 0; seed < 50; seed++) {
            SimulatedStream stream = stream(megabits, 0.05, seed);
            stream.sendSerially(3, frameBytes, 0);
            assertThat(stream.uplinkError()).as("seed %d", seed).isCloseTo(1, within(0.15));
            assertThat((double) stream.conditions().rttNanos())
                    .isCloseTo(
                            20.0 * MILLI,
                            within(1.5 * MILLI + UplinkMeter.MESSAGE_BYTES * SimulatedLink.perByte(megabits)));
        }
    }

    /** The jitter is what a frame of this size can tell apart from its time on the fastest of these links. */
    @ParameterizedTest
    @CsvSource({"3000, 0.02", "10000, 0.1", "30000, 0.3", "60000, 0.6"})
    void followsStepsOfTheRateWithinThreeFrames(long frameBytes, double jitterMillis) {
        for (long seed = 0; seed < 50; seed++) {
            SimulatedLink link = new SimulatedLink(STEPS[0], 20 * MILLI, jitterMillis * MILLI, seed);
            SimulatedStream stream = new SimulatedStream(link);
            for (int step = 0; step < STEPS.length; step++) {
                link.rateFrom(stream.now(), STEPS[step]);
                stream.sendSerially(3, frameBytes, 100 * MILLI);
                assertThat(stream.uplinkError())
                        .as("seed %d, %.2f Mbit/s", seed, STEPS[step])
                        .isCloseTo(1, within(0.15));
                stream.sendSerially(40, frameBytes, 100 * MILLI);
            }
        }
    }

    @Test
    void followsAStepThatComesInTheMiddleOfAFrame() {
        for (long seed = 0; seed < 50; seed++) {
            SimulatedLink link = new SimulatedLink(18.88, 20 * MILLI, 0.2 * MILLI, seed);
            SimulatedStream stream = new SimulatedStream(link);
            stream.sendSerially(20, 60_000, 100 * MILLI);
            link.rateFrom(stream.now() + 5 * MILLI, 1.1);
            stream.sendSerially(4, 60_000, 0);
            assertThat(stream.uplinkError()).as("seed %d", seed).isCloseTo(1, within(0.15));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {3_000, 60_000})
    void oneLateAckDoesNotMoveIt(long frameBytes) {
        SimulatedStream stream = settled(18.88, 0.1, 1);
        stream.sendSerially(20, frameBytes, 200 * MILLI);
        double before = stream.conditions().uplinkNanosPerByte();
        stream.lateNanos = 400 * MILLI;
        stream.sendSerially(1, frameBytes, 200 * MILLI);
        assertThat(stream.conditions().uplinkNanosPerByte()).isEqualTo(before);
        stream.sendSerially(1, frameBytes, 200 * MILLI);
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.15));
    }

    @Test
    void lateAcksNowAndThenDoNotMoveIt() {
        SimulatedStream stream = settled(5.85, 0.2, 3);
        for (int i = 0; i < 40; i++) {
            stream.lateNanos = 150 * MILLI;
            stream.sendSerially(1, 20_000, 50 * MILLI);
            stream.sendSerially(4, 20_000, 50 * MILLI);
            assertThat(stream.uplinkError()).as("round %d", i).isCloseTo(1, within(0.1));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.1, 1, 10})
    void tinyFramesDoNotMoveIt(double jitterMillis) {
        Random sizes = new Random(5);
        SimulatedStream stream = settled(18.88, jitterMillis, 2);
        double before = stream.conditions().uplinkNanosPerByte();
        for (int i = 0; i < 1000; i++) {
            stream.sendSerially(1, 50 + sizes.nextInt(400), 20 * MILLI);
        }
        assertThat(stream.conditions().uplinkNanosPerByte() / before).isCloseTo(1, within(0.05));
    }

    @Test
    void tinyFramesAloneDoNotPretendToKnowAFastLink() {
        SimulatedStream stream = stream(18.88, 1, 2);
        stream.sendSerially(500, 200, 20 * MILLI);
        assertThat(stream.conditions().confidence()).isLessThan(0.7);
    }

    @ParameterizedTest
    @CsvSource({"18.88, 0.2", "5.85, 1", "1.1, 5"})
    void burstsDoNotBiasIt(double megabits, double jitterMillis) {
        for (long seed = 0; seed < 10; seed++) {
            Random sizes = new Random(seed);
            SimulatedStream stream = stream(megabits, jitterMillis, seed);
            double sum = 0;
            for (int burst = 0; burst < 30; burst++) {
                long began = stream.now();
                for (int i = 0; i < 8; i++) {
                    stream.send(3_000 + sizes.nextInt(30_000));
                }
                stream.run();
                stream.runUntil(Math.max(stream.now(), began + SECOND));
                sum += Math.log(stream.uplinkError());
            }
            assertThat(sum / 30).as("mean of the logarithm, seed %d", seed).isCloseTo(0, within(0.05));
            assertThat(stream.uplinkError()).isCloseTo(1, within(0.15));
        }
    }

    @ParameterizedTest
    @CsvSource({"18.88, 0.2", "1.1, 5"})
    void interleavedFramesDoNotBiasIt(double megabits, double jitterMillis) {
        for (long seed = 0; seed < 10; seed++) {
            SimulatedStream stream = stream(megabits, jitterMillis, seed);
            double sum = 0;
            for (int i = 0; i < 30; i++) {
                stream.send(200_000, 20_000, 3_000, 70_000);
                stream.run();
                stream.runUntil(stream.now() + 300 * MILLI);
                sum += Math.log(stream.uplinkError());
            }
            assertThat(sum / 30).as("mean of the logarithm, seed %d", seed).isCloseTo(0, within(0.05));
        }
    }

    /** Frames come faster than the link takes them for a while, so each waits behind those before it. */
    @Test
    void aBacklogDoesNotBiasIt() {
        SimulatedStream stream = stream(5.85, 1, 4);
        for (int i = 0; i < 60; i++) {
            stream.send(30_000);
            stream.runUntil(stream.now() + 33 * MILLI);
        }
        assertThat(stream.uplink.inFlightBytes()).isGreaterThan(100_000);
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.1));
        stream.run();
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.1));
        assertThat((double) stream.conditions().rttNanos()).isCloseTo(20.0 * MILLI, within(4.0 * MILLI));
    }

    /** Acks that a stall holds up arrive all at once. */
    @Test
    void acksThatComeTogetherMakeOneSample() {
        SimulatedStream stream = settled(18.88, 0.1, 7);
        for (int i = 0; i < 20; i++) {
            stream.lateNanos = 300 * MILLI;
            stream.send(10_000);
            stream.send(10_000);
            stream.send(10_000);
            stream.run();
            stream.sendSerially(2, 10_000, 100 * MILLI);
            assertThat(stream.uplinkError()).as("stall %d", i).isCloseTo(1, within(0.2));
        }
    }

    @Test
    void pingsBehindFramesAreNoRoundTrips() {
        SimulatedStream stream = settled(1.1, 0.1, 1);
        for (int i = 0; i < 10; i++) {
            stream.send(60_000);
            stream.ping(0);
            stream.run();
        }
        assertThat((double) stream.conditions().rttNanos()).isCloseTo(20.0 * MILLI, within(1.5 * MILLI));
        assertThat(stream.conditions().jitterNanos()).isLessThan(2 * MILLI);
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.05));
    }

    @Test
    void framesThatAreGivenUpHalfWayStillTell() {
        SimulatedStream stream = settled(18.88, 0.1, 1);
        SimulatedLink slow = new SimulatedLink(1.1, 20 * MILLI, 0.1 * MILLI, 2);
        SimulatedStream later = new SimulatedStream(slow, stream.estimator);
        later.runUntil(stream.now() + SECOND);
        for (int i = 0; i < 3; i++) {
            later.sendInPart(30_000);
            later.run();
            later.runUntil(later.now() + SECOND);
        }
        assertThat(later.uplinkError()).isCloseTo(1, within(0.15));
        assertThat(later.uplink.isIdle()).isTrue();
    }

    @Test
    void outlivesItsStreams() {
        SimulatedLink link = new SimulatedLink(5.85, 20 * MILLI, 0.1 * MILLI, 1);
        SimulatedStream first = new SimulatedStream(link);
        first.sendSerially(10, 20_000, 100 * MILLI);
        first.send(60_000); // lost with its stream
        SimulatedStream second = new SimulatedStream(link, first.estimator);
        second.runUntil(first.now() + SECOND);
        assertThat(second.uplinkError()).isCloseTo(1, within(0.1));
        second.sendSerially(3, 20_000, 100 * MILLI);
        assertThat(second.uplinkError()).isCloseTo(1, within(0.1));
    }

    @Test
    void theDeviationTellsHowMuchALinkFluctuates() {
        Random random = new Random(3);
        SimulatedLink link = new SimulatedLink(5, 20 * MILLI, 0.2 * MILLI, 1);
        SimulatedStream stream = new SimulatedStream(link);
        double sum = 0;
        int frames = 400;
        for (int i = 0; i < frames; i++) {
            link.rateFrom(stream.now(), 5 * Math.exp(0.3 * random.nextGaussian()));
            stream.sendSerially(1, 20_000, 100 * MILLI);
            sum += Math.log(stream.conditions().uplinkNanosPerByte() / SimulatedLink.perByte(5));
        }
        assertThat(sum / frames).as("mean of the logarithm").isCloseTo(0, within(0.1));
        assertThat(stream.conditions().rateDeviation()).isBetween(0.2, 0.5);
        assertThat(settled(5, 0.2, 1).conditions().rateDeviation()).isLessThan(0.12);
    }

    @Test
    void whatIsOldIsTrustedLess() {
        SimulatedStream stream = settled(5.85, 0.1, 1);
        double fresh = stream.conditions().confidence();
        stream.runUntil(stream.now() + 10 * SECOND);
        double old = stream.conditions().confidence();
        stream.runUntil(stream.now() + 3600 * SECOND);
        assertThat(fresh).isGreaterThan(0.97);
        assertThat(old).isBetween(0.75, 0.9);
        assertThat(stream.conditions().rateDeviation()).isLessThan(1.5);
    }

    @Test
    void followsARoundTripThatGrows() {
        SimulatedLink link = new SimulatedLink(18.88, 20 * MILLI, 0.2 * MILLI, 1);
        SimulatedStream stream = new SimulatedStream(link);
        stream.sendSerially(30, 30_000, 200 * MILLI);
        link.roundTrip(100 * MILLI);
        stream.sendSerially(80, 30_000, 200 * MILLI);
        assertThat((double) stream.conditions().rttNanos()).isCloseTo(100.0 * MILLI, within(2.0 * MILLI));
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.15));
        link.roundTrip(10 * MILLI);
        stream.sendSerially(20, 30_000, 200 * MILLI);
        assertThat((double) stream.conditions().rttNanos()).isCloseTo(10.0 * MILLI, within(2.0 * MILLI));
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.15));
    }

    @ParameterizedTest
    @ValueSource(doubles = {18.88, 1.1})
    void largeRepliesTellTheDownlinkAndDoNotSpoilTheUplink(double megabits) {
        SimulatedStream stream = stream(megabits, 0.2, 1);
        Random random = new Random(2);
        for (int i = 0; i < 60; i++) {
            stream.send(20_000);
            stream.ask(20_000, random.nextInt(40) * MILLI, 50_000);
            stream.ask(20_000, random.nextInt(40) * MILLI, 50_000);
            stream.run();
            stream.runUntil(stream.now() + 100 * MILLI);
        }
        assertThat(stream.conditions().downlinkNanosPerByte() / SimulatedLink.perByte(megabits))
                .isCloseTo(1, within(0.15));
        assertThat(stream.uplinkError()).isCloseTo(1, within(0.15));
    }

    @Test
    void smallRepliesSayNothingOfTheDownlink() {
        SimulatedStream stream = stream(18.88, 0.2, 1);
        for (int i = 0; i < 50; i++) {
            stream.ask(20_000, 5 * MILLI, 100);
            stream.run();
        }
        assertThat(stream.conditions().downlinkNanosPerByte()).isNaN();
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 10, 40})
    void whatTheGatewayDoesWithAFrameBeforeItsAckIsNotTheLinks(long readingMillis) {
        for (long seed = 0; seed < 20; seed++) {
            SimulatedStream stream = settled(18.88, 0.1, seed);
            stream.readingNanos = readingMillis * MILLI;
            stream.sendSerially(50, 20_000, 100 * MILLI);
            assertThat(stream.uplinkError()).as("seed %d", seed).isCloseTo(1, within(0.1));
        }
    }

    @Test
    void anEarlierGatewayThatDoesNotSaySoMakesTheLinkSeemSlowerByIt() {
        SimulatedStream stream = settled(18.88, 0.1, 1);
        stream.readingNanos = 4 * MILLI;
        stream.saysReading = false;
        stream.sendSerially(50, 20_000, 100 * MILLI);
        assertThat(stream.uplinkError()).isCloseTo(1 + 4 / (20 * SimulatedLink.perByte(18.88) / 1000), within(0.1));
    }

    /** Frames that arrive while the one before is read are acknowledged when that is over. */
    @ParameterizedTest
    @ValueSource(longs = {2, 7})
    void framesThatArriveWhileOneIsReadDoNotBiasIt(long readingMillis) {
        for (long seed = 0; seed < 20; seed++) {
            SimulatedStream stream = settled(18.88, 0.2, seed);
            stream.readingNanos = readingMillis * MILLI;
            double sum = 0;
            for (int i = 0; i < 40; i++) {
                stream.send(20_000, 20_000, 20_000);
                stream.run();
                stream.runUntil(stream.now() + 200 * MILLI);
                sum += Math.log(stream.uplinkError());
            }
            assertThat(sum / 40).as("mean of the logarithm, seed %d", seed).isCloseTo(0, within(0.15));
        }
    }

    @Test
    void anotherNetworkStartsFromNothing() {
        SimulatedStream stream = settled(18.88, 0.1, 1);
        stream.estimator.networkChanged();
        assertThat(stream.conditions()).isEqualTo(LinkConditions.UNKNOWN);
    }
}
