package dev.cleave.cli.daemon.lines;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.cli.daemon.Output;
import dev.cleave.cli.daemon.TinyAgent;
import dev.cleave.cli.daemon.request.AgentFront;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineSourceTest {
    @TempDir
    private static Path folder;

    private static Path bundle;
    private static Path red;

    private final Output out = new Output();
    private final CountDownLatch ended = new CountDownLatch(1);
    private TinyAgent tiny;
    private LineSource source;

    @BeforeAll
    static void split() throws IOException {
        bundle = TinyAgent.bundle(folder);
        red = Files.write(folder.resolve("red.png"), TinyAgent.picture("png", 0xFF0000));
    }

    @BeforeEach
    void startAgent() throws Exception {
        tiny = new TinyAgent(bundle);
    }

    @AfterEach
    void closeAll() {
        source.close();
        tiny.close();
    }

    private AgentFront front() {
        return new AgentFront(tiny.agent(), Duration.ofSeconds(60), 1_000_000);
    }

    private void read(String... lines) {
        byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
        source = LineSource.start(new ByteArrayInputStream(text), front(), out.json(), 10_000, 2, ended::countDown);
    }

    private static String tensor(String more) {
        String data = String.join(",", Collections.nCopies(192, "0.5"));
        return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,3,8,8],\"data\":[" + data + "]}]" + more
                + "}";
    }

    @Test
    void answersPathsAndTensorsInOrder() throws Exception {
        read(red.toString(), "", tensor(",\"id\":\"seven\""), "{\"path\":\"" + red + "\"}");
        JsonNode first = out.next();
        assertThat(first.get("input").textValue()).isEqualTo(red.toString());
        assertThat(first.get("outputs").get("y").get("shape")).hasToString("[1,4]");
        assertThat(out.next().get("input").textValue()).isEqualTo("seven");
        assertThat(out.next().get("outputs")).isEqualTo(first.get("outputs"));
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(out.isEmpty()).isTrue();
    }

    @Test
    void answersEveryBadLineWithOneThatSaysWhy() throws Exception {
        read(
                "missing.png",
                "{not json",
                "{}",
                "{\"path\":\"a\",\"inputs\":[]}"
                        .replace("[]", "[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[0],\"data\":[]}]"),
                "{\"id\":\"d\",\"path\":\"" + red + "\",\"deadline\":\"soon\"}",
                "{\"path\":\"" + red + "\",\"deadline\":\"0\"}",
                "{\"path\":\"" + red + "\",\"deadlin\":\"1s\"}",
                "{\"path\":\"" + red + "\",\"deadline\":200}",
                red.getParent().toString(),
                "x".repeat(20_000),
                tensor("").replace("FP32", "INT64").replace("0.5", "1"),
                red.toString());
        assertError("missing.png: no such file or folder");
        assertError("request is no JSON that is understood");
        assertError("line has neither path nor inputs; expected one of them");
        assertError("line has path and inputs; expected one of them");
        assertError("deadline: \"soon\" is not a time; expected one such as");
        assertError("deadline 0 ms; expected 1 us to 24 h");
        assertError("line has \"deadlin\", which is not known; expected id, path, inputs and deadline");
        assertError("deadline: \"200\" is not a time; expected one such as");
        assertError(": is a folder; expected a file");
        assertError("line is longer than 10000 bytes");
        assertError("tensor \"x\" is int64; expected float32");
        assertThat(out.next().get("error")).isNull();
    }

    private void assertError(String part) throws Exception {
        assertThat(out.next().get("error").textValue()).contains(part);
    }

    @Test
    void readsNoFurtherThanItsWindow() throws Exception {
        tiny.hold();
        PipedInputStream input = new PipedInputStream(1 << 16);
        PipedOutputStream writer = new PipedOutputStream(input);
        source = LineSource.start(input, front(), out.json(), 10_000, 2, ended::countDown);
        for (int i = 0; i < 50; i++) {
            writer.write(("{\"id\":\"" + i + "\",\"path\":\"" + red + "\"}\n").getBytes(StandardCharsets.UTF_8));
        }
        writer.close();
        assertThat(out.isEmpty()).isTrue();
        tiny.release();
        for (int i = 0; i < 50; i++) {
            JsonNode line = out.next();
            assertThat(line.get("input").textValue()).isEqualTo(Integer.toString(i));
            // More than the agent takes at a time would have been refused by it.
            assertThat(line.get("error")).isNull();
        }
        assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void answersWhatItTookBeforeItWasStoppedAndNothingAfter() throws Exception {
        PipedInputStream input = new PipedInputStream();
        PipedOutputStream writer = new PipedOutputStream(input);
        source = LineSource.start(input, front(), out.json(), 10_000, 2, ended::countDown);
        writer.write((red + "\n").getBytes(StandardCharsets.UTF_8));
        writer.flush();
        assertThat(out.next().get("error")).isNull();
        source.stop();
        assertThat(source.awaitIdle(TimeUnit.SECONDS.toNanos(60))).isTrue();
        writer.write((red + "\n").getBytes(StandardCharsets.UTF_8));
        writer.close();
        assertThat(source.awaitIdle(TimeUnit.SECONDS.toNanos(60))).isTrue();
        assertThat(out.isEmpty()).isTrue();
    }
}
