package dev.cleave.gateway.oip.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.http.HttpServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Callers whose bodies do not come: each is told so, and his memory is free again. */
class SlowBodiesTest {
    private final BodyMemory memory = new BodyMemory(1 << 20);
    private final AtomicLong clock = new AtomicLong();
    private HttpServer server;

    @AfterEach
    void stop() {
        server.close();
    }

    private void start(Duration idle) throws GatewayException {
        server = HttpServer.start(
                new HttpServer.Place("HTTP", "", 0, 100, (request, response, callback) -> false, null),
                new Echo(),
                HttpServer.Times.USUAL.withIdle(idle),
                clock::get);
    }

    /** Answers with the body. */
    private final class Echo extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Exchange exchange = new Exchange(request, response, callback);
            Patience patience = new Patience(Duration.ofSeconds(30));
            new BodyReader(request, 1 << 20, memory, patience, clock::get, new BodyReader.Receiver() {
                        @Override
                        public void received(byte[] body, int bytes) {
                            exchange.bodyRead();
                            exchange.answer(200, Arrays.copyOf(body, bytes));
                        }

                        @Override
                        public void refused(HttpRefusal refusal) {
                            exchange.refuse(refusal);
                        }

                        @Override
                        public void broken(Throwable cause) {
                            exchange.abandon(cause);
                        }
                    })
                    .run();
            return true;
        }
    }

    private Socket begin(String body) throws IOException {
        Socket caller = new Socket("localhost", server.port());
        send(caller, "POST /v2/models/m/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n" + body);
        return caller;
    }

    private static void send(Socket caller, String text) throws IOException {
        caller.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads to the end of an answer, which may not be the end of what the caller sends. */
    private static String answer(Socket caller, String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf(end) < 0) {
            int next = caller.getInputStream().read();
            assertThat(next).as(text.toString()).isNotNegative();
            text.append((char) next);
        }
        return text.toString();
    }

    /** Waits until some of a body has come. */
    private void awaitHeld() {
        while (memory.held() == 0) {
            Thread.onSpinWait();
        }
    }

    private void awaitNothingHeld() {
        while (memory.held() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void tellsTheCallerOfABodyThatStopped() throws Exception {
        start(Duration.ofMillis(50));
        try (Socket caller = begin("abc")) {
            assertThat(answer(caller, "}\n"))
                    .startsWith("HTTP/1.1 408 ")
                    .contains("Connection: close")
                    .containsPattern("\\{\"error\":\"body stopped after [0-3] bytes; expected all of it\"\\}\n$");
        }
        awaitNothingHeld();
    }

    @Test
    void tellsTheCallerOfABodyThatComesAByteAtATime() throws Exception {
        start(Duration.ofDays(1));
        try (Socket caller = begin("a")) {
            awaitHeld();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(31));
            send(caller, "b");
            assertThat(answer(caller, "}\n"))
                    .startsWith("HTTP/1.1 408 ")
                    .contains("{\"error\":\"body came slowly, ")
                    .endsWith("; expected all of it within 30.0 s, or 1000 bytes a second\"}\n");
        }
        awaitNothingHeld();
    }

    @Test
    void takesABodyThatComesInPiecesWithinItsTime() throws Exception {
        start(Duration.ofDays(1));
        try (Socket caller = begin("a")) {
            for (String piece : "b,c,d,e,f,g,h,i,j".split(",")) {
                clock.addAndGet(TimeUnit.SECONDS.toNanos(3));
                send(caller, piece);
            }
            assertThat(answer(caller, "abcdefghij")).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nabcdefghij");
        }
        awaitNothingHeld();
    }

    @Test
    void letsGoOfTheBodyOfACallerWhoLeaves() throws Exception {
        start(Duration.ofDays(1));
        try (Socket caller = begin("abc")) {
            awaitHeld();
            assertThat(caller.isConnected()).isTrue();
        }
        awaitNothingHeld();
        try (Socket caller = begin("abcdefghij")) {
            assertThat(answer(caller, "abcdefghij")).startsWith("HTTP/1.1 200 ");
        }
    }
}
