package dev.cleave.cli.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.cleave.cli.Cleave;
import dev.cleave.cli.CommandRun;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The verbs against a port that answers as a gateway does; benchmarks has them against a gateway. */
class ModelsCommandTest {
    private final List<String> asked = new ArrayList<>();
    private HttpServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    /** Every request gets the same answer. */
    private String answering(int status, String body) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            String sent = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + sent + " "
                    + exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + exchange.getRequestHeaders().getFirst("Cleave-Admin"));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.start();
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "load", "unload", "label", "push"})
    void helpOfEachEndsWithAnExampleThatParses(String verb) {
        CommandRun run = CommandRun.of("models", verb, "--help");
        assertThat(run.exitCode()).isZero();
        String[] lines = run.out().strip().split("\n");
        String example = lines[lines.length - 1].strip();
        assertThat(example).startsWith("cleave models " + verb);
        String[] words = example.substring("cleave ".length()).split(" ");
        assertThat(Cleave.commandLine(new PrintWriter(System.out), new PrintWriter(System.err))
                        .parseArgs(words)
                        .subcommand()
                        .subcommand()
                        .commandSpec()
                        .name())
                .isEqualTo(verb);
    }

    @Test
    void printsVersionsAsATable() throws Exception {
        String admin = answering(200, """
                {"mode":"polling","trouble":"","budgetBytes":1073741824,"usedBytes":536870912,"models":[
                 {"file":"m/3/m.cleave","name":"m","version":"3","state":"READY","labels":["canary","stable"],
                  "streams":2,"bytes":536870912,"reason":""}]}""");
        CommandRun run = CommandRun.of("models", "list", "--admin", admin);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("canary, stable")
                .contains("m/3/m.cleave")
                .contains("512 MiB of 1 GiB are counted");
        assertThat(asked).containsExactly("GET /v1/models  null cleave");
    }

    @Test
    void sendsWhatIsAskedForWithTheToken() throws Exception {
        String admin = answering(200, "{\"accepted\":true,\"file\":\"\",\"models\":[]}");
        CommandRun run =
                CommandRun.of("models", "label", "m", "stable", "3", "--admin", admin, "--token", "t", "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("\"accepted\" : true");
        assertThat(asked).hasSize(1);
        assertThat(asked.get(0))
                .startsWith("POST /v1/models/m/label ")
                .contains("\"label\":\"stable\"")
                .contains("\"version\":\"3\"")
                .endsWith("Bearer t cleave");
    }

    @Test
    void waitsForAModelThatFailsAndSaysWhy() throws Exception {
        String admin = answering(
                200,
                "{\"file\":\"m.cleave\",\"models\":[{\"file\":\"m.cleave\",\"state\":\"FAILED\",\"reason\":\"it is broken\"}]}");
        CommandRun run = CommandRun.of("models", "load", "m", "--admin", admin);
        assertFailure(run, "cleave models load: m.cleave cannot be served: it is broken");
    }

    @Test
    void aRefusalIsOneLine() throws Exception {
        String admin = answering(409, "{\"error\":\"model \\\"m\\\" 3 has 2 open streams; expected none, or force\"}");
        assertFailure(
                CommandRun.of("models", "unload", "m", "3", "--admin", admin),
                "cleave models unload: " + admin + ": model \"m\" 3 has 2 open streams; expected none, or force");
    }

    @Test
    @Timeout(60) // What it must not do is wait.
    void aPushThatIsRefusedBeforeItIsSentIsOneLine(@TempDir Path folder) throws Exception {
        Path model = Files.write(folder.resolve("m.onnx"), new byte[5_000_000]);
        try (ServerSocket port = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<String> head = CompletableFuture.supplyAsync(() -> refuse(port));
            String admin = "127.0.0.1:" + port.getLocalPort();
            assertFailure(
                    CommandRun.of(
                            "models",
                            "push",
                            model.toString(),
                            "--name",
                            ".x",
                            "--model-version",
                            "4",
                            "--admin",
                            admin),
                    "cleave models push: " + admin + ": there is no such name");
            assertThat(head.get())
                    .startsWith("PUT /v1/models/.x/versions/4 HTTP/1.1\r\n")
                    .contains("Content-Length: 5000000\r\n")
                    .contains("Content-Type: application/x-onnx\r\n");
        }
    }

    /** Takes a request's head, and answers before any of its body is sent. */
    private static String refuse(ServerSocket port) {
        String body = "{\"error\":\"there is no such name\"}";
        try (Socket socket = port.accept()) {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) socket.getInputStream().read());
            }
            socket.getOutputStream()
                    .write(("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: " + body.length()
                                    + "\r\n\r\n" + body)
                            .getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
            return head.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void somethingElseThanAGatewayIsNamed() throws Exception {
        String admin = answering(200, "<html>");
        assertFailure(CommandRun.of("models", "list", "--admin", admin), "expected the admin port of a gateway");
        int port = freePort();
        assertFailure(
                CommandRun.of("models", "list", "--admin", "127.0.0.1:" + port),
                "nothing answers at 127.0.0.1:" + port);
    }

    /** Of a port that was free a moment ago. */
    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @Test
    void aTokenIsNotSentInTheClearToAnotherMachine() {
        assertUsage("in the clear", "list", "--admin", "192.0.2.1:8502", "--token", "t");
        assertUsage("expected one of them", "list", "--token", "t", "--token-file", "f");
        assertUsage("VERSION and --remove: expected one of them", "label", "m", "stable");
        assertUsage("--name and --model-version go together", "push", "m.cleave", "--name", "m");
        assertUsage("expected --name and --model-version", "push", "m.onnx");
        assertUsage("missing verb; expected one of list, load");
    }

    private static void assertUsage(String expected, String... arguments) {
        List<String> all = new ArrayList<>(List.of("models"));
        all.addAll(List.of(arguments));
        CommandRun run = CommandRun.of(all.toArray(String[]::new));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).contains(expected);
    }

    private static void assertFailure(CommandRun run, String expected) {
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1).contains(expected);
    }
}
