package dev.cleave.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A port that speaks TLS, over real sockets: handshakes that do not end, callers in the clear, certificates that change. */
class SecureHttpTest {
    private static final String LIVE = "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String ASK = "GET /v2/models/m HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final Request.Handler NOTHING = (request, response, callback) -> false;
    private static final int MANY = 100;

    @TempDir
    Path files;

    private final TestCertificates root = TestCertificates.root("root");
    private final GatewayConfigBuilder settings = GatewayConfig.builder();
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger looksAtTheClock = new AtomicInteger();
    private final List<Socket> sockets = new ArrayList<>();
    private Path rootFile;
    private GatewayIdentity identity;
    private HttpServer server;

    @BeforeEach
    void write() throws Exception {
        rootFile = root.writeRoot(files.resolve("root.crt"));
        TestCertificates.Pair pair = TestCertificates.write(root.forLocalhost(), files, "gateway");
        settings.tlsCertificate(pair.chain()).tlsKey(pair.key());
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        if (server != null) {
            server.close();
        }
        if (identity != null) {
            identity.close();
        }
    }

    private void start(int connections, HttpServer.Times times, Request.Handler inference) throws Exception {
        identity = GatewayIdentity.open(settings.build().access(), metrics);
        HttpServer.Tls tls = new HttpServer.Tls(identity::sslContext, identity.asksForCertificates());
        server = HttpServer.start(
                new HttpServer.Place("HTTP", "", 0, connections, Endpoints::refuse, tls),
                new Endpoints(metrics, () -> true, List::of, () -> "", inference),
                times,
                () -> {
                    looksAtTheClock.incrementAndGet();
                    return nanos.get();
                });
    }

    private void pass(long seconds) {
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
        server.sweep();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("localhost", server.port());
        sockets.add(socket);
        return socket;
    }

    private SSLSocket over(Socket socket, SSLContext context) throws IOException {
        return (SSLSocket) context.getSocketFactory().createSocket(socket, "localhost", server.port(), true);
    }

    private SSLSocket connect(SSLContext context) throws IOException {
        return over(connect(), context);
    }

    private SSLContext trusting(Path roots) throws Exception {
        return TestCertificates.context(roots, null);
    }

    private SSLContext showing(TestCertificates signer, String name) throws Exception {
        return TestCertificates.context(rootFile, TestCertificates.write(signer.forName(name), files, name));
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /** Up to the end of the body {@code live}, or of the connection. */
    private static String ask(Socket socket) throws IOException {
        send(socket, LIVE);
        StringBuilder read = new StringBuilder();
        while (read.indexOf("live\n") < 0) {
            int next = socket.getInputStream().read();
            if (next < 0) {
                break;
            }
            read.append((char) next);
        }
        return read.toString();
    }

    /** Whether a new connection gets an answer; in TLS 1.3 a refusal comes after the caller's handshake. */
    private boolean answers(SSLContext context, String... versions) throws IOException {
        try (SSLSocket socket = connect(context)) {
            if (versions.length > 0) {
                socket.setEnabledProtocols(versions);
            }
            return ask(socket).startsWith("HTTP/1.1 200 ");
        } catch (SocketException | SSLException refused) {
            return false;
        }
    }

    /** Whether the server closes it, which is waited for. */
    private static boolean isClosed(Socket socket) throws IOException {
        try {
            socket.getInputStream().readAllBytes(); // TLS may say good-bye.
            return true;
        } catch (SocketException | SSLException reset) {
            return true;
        }
    }

    private void awaitConnections(int count) {
        while (server.connections() != count) {
            Thread.onSpinWait();
        }
    }

    /** What a caller of TLS says first. */
    private byte[] hello() throws Exception {
        SSLEngine engine = trusting(rootFile).createSSLEngine("localhost", server.port());
        engine.setUseClientMode(true);
        ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), record);
        byte[] bytes = new byte[record.position()];
        record.flip().get(bytes);
        return bytes;
    }

    @Test
    void closesAConnectionThatDoesNotBeginItsHandshake() throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        Socket silent = connect();
        awaitConnections(1);
        pass(19);
        assertThat(server.connections()).isEqualTo(1);
        pass(2);
        assertThat(isClosed(silent)).isTrue();
        assertThat(answers(trusting(rootFile))).isTrue();
    }

    @Test
    void closesAConnectionWhoseHandshakeComesAByteAtATime() throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        byte[] hello = hello();
        Socket slow = connect();
        awaitConnections(1);
        for (int i = 0; i < 19; i++) {
            slow.getOutputStream().write(hello[i]);
            pass(1);
        }
        assertThat(server.connections()).isEqualTo(1);
        pass(2);
        assertThat(isClosed(slow)).isTrue();
    }

    @Test
    void closesAConnectionThatGoesNoFurtherThanHello() throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        Socket half = connect();
        half.getOutputStream().write(hello());
        assertThat(half.getInputStream().read()).isEqualTo(0x16); // The server's own part of the handshake.
        pass(19);
        assertThat(server.connections()).isEqualTo(1);
        pass(2);
        awaitConnections(0);
    }

    /** Without another byte, by the socket's idle time and no sweep at all. */
    @Test
    void closesAHandshakeThatStands() throws Exception {
        start(MANY, HttpServer.Times.USUAL.withIdle(Duration.ofMillis(50)), NOTHING);
        Socket silent = connect();
        assertThat(isClosed(silent)).isTrue();
        Socket half = connect();
        half.getOutputStream().write(hello(), 0, 40);
        assertThat(isClosed(half)).isTrue();
    }

    @Test
    void givesARequestItsTimeFromTheHandshakeOn() throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        SSLSocket caller = connect(trusting(rootFile));
        caller.startHandshake();
        while (looksAtTheClock.get() < 2) { // The connection's beginning, and the end of its handshake.
            Thread.onSpinWait();
        }
        pass(40);
        assertThat(ask(caller)).startsWith("HTTP/1.1 200 ");
        pass(59);
        assertThat(ask(caller)).startsWith("HTTP/1.1 200 ");
        pass(61);
        assertThat(isClosed(caller)).isTrue();
    }

    @Test
    void aHandshakeCountsAmongTheConnectionsThatMayBeOpen() throws Exception {
        start(2, HttpServer.Times.USUAL, NOTHING);
        Socket silent = connect();
        awaitConnections(1);
        SSLSocket served = connect(trusting(rootFile));
        assertThat(ask(served)).startsWith("HTTP/1.1 200 ");
        Socket waiting = connect();
        waiting.getOutputStream().write(hello());
        for (int i = 0; i < 20; i++) {
            assertThat(ask(served)).startsWith("HTTP/1.1 200 ");
            assertThat(server.connections()).isEqualTo(2);
            assertThat(waiting.getInputStream().available()).isZero();
        }
        silent.close();
        assertThat(waiting.getInputStream().read()).isEqualTo(0x16);
    }

    @Test
    void tellsWhoSpeaksInTheClearThatItSpeaksTls() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        start(MANY, HttpServer.Times.USUAL, (request, response, callback) -> {
            asked.incrementAndGet();
            return false;
        });
        Socket clear = connect();
        send(clear, ASK);
        String answer = new String(clear.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        assertThat(answer)
                .startsWith("HTTP/1.1 400 Bad Request\r\n")
                .contains("\r\nConnection: close\r\n")
                .contains("\r\n\r\n{\"error\":\"this port speaks TLS; expected https\"}\n");
        assertThat(asked).hasValue(0);
        Socket nonsense = connect();
        nonsense.getOutputStream().write(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        assertThat(new String(nonsense.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                .doesNotContain("HTTP");
        awaitConnections(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksEither(String version) throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        SSLSocket caller = connect(trusting(rootFile));
        caller.setEnabledProtocols(new String[] {version});
        assertThat(ask(caller)).startsWith("HTTP/1.1 200 ");
        assertThat(caller.getSession().getProtocol()).isEqualTo(version);
        assertThat(caller.getSession().getCipherSuite()).contains("GCM");
    }

    /** An application that waits until it is let go on, and watches its caller. */
    private static final class Waiting implements Request.Handler {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch gone = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            CallerWatch.of(request).whenGone(gone::countDown);
            asked.countDown();
            new Thread(() -> {
                        try {
                            goOn.await();
                            response.write(true, ByteBuffer.wrap(new byte[] {'o', 'k', '\n'}), callback);
                        } catch (InterruptedException e) {
                            callback.failed(e);
                        }
                    })
                    .start();
            return true;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void noticesThatACallerHasGoneWhetherHeSaysSoOrNot(boolean saysSo) throws Exception {
        Waiting waiting = new Waiting();
        start(MANY, HttpServer.Times.USUAL, waiting);
        Socket socket = connect();
        SSLSocket caller = over(socket, trusting(rootFile));
        send(caller, ASK);
        waiting.asked.await();
        if (saysSo) {
            caller.close();
        } else {
            socket.close();
        }
        waiting.gone.await();
        waiting.goOn.countDown();
    }

    @Test
    void losesNothingThatCameWhileItsCallerWasWatched() throws Exception {
        Waiting waiting = new Waiting();
        start(MANY, HttpServer.Times.USUAL, waiting);
        SSLSocket caller = connect(trusting(rootFile));
        send(caller, ASK);
        waiting.asked.await();
        send(caller, ASK.substring(0, 1));
        send(caller, ASK.substring(1) + LIVE);
        waiting.goOn.countDown();
        StringBuilder read = new StringBuilder();
        while (read.indexOf("live\n") < 0) {
            read.append((char) caller.getInputStream().read());
        }
        assertThat(read.toString().split("HTTP/1.1 200 OK", -1)).hasSize(4);
        assertThat(waiting.gone.getCount()).isEqualTo(1);
    }

    /** A batch may run for longer than a connection may say nothing. */
    @Test
    void waitsForAnAnswerLongerThanForARequest() throws Exception {
        Waiting waiting = new Waiting();
        start(MANY, HttpServer.Times.USUAL.withIdle(Duration.ofSeconds(2)), waiting);
        SSLSocket asking = connect(trusting(rootFile));
        send(asking, ASK);
        waiting.asked.await();
        Socket silent = connect();
        assertThat(isClosed(silent)).isTrue(); // So the time has passed, for both.
        waiting.goOn.countDown();
        assertThat(asking.getInputStream().read()).isEqualTo('H');
    }

    @Test
    void showsARenewedCertificateToNewConnectionsAndKeepsTheOthers() throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        SSLSocket before = connect(trusting(rootFile));
        assertThat(ask(before)).startsWith("HTTP/1.1 200 ");
        TestCertificates other = TestCertificates.root("other");
        SSLContext trustingOther = trusting(other.writeRoot(files.resolve("other.crt")));
        assertThat(answers(trustingOther)).isFalse();
        TestCertificates.write(other.forLocalhost(), files, "gateway");
        identity.refresh();
        assertThat(answers(trustingOther)).isTrue();
        assertThat(answers(trusting(rootFile))).isFalse();
        assertThat(ask(before)).startsWith("HTTP/1.1 200 ");
    }

    @Test
    void keepsItsCertificateWhileTheNewOneIsHalfWritten() throws Exception {
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        Files.writeString(files.resolve("gateway.crt"), root.forLocalhost().certificatePem());
        identity.refresh();
        assertThat(answers(trusting(rootFile))).isTrue();
        assertThat(metrics.scrape()).contains("cleave_reload_failures_total{what=\"certificate\"} 1.0");
    }

    @Test
    void letsInCallersWithACertificateOfTheRightRootAlone() throws Exception {
        settings.tlsClientCa(rootFile);
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        assertThat(answers(showing(root, "camera-1"))).isTrue();
        assertThat(answers(trusting(rootFile))).isFalse();
        assertThat(answers(showing(TestCertificates.root("other"), "camera-2"))).isFalse();
    }

    /** A session that is resumed shows no certificate, so one of before must not be. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void looksAtWhoComesBackAgainOnceOtherRootsAreTrusted(String version) throws Exception {
        Path clientCa = root.writeRoot(files.resolve("devices.crt"));
        settings.tlsClientCa(clientCa);
        start(MANY, HttpServer.Times.USUAL, NOTHING);
        SSLContext camera = showing(root, "camera-1");
        assertThat(answers(camera, version)).isTrue();
        assertThat(answers(camera, version)).isTrue();
        TestCertificates other = TestCertificates.root("other");
        other.writeRoot(clientCa);
        identity.refresh();
        assertThat(answers(camera, version)).isFalse();
        assertThat(answers(showing(other, "camera-2"), version)).isTrue();
    }
}
