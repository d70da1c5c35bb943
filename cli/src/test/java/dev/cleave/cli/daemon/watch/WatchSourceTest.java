package dev.cleave.cli.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.cli.daemon.Output;
import dev.cleave.cli.daemon.TinyAgent;
import dev.cleave.cli.daemon.request.AgentFront;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchSourceTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    private static Path shared;

    private static Path bundle;

    @TempDir
    private Path directory;

    private final Output out = new Output();
    private TinyAgent tiny;
    private WatchSource source;

    @BeforeAll
    static void split() throws IOException {
        bundle = TinyAgent.bundle(shared);
    }

    @BeforeEach
    void startAgent() throws Exception {
        tiny = new TinyAgent(bundle);
    }

    @AfterEach
    void closeAll() {
        if (source != null) {
            source.close();
        }
        tiny.close();
    }

    private void watch() throws IOException {
        AgentFront front = new AgentFront(tiny.agent(), Duration.ofSeconds(60), 1_000_000);
        source = WatchSource.start(directory, front, out.json(), Duration.ZERO, 2);
    }

    /** As a careful writer puts it there: under another name first. */
    private void put(String name, byte[] content, long modifiedMillis) throws IOException {
        Path part = Files.write(directory.resolve("." + name), content);
        Files.setLastModifiedTime(part, FileTime.fromMillis(modifiedMillis));
        Files.move(part, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void answersFilesInTheOrderOfTheirAge() throws Exception {
        for (int i = 0; i < 12; i++) {
            put("p" + i + ".png", TinyAgent.picture("png", 0x101010 * i), 100_000 - 1000 * i);
        }
        watch();
        for (int i = 11; i >= 0; i--) {
            JsonNode line = out.next();
            assertThat(line.get("input").textValue()).isEqualTo("p" + i + ".png");
            assertThat(line.get("source").textValue()).isEqualTo("LOCAL");
            assertThat(directory.resolve("done/p" + i + ".png")).exists();
            assertThat(new ObjectMapper().readTree(Files.readAllBytes(directory.resolve("done/p" + i + ".png.json"))))
                    .isEqualTo(line);
        }
    }

    @Test
    void putsWhatCannotBeAnsweredAsideAndGoesOn() throws Exception {
        put("a.jpg", "no picture".getBytes(), 1000);
        put("b.npy", new byte[0], 2000);
        put("c.jpg", TinyAgent.picture("jpg", 0xFF0000), 3000);
        watch();
        assertThat(out.next().get("error").textValue()).contains("a.jpg: is no picture; expected the first bytes");
        assertThat(out.next().get("error").textValue()).contains("b.npy").contains("is cut off");
        assertThat(out.next().get("outputs").get("y").get("shape")).hasToString("[1,4]");
        assertThat(directory.resolve("failed/a.jpg")).exists();
        assertThat(directory.resolve("failed/a.jpg.json")).content().contains("\"input\":\"a.jpg\"");
        assertThat(directory.resolve("failed/b.npy")).exists();
        assertThat(directory.resolve("done/c.jpg")).exists();
    }

    @Test
    void leavesToTheNextStartWhatWasNotAnswered() throws Exception {
        tiny.hold();
        for (int i = 0; i < 8; i++) {
            put("p" + i + ".png", TinyAgent.picture("png", 0x101010 * i), 1000 * i);
        }
        watch();
        source.stop();
        assertThat(source.awaitIdle(1)).isFalse();
        tiny.agent().close();
        assertThat(source.awaitIdle(PATIENCE_NANOS)).isTrue();
        source.close();
        tiny.close();
        assertThat(out.isEmpty()).isTrue();
        assertThat(directory.resolve("failed")).isEmptyDirectory();

        tiny = new TinyAgent(bundle);
        watch();
        for (int i = 0; i < 8; i++) {
            assertThat(out.next().get("input").textValue()).isEqualTo("p" + i + ".png");
        }
        source.stop();
        assertThat(source.awaitIdle(PATIENCE_NANOS)).isTrue();
        assertThat(directory.resolve("done")).isDirectoryContaining("glob:**/p7.png.json");
        assertThat(Files.list(directory.resolve("done"))).hasSize(16);
        assertThat(out.isEmpty()).isTrue();
    }

    @Test
    void takesNoMoreThanItsWindow() throws Exception {
        tiny.hold();
        for (int i = 0; i < 20; i++) {
            put("p" + i + ".png", TinyAgent.picture("png", i), 1000 * i);
        }
        watch();
        // One at the head, two in the window, one in hand: the others are still where they were put.
        while (Files.list(directory.resolve("working")).count() < 4) {
            Thread.onSpinWait();
        }
        assertThat(Files.list(directory).filter(Files::isRegularFile)).hasSize(16 + 1);
        tiny.release();
        for (int i = 0; i < 20; i++) {
            assertThat(out.next().get("input").textValue()).isEqualTo("p" + i + ".png");
        }
    }
}
