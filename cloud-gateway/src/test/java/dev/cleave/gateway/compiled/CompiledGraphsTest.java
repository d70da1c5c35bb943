package dev.cleave.gateway.compiled;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.device.GpuKind;
import dev.cleave.gateway.folder.DeepFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompiledGraphsTest {
    private static final CompileKey KEY = CompileKeyTest.KEY;
    private static final long ROOM = 1 << 20;

    @TempDir
    Path temporary;

    private final List<CompiledGraphs> open = new ArrayList<>();

    @AfterEach
    void leavesNothingButWhatIsKept() throws IOException {
        for (CompiledGraphs graphs : open) {
            graphs.close();
        }
        if (Files.exists(directory())) {
            assertThat(names()).allMatch(name -> name.matches("[0-9a-f]{64}"));
        }
    }

    private Path directory() {
        return temporary.resolve("compiled");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(directory())) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    private CompiledGraphs graphs(long maxBytes) throws IOException {
        CompiledGraphs graphs = CompiledGraphs.open(directory(), maxBytes);
        open.add(graphs);
        return graphs;
    }

    private static CompileKey key(String bundle) {
        return new CompileKey(
                bundle, "fp32", "segment-1", "tensorrt", "ort", "10", new GpuKind("a", "b", "c"), 1, 8, false, 0);
    }

    /** Compiles something under a key as an engine would. */
    private static void compile(CompiledGraphs graphs, CompileKey key, String text) throws IOException {
        try (Workspace work = graphs.begin(key)) {
            Files.writeString(work.folder().resolve("model_sm90.engine"), text);
            Files.writeString(work.folder().resolve("t.timing"), "times");
            work.keep();
        }
    }

    /** What is found under a key; null if nothing is. */
    private static String found(CompiledGraphs graphs, CompileKey key) throws IOException {
        try (Workspace work = graphs.begin(key)) {
            Path file = work.folder().resolve("model_sm90.engine");
            assertThat(work.isKnown()).isEqualTo(Files.exists(file));
            return work.isKnown() ? Files.readString(file) : null;
        }
    }

    private Path kept(CompileKey key) {
        return directory().resolve(key.digest());
    }

    @Test
    void whatWasCompiledIsFoundAgainUnderItsKeyAlone() throws IOException {
        compile(graphs(ROOM), KEY, "code");
        assertThat(found(graphs(ROOM), KEY)).isEqualTo("code");
        assertThat(found(graphs(ROOM), key("another"))).isNull();
        assertThat(Files.readAllBytes(kept(KEY).resolve("key.json"))).isEqualTo(KEY.json());
    }

    @Test
    void whatIsNotKeptIsGone() throws IOException {
        CompiledGraphs graphs = graphs(ROOM);
        Path folder;
        try (Workspace work = graphs.begin(KEY)) {
            folder = work.folder();
            Files.writeString(folder.resolve("half.engine"), "ha");
        }
        assertThat(folder).doesNotExist();
        assertThat(kept(KEY)).doesNotExist();
    }

    @Test
    void anEngineThatWritesNothingLeavesNothing() throws IOException {
        try (Workspace work = graphs(ROOM).begin(KEY)) {
            work.keep();
        }
        assertThat(kept(KEY)).doesNotExist();
    }

    @Test
    void whatWasChangedCutShortOrNeverFinishedIsNotUsedAndGoes() throws IOException {
        interface Harm {
            void to(Path folder) throws IOException;
        }
        List<Harm> harms = List.of(
                folder -> Files.writeString(folder.resolve("model_sm90.engine"), "cod3"),
                folder -> Files.writeString(folder.resolve("model_sm90.engine"), "co"),
                folder -> Files.delete(folder.resolve("model_sm90.engine")),
                folder -> Files.delete(folder.resolve("files.json")),
                folder -> Files.writeString(folder.resolve("files.json"), "{"),
                folder -> Files.writeString(folder.resolve("files.json"), "[]"),
                folder ->
                        Files.writeString(folder.resolve("files.json"), "{\"../../x\":{\"size\":1,\"sha256\":\"00\"}}"),
                folder -> Files.write(folder.resolve("files.json"), new byte[1 << 18]),
                folder -> {
                    Path elsewhere = Files.writeString(temporary.resolve("elsewhere"), "code");
                    Files.delete(folder.resolve("model_sm90.engine"));
                    Files.createSymbolicLink(folder.resolve("model_sm90.engine"), elsewhere);
                });
        CompiledGraphs graphs = graphs(ROOM);
        for (int i = 0; i < harms.size(); i++) {
            compile(graphs, KEY, "code");
            harms.get(i).to(kept(KEY));
            assertThat(found(graphs, KEY)).as("harm " + i).isNull();
            assertThat(kept(KEY)).as("harm " + i).doesNotExist();
        }
    }

    @Test
    void whatTheEngineCompiledAnewTakesThePlaceOfWhatItDidNotLike() throws IOException {
        CompiledGraphs graphs = graphs(ROOM);
        compile(graphs, KEY, "old");
        try (Workspace work = graphs.begin(KEY)) {
            assertThat(work.isKnown()).isTrue();
            Files.writeString(work.folder().resolve("model_sm90.engine"), "new");
            work.keep();
        }
        assertThat(found(graphs, KEY)).isEqualTo("new");
    }

    @Test
    void whatIsUsedUnchangedIsNotWrittenAgain() throws IOException {
        CompiledGraphs graphs = graphs(ROOM);
        compile(graphs, KEY, "code");
        Object before = Files.readAttributes(kept(KEY), "unix:ino").get("ino");
        try (Workspace work = graphs.begin(KEY)) {
            work.keep();
        }
        assertThat(Files.readAttributes(kept(KEY), "unix:ino").get("ino")).isEqualTo(before);
    }

    @Test
    void ofTwoGatewaysThatCompileTheSameTheFirstIsKept() throws IOException {
        CompiledGraphs one = graphs(ROOM);
        CompiledGraphs two = graphs(ROOM);
        try (Workspace a = one.begin(KEY);
                Workspace b = two.begin(KEY)) {
            Files.writeString(a.folder().resolve("model_sm90.engine"), "by a");
            Files.writeString(b.folder().resolve("model_sm90.engine"), "by b");
            a.keep();
            b.keep();
        }
        assertThat(found(one, KEY)).isEqualTo("by a");
    }

    @Test
    void gatewaysThatShareADirectoryNeverSeeHalfOfAnything() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int gateway = 0; gateway < 3; gateway++) {
            CompiledGraphs graphs = graphs(250);
            String letter = String.valueOf((char) ('a' + gateway));
            Thread thread = new Thread(() -> {
                try {
                    for (int i = 0; i < 40; i++) {
                        CompileKey key = key("b" + i % 3);
                        String text = found(graphs, key);
                        assertThat(text == null || text.matches("(a{50}|b{50}|c{50})"))
                                .isTrue();
                        compile(graphs, key, letter.repeat(50));
                    }
                } catch (IOException e) {
                    failure.set(new UncheckedIOException(e));
                } catch (Throwable e) {
                    failure.set(e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
    }

    @Test
    void thoseUnusedForLongestGiveWay() throws IOException {
        CompiledGraphs graphs = graphs(ROOM);
        compile(graphs, key("a"), "x".repeat(1000));
        compile(graphs, key("b"), "x".repeat(1000));
        compile(graphs, key("c"), "x".repeat(1000));
        assertThat(found(graphs, key("a"))).isNotNull();
        CompiledGraphs smaller = graphs(4000);
        assertThat(kept(key("b"))).doesNotExist();
        assertThat(found(smaller, key("a"))).isNotNull();
        assertThat(found(smaller, key("c"))).isNotNull();
    }

    /** As if the clock had stood so when it was used last. */
    private void usedAt(String bundle, String time) throws IOException {
        Files.setLastModifiedTime(kept(key(bundle)).resolve("files.json"), FileTime.from(Instant.parse(time)));
    }

    @Test
    void whatIsUsedWhileTheClockIsSetBackIsNoOlderThanTheRest() throws IOException {
        CompiledGraphs graphs = graphs(ROOM);
        compile(graphs, key("a"), "x".repeat(1000));
        usedAt("a", "2101-01-01T00:00:00Z");
        compile(graphs, key("b"), "x".repeat(1000));
        compile(graphs, key("c"), "x".repeat(1000));
        assertThat(found(graphs, key("b"))).isNotNull();
        graphs(4000);
        assertThat(kept(key("a"))).doesNotExist();
        assertThat(kept(key("b"))).exists();
        assertThat(kept(key("c"))).exists();
        graphs(2000);
        assertThat(kept(key("b"))).as("used after c, whatever the clock said").exists();
        assertThat(kept(key("c"))).doesNotExist();
    }

    @Test
    void whatWasUsedWhileTheClockStoodAtItsBeginningIsOlder() throws IOException {
        CompiledGraphs graphs = graphs(ROOM);
        compile(graphs, key("a"), "x".repeat(1000));
        usedAt("a", "1970-01-01T00:00:10Z");
        compile(graphs, key("b"), "x".repeat(1000));
        assertThat(found(graphs, key("a"))).isNotNull();
        graphs(2000);
        assertThat(kept(key("a"))).exists();
        assertThat(kept(key("b"))).doesNotExist();
    }

    @Test
    void whatIsLargerThanTheBoundIsNotKept() throws IOException {
        CompiledGraphs graphs = graphs(1500);
        compile(graphs, key("a"), "x");
        compile(graphs, key("b"), "x".repeat(5000));
        assertThat(kept(key("b"))).doesNotExist();
    }

    @Test
    void whatDeadGatewaysLeftIsRemovedAndWhatLivingOnesUseIsNot() throws IOException {
        CompiledGraphs living = graphs(ROOM);
        Path dead = Files.createDirectories(directory().resolve("work-dead/1"));
        Files.writeString(dead.resolve("half.engine"), "ha");
        Files.createFile(directory().resolve("work-dead.lock"));
        Path held = directory().resolve("work-held.lock");
        try (FileChannel lock = FileChannel.open(held, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                Workspace work = living.begin(KEY)) {
            assertThat(lock.lock().isValid()).isTrue();
            graphs(ROOM);
            assertThat(directory().resolve("work-dead")).doesNotExist();
            assertThat(directory().resolve("work-dead.lock")).doesNotExist();
            assertThat(held).exists();
            assertThat(work.folder()).exists();
        }
        Files.delete(held);
    }

    @Test
    void whatCannotBeRemovedHindersNobody() throws Exception {
        graphs(ROOM);
        try (DeepFolder deep = new DeepFolder(directory().resolve("work-dead/1"))) {
            Files.createFile(directory().resolve("work-dead.lock"));
            Files.createFile(directory().resolve("work-dead2.lock"));
            Files.createFile(directory().resolve("work-also.lock"));
            compile(graphs(ROOM), KEY, "code");
            assertThat(deep).isNotNull();
            assertThat(directory().resolve("work-dead.lock")).exists();
            assertThat(directory().resolve("work-dead2.lock")).doesNotExist();
            assertThat(directory().resolve("work-also.lock")).doesNotExist();
        }
        Files.delete(directory().resolve("work-dead.lock"));
        Files.delete(directory().resolve("work-dead"));
    }

    @Test
    void theDirectoryIsTheGatewaysOwn() throws IOException {
        graphs(ROOM);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
                .isEqualTo("rwx------");
    }
}
