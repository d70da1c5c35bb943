package dev.cleave.cli.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.cli.units.BitRate;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real sockets on the loopback interface; that the times are right is {@link LinkClockTest}'s. */
@Timeout(60)
class LinkShaperTest {
    private static final LinkRates FAST =
            new LinkRates(BitRate.parse("400mbit"), BitRate.parse("200mbit"), Duration.ofMillis(2));

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private ServerSocket server;
    private LinkShaper link;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        link = LinkShaper.startLocal(server.getLocalPort(), FAST);
    }

    @AfterEach
    void stop() throws IOException {
        link.close();
        server.close();
        threads.shutdownNow();
    }

    @Test
    void bytesArriveCompleteAndInOrderInBothDirectionsOfManyConnections() throws Exception {
        int connections = 8;
        List<Future<?>> transfers = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Socket client = connect();
            Socket accepted = server.accept();
            transfers.add(threads.submit(send(client, 2 * i, 700_000)));
            transfers.add(threads.submit(send(accepted, 2 * i + 1, 500_000)));
            transfers.add(threads.submit(expect(accepted, 2 * i, 700_000)));
            transfers.add(threads.submit(expect(client, 2 * i + 1, 500_000)));
        }
        for (Future<?> transfer : transfers) {
            transfer.get();
        }
        assertThat(link.bytesUp()).isEqualTo(connections * 700_000L);
        assertThat(link.bytesDown()).isEqualTo(connections * 500_000L);
    }

    @Test
    void halfAClosedConnectionGoesOnTheOtherWay() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            client.getOutputStream().write(1);
            client.shutdownOutput();
            assertThat(accepted.getInputStream().readAllBytes()).containsExactly(1);
            accepted.getOutputStream().write(new byte[] {2, 3});
            accepted.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).containsExactly(2, 3);
        }
    }

    @Test
    void theSenderFeelsTheLink() throws Exception {
        link.setRates(new LinkRates(BitRate.parse("8kbit"), BitRate.parse("8kbit"), Duration.ofMillis(10)));
        try (Socket client = new Socket()) {
            client.setSendBufferSize(16 * 1024);
            client.connect(new InetSocketAddress("127.0.0.1", link.port()));
            Future<?> flood = threads.submit(send(client, 1, 1 << 20));
            try (Socket accepted = server.accept()) {
                assertThat(accepted.getInputStream().read()).isNotNegative();
                // A mebibyte takes 17 minutes on this link: had the sender been let go, the relay would hold it.
                assertThat(flood).isNotDone();
            }
        }
    }

    @Test
    void cutResetsConnectionsAndRefusesNewOnesUntilRestored() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            link.cut();
            assertBroken(client);
            assertBroken(accepted);
        }
        try (Socket refused = connect()) {
            assertBroken(refused);
        } catch (SocketException alsoFine) {
            assertThat(alsoFine).hasMessageContaining("reset");
        }
        link.restore();
        assertEcho();
    }

    @Test
    void aBlackHoleKeepsConnectionsAndLosesNothing() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            roundTrip(client, accepted);
            link.blackHole(true);
            client.getOutputStream().write(42);
            accepted.setSoTimeout(50);
            assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            accepted.setSoTimeout(0);
            link.restore();
            assertThat(accepted.getInputStream().read()).isEqualTo(42);
        }
    }

    @Test
    void aTargetThatIsNotThereResetsTheClientAndTheLinkGoesOn() throws Exception {
        int port = server.getLocalPort();
        server.close();
        try (Socket client = connect()) {
            assertBroken(client);
        } catch (SocketException alsoFine) {
            assertThat(alsoFine).hasMessageContaining("reset");
        }
        server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress("127.0.0.1", port));
        assertEcho();
    }

    @Test
    void aBrokenConnectionBreaksForTheOtherSideToo() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            roundTrip(client, accepted);
            resetNow(accepted);
            assertBroken(client);
        }
    }

    @Test
    void playsATrace() throws Exception {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            roundTrip(client, accepted);
            link.play(LinkTrace.parse("t", List.of("0 1mbit", "0.001 down")));
            assertBroken(client);
        }
    }

    @Test
    void closeFreesThePortAndMayBeRepeated() throws Exception {
        Socket client = connect();
        server.accept();
        link.close();
        link.close();
        assertBroken(client);
        try (ServerSocket again = new ServerSocket()) {
            again.setReuseAddress(true);
            again.bind(new InetSocketAddress("127.0.0.1", link.port()));
            assertThat(again.isBound()).isTrue();
        }
    }

    private Socket connect() throws IOException {
        return new Socket("127.0.0.1", link.port());
    }

    private void assertEcho() throws IOException {
        try (Socket client = connect();
                Socket accepted = server.accept()) {
            roundTrip(client, accepted);
        }
    }

    private static void roundTrip(Socket client, Socket accepted) throws IOException {
        client.getOutputStream().write(7);
        assertThat(accepted.getInputStream().read()).isEqualTo(7);
        accepted.getOutputStream().write(8);
        assertThat(client.getInputStream().read()).isEqualTo(8);
    }

    private static void resetNow(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private static void assertBroken(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
    }

    private static Callable<Void> send(Socket socket, int seed, int count) {
        return () -> {
            byte[] bytes = bytes(seed, count);
            Random chunking = new Random(seed);
            OutputStream out = socket.getOutputStream();
            for (int from = 0; from < count; ) {
                int length = Math.min(count - from, 1 + chunking.nextInt(20_000));
                out.write(bytes, from, length);
                from += length;
            }
            socket.shutdownOutput();
            return null;
        };
    }

    private static Callable<Void> expect(Socket socket, int seed, int count) {
        return () -> {
            InputStream in = socket.getInputStream();
            assertThat(Arrays.equals(in.readNBytes(count), bytes(seed, count))).isTrue();
            assertThat(in.read()).isEqualTo(-1);
            return null;
        };
    }

    private static byte[] bytes(int seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
