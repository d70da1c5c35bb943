package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.identity.GatewayIdentity;
import dev.cleave.gateway.model.TestModel;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More connections than there may be. */
class ConnectionBoundTest {
    @TempDir
    Path models;

    private final List<Socket> sockets = new ArrayList<>();
    private GatewayFixture gateway;
    private GatewayIdentity identity;
    private GrpcServer server;

    @BeforeEach
    void start() throws Exception {
        gateway = new GatewayFixture(models, GatewayConfig.builder(), TestModel.named("m"));
        identity = GatewayIdentity.open(GatewayConfig.builder().build().access(), gateway.metrics);
        server = GrpcServer.start(
                0,
                new GrpcServer.Limits(16, 4 << 20, 2),
                List.of(GrpcServer.Service.of(gateway.service)),
                List.of(),
                identity,
                gateway.calls,
                gateway.metrics);
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
        identity.close();
        gateway.close();
    }

    private Socket connect() throws Exception {
        Socket socket = new Socket("localhost", server.port());
        socket.setSoTimeout(60_000);
        sockets.add(socket);
        return socket;
    }

    /** Whether the server speaks first, as HTTP/2 has it, or closes. */
    private static boolean isServed(Socket socket) throws Exception {
        try {
            return socket.getInputStream().read() >= 0;
        } catch (SocketException reset) {
            return false;
        }
    }

    private void awaitOpen(int count) {
        while (!gateway.metrics.scrape().contains("cleave_connections_open{port=\"grpc\"} " + count + ".0")) {
            Thread.onSpinWait();
        }
    }

    @Test
    void oneTooManyIsClosedAtOnceAndOneThatEndsMakesRoom() throws Exception {
        Socket first = connect();
        assertThat(isServed(first)).isTrue();
        assertThat(isServed(connect())).isTrue();
        assertThat(isServed(connect())).isFalse();
        assertThat(isServed(connect())).isFalse();
        assertThat(gateway.metrics.scrape())
                .contains("cleave_refused_connections_total 2.0")
                .contains("cleave_connections_open{port=\"grpc\"} 2.0");
        first.close();
        awaitOpen(1);
        assertThat(isServed(connect())).isTrue();
        awaitOpen(2);
    }
}
