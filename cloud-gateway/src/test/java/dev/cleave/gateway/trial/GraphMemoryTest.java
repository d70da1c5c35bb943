package dev.cleave.gateway.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class GraphMemoryTest {
    @TempDir
    Path folder;

    private ModelFiles model(String name, int bytes) throws IOException {
        return new ModelFiles(name, Files.write(folder.resolve(name), new byte[bytes]), Map.of());
    }

    /** Until the thread waits for something. */
    private static void awaitWaiting(Thread thread) {
        while (thread.isAlive() && thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThat(thread.isAlive()).as("it waits").isTrue();
    }

    @Test
    void whoFindsNoRoomWaitsUntilTheOtherOneIsDone() throws Exception {
        GraphMemory memory = GraphMemory.of(200);
        HeldGraph first = model("a.onnx", 90).read(memory);
        HeldGraph beside = model("b.onnx", 10).read(memory);
        CompletableFuture<HeldGraph> third = new CompletableFuture<>();
        Thread reading = new Thread(() -> {
            try {
                third.complete(model("c.onnx", 90).read(memory));
            } catch (IOException e) {
                third.completeExceptionally(e);
            }
        });
        reading.start();
        awaitWaiting(reading);
        beside.close();
        beside.close();
        awaitWaiting(reading);
        assertThat(third).isNotDone();
        first.close();
        try (HeldGraph held = third.get()) {
            assertThat(held.source().graph()).hasSize(90);
        }
        reading.join();
    }

    @Test
    void whatNeverFitsIsRefusedByName() throws Exception {
        ModelFiles large = model("large.onnx", 101);
        assertThatThrownBy(() -> large.read(GraphMemory.of(200)))
                .isInstanceOf(IOException.class)
                .hasMessage("large.onnx has 101 bytes; expected at most 100 bytes in one file, which is what is set"
                        + " aside for graphs, and weights beyond that as external data");
        assertThatThrownBy(() -> large.read(GraphMemory.ofHeap(Integer.MAX_VALUE / 2)))
                .hasMessageContaining("of the heap (-Xmx)");
    }

    @Test
    void whatCannotBeReadHoldsNothing() throws Exception {
        GraphMemory memory = GraphMemory.of(200);
        ModelFiles gone = new ModelFiles("gone.onnx", folder.resolve("gone.onnx"), Map.of());
        assertThatThrownBy(() -> gone.read(memory)).isInstanceOf(IOException.class);
        ModelFiles folderInstead = new ModelFiles("dir.onnx", Files.createDirectory(folder.resolve("dir")), Map.of());
        GraphMemory room = GraphMemory.of(1 << 20);
        assertThatThrownBy(() -> folderInstead.read(room)).isInstanceOf(IOException.class);
        model("half.onnx", 1 << 19).read(room).close();
        try (HeldGraph whole = model("whole.onnx", 100).read(memory)) {
            assertThat(whole.source().label()).isEqualTo("whole.onnx");
        }
    }

    @Test
    void whoIsInterruptedWhileItWaitsReadsNothing() throws Exception {
        GraphMemory memory = GraphMemory.of(200);
        ModelFiles second = model("second.onnx", 100);
        try (HeldGraph first = model("first.onnx", 100).read(memory)) {
            assertThat(first.source().graph()).hasSize(100);
            FutureTask<Boolean> outcome = new FutureTask<>(() -> {
                assertThatThrownBy(() -> second.read(memory)).isInstanceOf(InterruptedIOException.class);
                return Thread.currentThread().isInterrupted();
            });
            Thread waiting = new Thread(outcome);
            waiting.start();
            awaitWaiting(waiting);
            waiting.interrupt();
            assertThat(outcome.get()).isTrue();
        }
        second.read(memory).close();
    }
}
