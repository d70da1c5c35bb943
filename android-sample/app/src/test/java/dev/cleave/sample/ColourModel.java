package dev.cleave.sample;

import dev.cleave.edge.Split;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayException;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.Splits;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A network that tells whether a picture is red, green or blue, split at two points: what it should say is known, and how it says it
 * is what any classifier does. Split once for all tests; a gateway for it is started when one is asked for.
 */
public final class ColourModel {
    private static ColourModel instance;

    private final Splits splits;
    private final Path bundle;

    private ColourModel() throws Exception {
        Path folder = Files.createTempDirectory("colour-model");
        splits = new Splits(folder);
        ModelBuilder colours = new ModelBuilder()
                .input("x", "N", 3, 16, 16)
                .scalar("ten", 10)
                .node("Relu", "x", "r")
                .node("GlobalAveragePool", "r", "p")
                .node("Flatten", "p", "f")
                .node("Mul", "f ten", "m")
                .node("Softmax", "m", "y")
                .output("y");
        bundle = splits.split(
                        splits.request(colours, "r", "p")
                                .withName("colours")
                                .withLabels(List.of("red", "green", "blue"))
                                .withPreprocessing(Preprocessing.parse("{\"resize\":[16,16],\"input\":\"x\"}")),
                        null)
                .bundle();
    }

    public static synchronized ColourModel get() {
        if (instance == null) {
            try {
                instance = new ColourModel();
            } catch (Exception failed) {
                throw new IllegalStateException(failed);
            }
        }
        return instance;
    }

    /** Puts the bundle where the app looks first. */
    public void install(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("model.cleave"), Files.readAllBytes(bundle));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A gateway that serves it, on a port of its own; the caller's. */
    public Gateway serve() throws GatewayException {
        return Gateway.start(
                GatewayConfig.builder()
                        .port(0)
                        .httpPort(0)
                        .modelsDirectory(bundle.getParent())
                        .build(),
                splits.engine());
    }

    /** The point behind the first layer. */
    public static Split first() {
        return Split.at(1);
    }
}
