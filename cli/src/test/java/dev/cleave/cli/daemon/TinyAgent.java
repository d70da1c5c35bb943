package dev.cleave.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.CommandRun;
import dev.cleave.cli.refusal.TinyModels;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Engines;
import dev.cleave.engine.ForwardingEngine;
import dev.cleave.engine.ForwardingSession;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import javax.imageio.ImageIO;

/**
 * A LOCAL agent on {@link TinyModels#pictures}, whose runs can be held. Owns the engine and the agent.
 *
 * <p>The model takes {@code x [N,3,8,8]} or pictures of any size, and gives {@code y [N,4]}.
 */
public final class TinyAgent implements AutoCloseable {
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private final Engine engine = new Held(Engines.create(null));
    private final EdgeAgent agent;

    public TinyAgent(Path bundle) throws Exception {
        agent = EdgeAgent.builder()
                .bundle(Bundle.open(bundle))
                .engine(engine)
                .sessionOptions(SessionOptions.defaults().withThreads(1))
                .build();
    }

    /** Splits the model; the bundle. */
    public static Path bundle(Path folder) throws IOException {
        Path model = TinyModels.pictures(folder.resolve("tiny.onnx"));
        Path preprocessing = Files.writeString(folder.resolve("pre.json"), "{\"resize\":[8,8]}");
        Path bundle = folder.resolve("tiny.cleave");
        CommandRun run = CommandRun.of(
                "split",
                model.toString(),
                "-o",
                bundle.toString(),
                "--at",
                "r1",
                "--random",
                "4",
                "--preprocess",
                preprocessing.toString());
        assertThat(run.exitCode()).as(run.err()).isZero();
        return bundle;
    }

    /** A picture in one colour; different colours have different answers. */
    public static byte[] picture(String format, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(16, 12, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 16 * 12; i++) {
            image.setRGB(i % 16, i / 16, rgb);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, bytes)).isTrue();
        return bytes.toByteArray();
    }

    public EdgeAgent agent() {
        return agent;
    }

    /** From here on nothing runs. */
    public void hold() {
        gate = new CountDownLatch(1);
    }

    public void release() {
        gate.countDown();
    }

    @Override
    public void close() {
        release();
        agent.close();
        engine.close();
    }

    private final class Held extends ForwardingEngine {
        Held(Engine real) {
            super(real);
        }

        @Override
        public Session load(GraphSource graph, SessionOptions options) throws EngineException {
            return new HeldSession(super.load(graph, options));
        }
    }

    private final class HeldSession extends ForwardingSession {
        HeldSession(Session real) {
            super(real);
        }

        @Override
        public Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> pinned, long timeoutNanos)
                throws EngineException {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new EngineException("interrupted", e);
            }
            return super.run(inputs, pinned, timeoutNanos);
        }
    }
}
