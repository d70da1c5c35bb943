package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.link.Connection;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.GatewayTarget;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.LinkListener;
import dev.cleave.edge.link.LinkSettings;
import dev.cleave.edge.link.OutgoingFrame;
import dev.cleave.edge.link.Permit;
import dev.cleave.edge.link.RecordedReplies;
import dev.cleave.edge.link.VideoPlace;
import io.grpc.ManagedChannel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A link with two gateways, {@code a} and {@code b}, on a clock that stands still; everything happens on the test's thread. */
class GatewayLinkFailoverTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final long RTT = 20 * MILLI;

    @TempDir
    Path folder;

    private final ManualScheduler clock = new ManualScheduler();
    private final List<String> told = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private FakeGateway a;
    private FakeGateway b;
    private GatewayLink link;
    private long requests;

    @BeforeEach
    void start() throws Exception {
        a = new FakeGateway(new AffineModel().full(folder));
        b = new FakeGateway(new AffineModel().full(folder));
        link = link(a, b);
        link.start();
    }

    @AfterEach
    void close() {
        link.close();
        channels.forEach(ManagedChannel::shutdownNow);
        a.close();
        b.close();
    }

    private GatewayLink link(FakeGateway... gateways) throws Exception {
        LinkSettings settings = LinkSettings.of(new AffineModel().full(folder).id(), 2, "device", "class", "1");
        List<GatewayTarget> targets = new ArrayList<>();
        for (FakeGateway gateway : gateways) {
            ManagedChannel channel = gateway.channel();
            channels.add(channel);
            targets.add(new GatewayTarget(gateway == a ? "a" : "b", channel, channel));
        }
        LinkListener listener = new LinkListener() {
            @Override
            public void up(Connection connection) {
                told.add("up " + connection.address());
            }

            @Override
            public void down(String address, LinkFailure why) {
                told.add("down " + address + ": " + why.message());
            }
        };
        return new GatewayLink(targets, settings, point -> 10 * MILLI, clock, new Random(1), listener);
    }

    private GatewayStream open() {
        WaitingForStream waiting = new WaitingForStream(true);
        link.whenOpen(waiting);
        assertThat(waiting.failure).isNull();
        return waiting.stream;
    }

    private String inUse() {
        return open().connection().address();
    }

    /** A request each 100 ms is late. */
    private void hang(long nanos) {
        for (long end = clock.nanoTime() + nanos; clock.nanoTime() < end; clock.advance(100 * MILLI)) {
            link.ended(link.begun(open()), false);
        }
    }

    @Test
    void oneThatTakesRequestsAndDoesNotAnswerInTimeIsLeft() throws Exception {
        hang(4 * SECOND);
        assertThat(inUse()).isEqualTo("a");
        hang(3 * SECOND);
        assertThat(inUse()).isEqualTo("b");
        assertThat(link.isUsable()).as("that one is not to blame").isTrue();
        assertThat(told)
                .containsExactly("up a", "down a: gateway takes requests and does not answer them in time", "up b");
        clock.advance(600 * SECOND);
        assertThat(inUse()).isEqualTo("b");
        assertThat(a.opens).hasSize(1);
    }

    @Test
    void itIsNotLeftWhereNoOtherCanBeHad() throws Exception {
        a.kill();
        assertThat(inUse()).isEqualTo("b");
        link.close();
        a.start();
        b.kill();
        link = link(a);
        link.start();
        hang(20 * SECOND);
        assertThat(inUse()).isEqualTo("a");
        assertThat(a.opens).hasSize(2);
    }

    @Test
    void aRequestIsCountedAtTheGatewayThatItWasSentTo() throws Exception {
        List<Permit> atA = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            atA.add(link.begun(open()));
        }
        a.kill();
        assertThat(inUse()).isEqualTo("b");
        atA.forEach(permit -> link.ended(permit, false));
        assertThat(link.isUsable()).isTrue();
    }

    @Test
    void whatIsKnownOfAGatewayStaysWithItsAddress() throws Exception {
        a.points = Arrays.asList(1, 2);
        a.script = FakeGateway.Script.HOLD;
        b.script = FakeGateway.Script.HOLD;
        a.wire = bytes -> clock.pass(RTT + bytes * 1000L);
        b.wire = bytes -> clock.pass(RTT + bytes * 5000L);
        link.networkChanged();
        assertThat(link.points()).containsExactly(1, 2);
        send(5);
        assertRate(1000);
        a.kill();
        assertThat(link.points()).contains(0);
        assertThat(link.conditions(clock.nanoTime()).uplinkNanosPerByte()).isNaN();
        send(5);
        assertRate(5000);
        a.start();
        clock.advance(2 * SECOND);
        b.kill();
        assertThat(inUse()).isEqualTo("a");
        assertRate(1000);
    }

    private void assertRate(double nanosPerByte) {
        assertThat(link.conditions(clock.nanoTime()).uplinkNanosPerByte())
                .isCloseTo(nanosPerByte, within(0.05 * nanosPerByte));
    }

    private void send(int frames) {
        for (int i = 0; i < frames; i++) {
            link.look(true);
            clock.pass(5 * MILLI);
            ByteBuffer payload = ByteBuffer.allocate(50_000);
            open().send(
                            new OutgoingFrame(
                                    ++requests, 1, 1, 0, clock.nanoTime() + 1000 * SECOND, VideoPlace.NONE, payload),
                            new RecordedReplies());
            clock.advance(200 * MILLI);
        }
    }

    @Test
    void whoeverWaitsIsToldOnlyWhenNoAttemptIsLeft() throws Exception {
        link.close();
        a.silentAtOpen = true;
        b.kill();
        link = link(a, b);
        link.start();
        WaitingForStream waiting = new WaitingForStream(true);
        link.whenOpen(waiting);
        clock.advance(SECOND);
        assertThat(waiting.failure).as("b has failed, a may still answer").isNull();
        clock.advance(4 * SECOND);
        assertThat(waiting.failure.message())
                .startsWith("a: gateway did not open the stream within 5000 ms; b: stream to the gateway ended");
    }
}
