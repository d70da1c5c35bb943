package dev.cleave.gateway.trial;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.EngineProvider;
import dev.cleave.engine.FakeEngine;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Offers the fake engine to children of tests. Besides its graphs it takes such that do what a hostile one may make of a
 * native engine: {@code crash}, {@code hang}, {@code eat}, {@code print TEXT}, {@code exit CODE}.
 */
public final class HostileProvider implements EngineProvider {
    private static final int BITE = 16 << 20;

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public String unavailableReason() {
        return null;
    }

    @Override
    public Engine create() {
        return new Hostile();
    }

    private static final class Hostile implements Engine {
        private final FakeEngine tame = new FakeEngine();

        @Override
        public String name() {
            return tame.name();
        }

        @Override
        public String version() {
            return tame.version();
        }

        @Override
        public Session load(GraphSource graph, SessionOptions options) throws EngineException {
            String[] words =
                    new String(graph.graph(), StandardCharsets.UTF_8).strip().split(" ", 2);
            try {
                switch (words[0]) {
                    case "crash" -> crash();
                    case "hang" -> hang();
                    case "eat" -> eat();
                    case "print" -> print(words[1]);
                    case "exit" -> exit(Integer.parseInt(words[1]));
                    default -> {
                        return tame.load(graph, options);
                    }
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            throw new EngineException("not reached");
        }

        private static void crash() throws IOException, InterruptedException {
            String own = Long.toString(ProcessHandle.current().pid());
            new ProcessBuilder("kill", "-SEGV", own).start().waitFor();
            hang();
        }

        private static void hang() throws InterruptedException {
            new Object() {
                synchronized void forever() throws InterruptedException {
                    while (true) {
                        wait();
                    }
                }
            }.forever();
        }

        /** Keeps what it has when it gets no more. */
        private static void eat() throws InterruptedException {
            List<ByteBuffer> eaten = new ArrayList<>();
            try {
                while (true) {
                    eaten.add(ByteBuffer.allocateDirect(BITE));
                }
            } catch (OutOfMemoryError full) {
                hang();
            }
            throw new IllegalStateException("not reached with " + eaten.size());
        }

        private static void print(String text) throws IOException {
            try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
            }
            Runtime.getRuntime().halt(0);
        }

        private static void exit(int code) {
            System.err.println("some words");
            System.err.println("last words");
            Runtime.getRuntime().halt(code);
        }

        @Override
        public void close() {
            tame.close();
        }
    }
}
