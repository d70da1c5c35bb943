package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.link.Connection;
import dev.cleave.edge.link.GatewayLink;
import dev.cleave.edge.link.GatewayStream;
import dev.cleave.edge.link.GatewayTarget;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.LinkListener;
import dev.cleave.edge.link.LinkSettings;
import dev.cleave.edge.link.OutgoingFrame;
import dev.cleave.edge.link.RecordedReplies;
import dev.cleave.edge.link.VideoPlace;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Ping;
import io.grpc.ManagedChannel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a link learns from its traffic, on a clock that moves as bytes cross: 20 ms of round trip, 8 Mbit/s up. */
class GatewayLinkTest {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;
    private static final long RTT = 20 * MILLI;
    private static final int NANOS_PER_BYTE = 1000;

    @TempDir
    Path folder;

    private final ManualScheduler clock = new ManualScheduler();
    private FakeGateway gateway;
    private ManagedChannel channel;
    private GatewayLink link;
    private final List<Connection> connections = new ArrayList<>();
    private long requests;

    @BeforeEach
    void start() throws Exception {
        gateway = new FakeGateway(new AffineModel().full(folder));
        gateway.script = FakeGateway.Script.HOLD;
        gateway.wire = bytes -> clock.pass(RTT + (long) bytes * NANOS_PER_BYTE);
        channel = gateway.channel();
    }

    @AfterEach
    void close() {
        link.close();
        channel.shutdownNow();
        gateway.close();
    }

    private void open(long probeBytesPerMinute) throws Exception {
        LinkSettings settings = LinkSettings.of(new AffineModel().full(folder).id(), 2, "device", "class", "1")
                .withProbeBytesPerMinute(probeBytesPerMinute);
        LinkListener recording = new LinkListener() {
            @Override
            public void connected(Connection connection) {
                connections.add(connection);
            }

            @Override
            public void up(Connection connection) {}

            @Override
            public void down(String address, LinkFailure why) {}
        };
        List<GatewayTarget> targets = Collections.singletonList(new GatewayTarget("a:1", channel, channel));
        link = new GatewayLink(targets, settings, point -> 10 * MILLI, clock, new Random(1), recording);
        link.start();
    }

    private void open() throws Exception {
        open(LinkSettings.PROBE_BYTES_PER_MINUTE);
    }

    private void send(int bytes) {
        link.look(true);
        clock.pass(5 * MILLI); // the head
        stream(bytes);
    }

    private void stream(int bytes) {
        OutgoingFrame frame = new OutgoingFrame(
                ++requests, 1, 1, 0, clock.nanoTime() + 1000 * SECOND, VideoPlace.NONE, ByteBuffer.allocate(bytes));
        link.whenOpen(new GatewayLink.Waiter() {
            @Override
            public boolean isPatient() {
                return true;
            }

            @Override
            public void opened(GatewayStream stream) {
                assertThat(stream.send(frame, new RecordedReplies())).isTrue();
            }

            @Override
            public void unavailable(LinkFailure failure) {
                throw new AssertionError(failure);
            }
        });
    }

    private LinkConditions conditions() {
        return link.conditions(clock.nanoTime());
    }

    private List<Integer> paddings() {
        return gateway.pings.stream()
                .map(Ping::getPadding)
                .map(padding -> padding.size())
                .toList();
    }

    @Test
    void learnsTheLinkFromFramesAndKeepsItWhenTheStreamIsGone() throws Exception {
        open();
        assertThat(conditions().uplinkNanosPerByte()).isNaN();
        for (int i = 0; i < 5; i++) {
            send(50_000);
            clock.advance(200 * MILLI);
        }
        assertThat(conditions().uplinkNanosPerByte()).isCloseTo(NANOS_PER_BYTE, within(30.0));
        assertThat((double) conditions().rttNanos()).isCloseTo(RTT, within(0.5 * MILLI));
        assertThat(conditions().inFlightBytes()).isZero();
        assertThat(conditions().confidence()).isGreaterThan(0.95);
        gateway.kill();
        assertThat(conditions().uplinkNanosPerByte()).isCloseTo(NANOS_PER_BYTE, within(30.0));
        gateway.start();
        clock.advance(10 * SECOND);
        send(50_000);
        assertThat(gateway.sessions).hasSize(2);
        assertThat(conditions().uplinkNanosPerByte()).isCloseTo(NANOS_PER_BYTE, within(30.0));
    }

    @Test
    void eachConnectionIsToldAlsoWhereNothingWasDown() throws Exception {
        open();
        link.networkChanged();
        clock.advance(2 * SECOND);
        gateway.session().drain();
        assertThat(connections)
                .containsExactly(
                        new Connection(1, "a:1", "fake"),
                        new Connection(2, "a:1", "fake"),
                        new Connection(3, "a:1", "fake"));
    }

    @Test
    void theGatewayIsToldWhatTheLinkLeavesOfADeadline() throws Exception {
        open();
        for (int i = 0; i < 5; i++) {
            send(50_000);
        }
        double micros = gateway.chunks.get(4).getRemainingMicros();
        assertThat(micros).isCloseTo(1_000_000_000 - 20_000 - 50_000, within(3000.0));
    }

    @Test
    void aPingGoesAheadOfARequestThatFindsTheLinkIdle() throws Exception {
        open();
        for (int i = 0; i < 5; i++) {
            send(1000);
        }
        assertThat(gateway.pings).as("until there are a few").hasSize(4);
        clock.advance(SECOND);
        send(1000);
        send(1000);
        assertThat(gateway.pings).as("then once a second").hasSize(5);
        assertThat(paddings()).containsOnly(0);
    }

    @Test
    void whatIsNotAcknowledgedIsInFlight() throws Exception {
        open();
        gateway.script = FakeGateway.Script.HOLD;
        gateway.wire = bytes -> {
            if (bytes == 7000) {
                assertThat(conditions().inFlightBytes()).isBetween(7000L, 7200L);
            }
        };
        send(7000);
        assertThat(gateway.chunks).hasSize(1);
        assertThat(conditions().inFlightBytes()).isZero();
    }

    @Test
    void probesWhileRequestsStayOnTheDevice() throws Exception {
        open();
        link.look(false);
        link.look(false);
        link.look(false);
        assertThat(paddings()).as("in turn with pings").containsExactly(0, 0, 4096, 0);
        assertThat(conditions().uplinkNanosPerByte()).isCloseTo(NANOS_PER_BYTE, within(300.0));
        for (int i = 0; i < 600; i++) {
            clock.advance(100 * MILLI);
            link.look(false);
        }
        assertThat(conditions().uplinkNanosPerByte()).isCloseTo(NANOS_PER_BYTE, within(100.0));
        assertThat(paddings().stream().mapToInt(Integer::intValue).sum()).isBetween(10_000, 256 * 1024);
        assertThat(paddings().stream().filter(padding -> padding > 0).count()).isBetween(60L, 121L);
    }

    @Test
    void doesNotLookBesideFramesNorProbeWithoutABudget() throws Exception {
        open();
        send(10);
        int before = gateway.pings.size();
        gateway.wire = bytes -> link.look(false);
        stream(7000);
        assertThat(gateway.chunks).hasSize(2);
        assertThat(gateway.pings).hasSize(before);
        link.close();
        open(0);
        for (int i = 0; i < 10; i++) {
            link.look(false);
        }
        assertThat(paddings()).containsOnly(0);
    }

    @Test
    void learnsTheLoadFromReplies() throws Exception {
        open();
        gateway.timing = GatewayTiming.newBuilder()
                .setQueueMicros(7000)
                .setTailMicros(25_000)
                .setResidenceMicros(33_000)
                .build();
        send(1000);
        gateway.awaitRequest().answerWith(ByteBuffer.allocate(100));
        assertThat(conditions().queueNanos()).isEqualTo(7 * MILLI);
        assertThat(conditions().tailScale()).isEqualTo(2.5);
    }
}
