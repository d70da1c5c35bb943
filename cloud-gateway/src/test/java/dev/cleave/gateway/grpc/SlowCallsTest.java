package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.grpc.RawConnection.Read;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.tls.TestCertificates;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.Open;
import dev.cleave.v1.Ping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Callers of the gRPC port who keep it waiting, and bytes that are no messages: each call and each connection has an end. */
class SlowCallsTest {
    private static final TestModel MODEL = TestModel.named("affine");
    private static final String STREAM = "/cleave.v1.SplitInference/Stream";
    private static final String DESCRIBE = "/cleave.v1.SplitInference/Describe";
    private static final String FETCH = "/cleave.v1.SplitInference/FetchBundle";
    private static final int WINDOW = 1 << 16;
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final GrpcServer.Times IMPATIENT = new GrpcServer.Times(SHORT, SHORT, SHORT, Duration.ofDays(1));

    @TempDir
    Path models;

    @TempDir
    Path files;

    private GatewayFixture gateway;
    private GatewayIdentity identity;
    private GrpcServer server;
    private RawConnection caller;

    @AfterEach
    void stop() throws Exception {
        if (caller != null) {
            caller.close();
        }
        server.close();
        identity.close();
        gateway.close();
    }

    private void start(GatewayConfigBuilder settings, GrpcServer.Times times) throws Exception {
        gateway = new GatewayFixture(models, settings, MODEL);
        identity = GatewayIdentity.open(settings.build().access(), gateway.metrics);
        server = GrpcServer.start(
                0,
                new GrpcServer.Limits(16, 4 << 20, 100),
                List.of(GrpcServer.Service.of(gateway.service)),
                List.of(),
                identity,
                gateway.calls,
                gateway.metrics,
                times);
    }

    private void start() throws Exception {
        start(GatewayConfig.builder(), GrpcServer.Times.USUAL);
    }

    private static void await(LongSupplier figure, long value) {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60); figure.getAsLong() != value; ) {
            assertThat(System.nanoTime()).as("still " + figure.getAsLong()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private void open() throws IOException {
        caller.call(1, STREAM);
        send(ClientMessage.newBuilder()
                .setOpen(Open.newBuilder().setBundleId(gateway.model(0).bundle().id()))
                .build());
    }

    /** Else the gateway may still wait for the Open. */
    private void awaitOpened() throws IOException {
        Read frame = caller.read();
        while (frame.type() != RawConnection.DATA) {
            frame = caller.read();
        }
    }

    private void send(ClientMessage message) throws IOException {
        caller.frame(RawConnection.DATA, 0, 1, RawConnection.message(false, message.toByteArray()));
    }

    private void pass(long seconds) {
        gateway.advance(TimeUnit.SECONDS.toNanos(seconds));
    }

    private static void assertStatus(Read end, int code, String message) {
        assertThat(end.type()).isEqualTo(RawConnection.HEADERS);
        assertThat(end.headers()).containsEntry("grpc-status", Integer.toString(code));
        assertThat(end.headers().get("grpc-message")).contains(message).doesNotContain("%0A");
    }

    private void assertNothingIsLeft() {
        await(gateway.calls::openCalls, 0);
        await(gateway.calls::incomingBytes, 0);
        await(gateway.service::openStreams, 0);
    }

    @Test
    void endsAStreamWhoseMessageStops() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        open();
        awaitOpened();
        caller.frame(RawConnection.DATA, 0, 1, new byte[] {0, 0, 0, 3, (byte) 232, 10, 9, 8, 7, 6});
        await(() -> Math.min(1, gateway.calls.incomingBytes()), 1);
        assertThat(gateway.service.openStreams()).isEqualTo(1);
        pass(29);
        pass(2);
        assertStatus(
                caller.end(1), 4, "message is not whole; expected all of it within 30.0 s, or 1000 bytes a second");
        assertNothingIsLeft();
    }

    @Test
    void waitsForAMessageThatComesSlowly() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        open();
        byte[] ping = RawConnection.message(
                false,
                ClientMessage.newBuilder()
                        .setPing(Ping.newBuilder().setNonce(7).setPadding(ByteString.copyFrom(new byte[30_000])))
                        .build()
                        .toByteArray());
        for (int sent = 0; sent < ping.length; sent += 1000) {
            long before = gateway.calls.incomingBytes();
            byte[] piece = Arrays.copyOfRange(ping, sent, Math.min(ping.length, sent + 1000));
            caller.frame(RawConnection.DATA, 0, 1, piece);
            if (sent + 1000 < ping.length) {
                await(() -> gateway.calls.incomingBytes() > before ? 1 : 0, 1);
            }
            pass(1);
        }
        Read frame = caller.read();
        while (frame.type() != RawConnection.DATA || frame.payload().length > 20) { // The first is Opened.
            frame = caller.read();
        }
        assertThat(frame.payload()).endsWith(0x32, 2, 8, 7); // A Pong of that nonce.
        caller.frame(RawConnection.DATA, RawConnection.END_STREAM, 1);
        assertStatusOk(caller.end(1));
        assertNothingIsLeft();
    }

    private static void assertStatusOk(Read end) {
        assertThat(end.headers()).containsEntry("grpc-status", "0");
    }

    @Test
    void endsACallThatNeverSendsItsRequest() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        caller.call(1, DESCRIBE);
        await(gateway.calls::openCalls, 1);
        while (gateway.calls.openCalls() > 0) { // It may not have begun when the first look is taken.
            pass(31);
        }
        assertStatus(caller.end(1), 4, "message is not whole");
        assertNothingIsLeft();
    }

    /** gRPC keeps a request until its caller has ended it, so that counts, too. */
    @Test
    void countsAWholeRequestThatIsNotEnded() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        caller.call(1, DESCRIBE);
        caller.frame(RawConnection.DATA, 0, 1, RawConnection.message(false, new byte[] {120, 1}));
        caller.call(3, DESCRIBE);
        caller.frame(RawConnection.DATA, RawConnection.END_STREAM, 3, RawConnection.message(false, new byte[0]));
        assertStatusOk(caller.end(3));
        await(gateway.calls::openCalls, 1);
        await(() -> Math.min(1, gateway.calls.incomingBytes()), 1);
        pass(29);
        assertThat(gateway.calls.openCalls()).isEqualTo(1);
        assertThat(gateway.calls.incomingBytes()).isPositive();
        pass(2);
        assertStatus(caller.end(1), 4, "message is not whole");
        assertNothingIsLeft();
    }

    @Test
    void resetsACallWhoseAnswerIsNotTaken() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(0);
        caller.call(1, DESCRIBE);
        caller.frame(RawConnection.DATA, RawConnection.END_STREAM, 1, RawConnection.message(false, new byte[0]));
        byte[] fetch = FetchBundleRequest.newBuilder()
                .setBundleId(gateway.model(0).bundle().id())
                .build()
                .toByteArray();
        caller.call(3, FETCH);
        caller.frame(RawConnection.DATA, RawConnection.END_STREAM, 3, RawConnection.message(false, fetch));
        await(gateway.calls::openCalls, 2);
        while (gateway.calls.openCalls() > 0) {
            pass(301);
        }
        Read end = caller.end(1);
        assertThat(end.type() == RawConnection.RESET || "4".equals(end.headers().get("grpc-status")))
                .as(end.toString())
                .isTrue();
        assertNothingIsLeft();
    }

    /** It takes no more from an agent who does not read than what fits, and then waits for him no longer than for others. */
    @Test
    void resetsAStreamWhoseAgentAsksAndDoesNotRead() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(0);
        open();
        byte[] ping = RawConnection.message(
                false,
                ClientMessage.newBuilder()
                        .setPing(Ping.newBuilder().setNonce(-1))
                        .build()
                        .toByteArray());
        for (int i = 0;
                i < 3000;
                i++) { // Less than HTTP/2's first window, which is reset when it is exceeded: these bytes wait in it,
            // not here.
            caller.frame(RawConnection.DATA, 0, 1, ping);
        }
        await(gateway.service::openStreams, 1);
        while (gateway.calls.openCalls() > 0) {
            pass(301);
        }
        assertNothingIsLeft();
    }

    @Test
    void namesBytesThatAreNoMessage() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        open();
        caller.frame(RawConnection.DATA, 0, 1, RawConnection.message(false, new byte[] {(byte) 255, 1, 2}));
        assertStatus(caller.end(1), 3, "bytes are no message ClientMessage; expected one");
        caller.call(3, DESCRIBE);
        caller.frame(RawConnection.DATA, RawConnection.END_STREAM, 3, RawConnection.message(false, new byte[] {15}));
        assertStatus(caller.end(3), 3, "bytes are no message DescribeRequest; expected one");
        assertNothingIsLeft();
    }

    @Test
    void unpacksNoMoreOfAMessageThanItTakes() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        caller.call(1, STREAM, "grpc-encoding", "gzip");
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            byte[] zeros = new byte[1 << 20];
            CodedOutputStream message = CodedOutputStream.newInstance(gzip);
            message.writeTag(ClientMessage.PING_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            message.writeUInt32NoTag((64 << 20) + 5);
            message.writeTag(Ping.PADDING_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            message.writeUInt32NoTag(64 << 20);
            for (int i = 0; i < 64; i++) {
                message.writeRawBytes(zeros);
            }
            message.flush();
        }
        byte[] bomb = RawConnection.message(true, packed.toByteArray());
        for (int sent = 0; sent < bomb.length; sent += 1 << 14) {
            caller.frame(
                    RawConnection.DATA, 0, 1, Arrays.copyOfRange(bomb, sent, Math.min(bomb.length, sent + (1 << 14))));
        }
        assertStatus(caller.end(1), 8, "exceeds maximum size 4194304");
        assertNothingIsLeft();
    }

    @Test
    void refusesAMessageThatClaimsAGigabyte() throws Exception {
        start();
        caller = new RawConnection(server.port()).greet(WINDOW);
        caller.call(1, STREAM);
        caller.frame(RawConnection.DATA, 0, 1, (byte) 0, (byte) 0x40, (byte) 0, (byte) 0, (byte) 0);
        assertStatus(caller.end(1), 8, "exceeds maximum size 4194304");
        assertNothingIsLeft();
    }

    @Test
    void holdsNoMoreOfAllMessagesThanItMay() throws Exception {
        start(GatewayConfig.builder().maxHeldBytes(20_000), GrpcServer.Times.USUAL);
        caller = new RawConnection(server.port()).greet(WINDOW);
        for (int id : new int[] {1, 3, 5}) {
            caller.call(id, STREAM);
            caller.frame(RawConnection.DATA, 0, id, Arrays.copyOf(new byte[] {0, 0, 0, 100}, 9000));
            int before = 4_000 * (id + 1); // Calls may begin in any order; the third is to find the room taken.
            await(() -> id == 5 || gateway.calls.incomingBytes() > before ? 1 : 0, 1);
        }
        assertStatus(caller.end(5), 8, "bytes of messages that are not whole; expected at most 20000");
        await(() -> gateway.calls.incomingBytes() <= 20_000 ? 1 : 0, 1);
    }

    /** Each byte of a message in a frame of its own: what that costs is more than a byte, and is counted. */
    @Test
    void countsWhatSmallPiecesCost() throws Exception {
        start(GatewayConfig.builder().maxHeldBytes(20_000), GrpcServer.Times.USUAL);
        caller = new RawConnection(server.port()).greet(WINDOW);
        caller.call(1, STREAM);
        caller.frame(RawConnection.DATA, 0, 1, (byte) 0, (byte) 0, (byte) 0, (byte) 100, (byte) 0);
        for (int i = 0; i < 80; i++) {
            long before = gateway.calls.incomingBytes();
            caller.frame(RawConnection.DATA, 0, 1, (byte) 1);
            if (i < 70) { // About as many as there is room for; the last has the call ended.
                await(() -> gateway.calls.incomingBytes() > before ? 1 : 0, 1);
            }
        }
        assertStatus(caller.end(1), 8, "messages that are not whole");
        assertNothingIsLeft();
    }

    @Test
    void closesAConnectionThatNeverSpeaks() throws Exception {
        start(GatewayConfig.builder(), IMPATIENT);
        caller = new RawConnection(server.port());
        while (caller.socket.getInputStream().read() >= 0) {} // The gateway's own greeting, and its end.
    }

    @Test
    void closesAConnectionThatSpeaksAByteAtATime() throws Exception {
        start(GatewayConfig.builder(), IMPATIENT);
        caller = new RawConnection(server.port());
        drip("PRI * HTTP/2.0\r\n\r\nSM\r\n\r".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void closesAConnectionWhoseHeadersNeverEnd() throws Exception {
        start(GatewayConfig.builder(), IMPATIENT);
        caller = new RawConnection(server.port()).greet(WINDOW);
        caller.frame(RawConnection.HEADERS, 0, 1, RawConnection.headers(STREAM));
        caller.out.write(new byte[] {0, 0, 100, RawConnection.CONTINUATION, 0, 0, 0, 0, 1});
        drip(new byte[99]);
        await(gateway.calls::openCalls, 0);
    }

    /** Sends byte after byte, the last again and again, until the gateway has closed the connection. */
    private void drip(byte[] bytes) throws IOException {
        caller.socket.setSoTimeout(5);
        int sent = 0;
        try {
            while (true) {
                try {
                    if (caller.socket.getInputStream().read() < 0) {
                        return;
                    }
                } catch (SocketTimeoutException nothingYet) {
                    if (sent < bytes.length) {
                        caller.out.write(bytes[sent++]);
                    }
                }
            }
        } catch (SocketException closed) {
            assertThat(caller.socket.isConnected()).isTrue();
        }
    }

    @Test
    void closesAConnectionThatDoesNotFinishTheTlsHandshake() throws Exception {
        TestCertificates root = TestCertificates.root("root");
        TestCertificates.Pair pair = TestCertificates.write(root.forLocalhost(), files, "gateway");
        start(GatewayConfig.builder().tlsCertificate(pair.chain()).tlsKey(pair.key()), IMPATIENT);
        caller = new RawConnection(server.port());
        assertThat(caller.socket.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void tellsAConnectionWithoutCallsToComeBackLater() throws Exception {
        start(
                GatewayConfig.builder(),
                new GrpcServer.Times(SHORT, Duration.ofSeconds(30), Duration.ofSeconds(30), SHORT));
        caller = new RawConnection(server.port()).greet(WINDOW);
        Read frame = caller.read();
        while (frame.type() != RawConnection.GO_AWAY) {
            frame = caller.read();
        }
        assertThat(new String(frame.payload(), StandardCharsets.US_ASCII)).contains("max_idle");
    }
}
