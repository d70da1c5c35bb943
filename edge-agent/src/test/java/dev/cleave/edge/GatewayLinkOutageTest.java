package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.link.Connection;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayTarget;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.LinkListener;
import dev.cleave.edge.link.LinkSettings;
import dev.cleave.edge.link.OutgoingFrame;
import dev.cleave.edge.link.RecordedReplies;
import dev.cleave.edge.link.Scheduler;
import dev.cleave.edge.link.VideoPlace;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A link whose gateways swallow what they are sent, on a clock that stands still. Everything happens on the test's thread: what another
 * thread would do in between is done by a hook.
 */
class GatewayLinkOutageTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

    @TempDir
    Path folder;

    private final ManualScheduler clock = new ManualScheduler();
    private final List<String> told = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    /** What happens when a timer is set. */
    private Runnable atTimer = () -> {};
    /** What happens while the listener is told of a connection. */
    private Runnable atConnected = () -> {};

    private FakeGateway a;
    private FakeGateway b;
    private GatewayLink link;
    private long requests;

    @BeforeEach
    void start() throws Exception {
        a = new FakeGateway(new AffineModel().full(folder));
        b = new FakeGateway(new AffineModel().full(folder));
    }

    @AfterEach
    void close() {
        link.close();
        channels.forEach(ManagedChannel::shutdownNow);
        a.close();
        b.close();
    }

    private void open(FakeGateway... gateways) throws Exception {
        LinkSettings settings = LinkSettings.of(new AffineModel().full(folder).id(), 2, "device", "class", "1");
        List<GatewayTarget> targets = new ArrayList<>();
        for (FakeGateway gateway : gateways) {
            ManagedChannel channel = gateway.channel();
            channels.add(channel);
            targets.add(new GatewayTarget(gateway == a ? "a" : "b", channel, channel));
        }
        link = new GatewayLink(targets, settings, point -> 10 * MILLI, new HookedClock(), new Random(1), new Told());
        link.start();
    }

    private final class HookedClock implements Scheduler {
        @Override
        public long nanoTime() {
            return clock.nanoTime();
        }

        @Override
        public Timer schedule(Runnable task, long atNanos) {
            atTimer.run();
            return clock.schedule(task, atNanos);
        }

        @Override
        public void close() {
            clock.close();
        }
    }

    private final class Told implements LinkListener {
        @Override
        public void connected(Connection connection) {
            atConnected.run();
        }

        @Override
        public void up(Connection connection) {
            told.add("up " + connection.address());
        }

        @Override
        public void down(String address, LinkFailure why) {
            told.add("down " + address);
        }
    }

    /** Sends frames over the stream that is open. */
    private void send(int bytes) {
        WaitingForStream waiting = wait(true);
        OutgoingFrame frame = new OutgoingFrame(
                ++requests, 1, 1, 0, clock.nanoTime() + 1000 * SECOND, VideoPlace.NONE, ByteBuffer.allocate(bytes));
        assertThat(waiting.stream.send(frame, new RecordedReplies())).isTrue();
    }

    private WaitingForStream wait(boolean patient) {
        WaitingForStream waiting = new WaitingForStream(patient);
        link.whenOpen(waiting);
        return waiting;
    }

    private void swallow() {
        a.script = FakeGateway.Script.SWALLOW;
        a.answersPings = false;
    }

    @Test
    void aDoubtThatEndsWhileItIsBeingToldIsNone() throws Exception {
        open(a);
        swallow();
        send(1000);
        atTimer = () -> a.session().credit(0, 0);
        clock.advance(500 * MILLI);
        atTimer = () -> {};
        assertThat(link.isUsable()).as("something was heard").isTrue();
        assertThat(told).containsExactly("up a");
    }

    @Test
    void whatIsToldComesInTheOrderInWhichItHappened() throws Exception {
        atConnected = () -> link.close();
        open(a);
        assertThat(told).containsExactly("up a", "down a");
    }

    @Test
    void anOutageBehindALargeFrameIsNoticedAsSoonAsAnyOther() throws Exception {
        a.script = FakeGateway.Script.HOLD;
        a.maxChunkBytes = 4 << 20;
        a.wire = bytes -> clock.pass(20 * MILLI + 10_000L * bytes);
        open(a);
        for (int i = 0; i < 5; i++) {
            link.look(true);
            clock.pass(5 * MILLI);
            send(10_000);
        }
        clock.advance(SECOND);
        a.wire = bytes -> clock.pass(20 * MILLI + 1_000L * bytes);
        send(900_000); // is expected to take 9 s
        clock.advance(SECOND);
        swallow();
        send(100);
        clock.advance(500 * MILLI);
        assertThat(told).containsExactly("up a", "down a");
    }

    @Test
    void whoeverIsAcknowledgedLeavesTheNextOneToBeWatched() throws Exception {
        a.maxChunkBytes = 4 << 20;
        a.wire = bytes -> clock.pass(20 * MILLI + 10_000L * bytes);
        open(a);
        a.script = FakeGateway.Script.HOLD;
        for (int i = 0; i < 5; i++) {
            link.look(true);
            clock.pass(5 * MILLI);
            send(10_000);
        }
        a.wire = bytes -> clock.pass(MILLI);
        swallow();
        send(900_000); // is expected to take 9 s
        send(100);
        clock.advance(SECOND);
        a.session().acknowledge(requests - 1, 0);
        clock.advance(500 * MILLI);
        assertThat(told).containsExactly("up a", "down a");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 20, 45})
    void aLinkThatIsBackIsInUseWithinTwoSeconds(int seconds) throws Exception {
        for (int phase = 0; phase < 30; phase++) {
            open(a);
            assertThat(link.isUsable()).isTrue();
            swallow();
            a.silentAtOpen = true;
            send(1000);
            clock.advance(seconds * SECOND + 100 * phase * MILLI);
            assertThat(link.isUsable()).isFalse();
            a.script = FakeGateway.Script.ANSWER;
            a.answersPings = true;
            a.silentAtOpen = false;
            clock.advance(2 * SECOND);
            assertThat(link.isUsable())
                    .as("outage of %d s and %d ms", seconds, 100 * phase)
                    .isTrue();
            link.close();
        }
    }

    @Test
    void aNetworkThatIsSlowerThanTheOneBeforeIsReachedToo() throws Exception {
        open(a);
        swallow();
        a.silentAtOpen = true;
        send(1000);
        clock.advance(3 * SECOND);
        int attempts = 0;
        long begun = 0;
        for (int i = 0; i < 240 && !link.isUsable(); i++) {
            clock.advance(500 * MILLI);
            begun = a.opens.size() == attempts ? begun : clock.nanoTime();
            attempts = a.opens.size();
            if (!a.session().ended && clock.nanoTime() - begun >= 3 * SECOND) {
                a.session().opened();
            }
        }
        assertThat(attempts).isGreaterThan(10);
        assertThat(link.isUsable()).as("handshakes that take 3 s").isTrue();
    }

    @Test
    void anotherNetworkEndsAttemptsThatHangInTheOldOne() throws Exception {
        a.silentAtOpen = true;
        open(a);
        FakeGateway.Session hanging = a.session();
        WaitingForStream waiting = wait(false);
        a.silentAtOpen = false;
        link.networkChanged();
        assertThat(hanging.ended).isTrue();
        assertThat(a.opens).hasSize(2);
        assertThat(waiting.stream).isNotNull();
        assertThat(told).containsExactly("up a");
        clock.advance(20 * SECOND);
        assertThat(a.opens).hasSize(2);
    }

    @Test
    void anotherNetworkIsAsGoodAsTheFirst() throws Exception {
        a.kill();
        open(a);
        assertThat(link.isUsable()).isFalse();
        a.start();
        a.silentAtOpen = true;
        link.networkChanged();
        assertThat(a.opens).hasSize(1);
        assertThat(link.isUsable()).as("nothing has failed on this one").isTrue();
        clock.advance(4900 * MILLI);
        assertThat(a.session().ended).as("a slow network has its time").isFalse();
    }

    @Test
    void whoeverHasAnotherWayIsToldOfTheFirstFailureAlthoughAttemptsOverlap() throws Exception {
        a.silentAtOpen = true;
        b.silentAtOpen = true;
        open(a, b);
        WaitingForStream impatient = wait(false);
        WaitingForStream patient = wait(true);
        clock.advance(4900 * MILLI);
        assertThat(impatient.failure).as("nothing has failed").isNull();
        clock.advance(100 * MILLI);
        assertThat(impatient.failure.message()).isEqualTo("a: gateway did not open the stream within 5000 ms");
        assertThat(wait(false).failure).as("who comes later").isNotNull();
        clock.advance(60 * SECOND);
        assertThat(patient.failure).as("attempts overlap").isNull();
        b.silentAtOpen = false;
        clock.advance(15 * SECOND);
        assertThat(patient.stream).isNotNull();
    }

    @Test
    void aGatewayThatDrainsWhatItHasJustOpenedIsNotAskedAgainAtOnce() throws Exception {
        a.drainsAtOpen = 40;
        open(a);
        clock.advance(SECOND);
        assertThat(a.opens.size()).isBetween(3, 9);
        clock.advance(9 * SECOND);
        assertThat(a.opens.size()).isBetween(8, 20);
    }

    @Test
    void aGatewayThatBreaksWhatItHasJustOpenedIsLeftAloneForLongerEachTime() throws Exception {
        atConnected = () -> a.session().fail(Status.UNAVAILABLE);
        open(a);
        clock.advance(10 * SECOND);
        assertThat(a.opens.size()).isBetween(5, 20);
    }
}
