package dev.cleave.gateway;

import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.config.ConfigFile;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A gateway with the fake engine in a JVM of its own, which has little memory and ends where that does not do. Owns the process.
 */
public final class ChildGateway implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final Path log;
    private final int[] ports = new int[3];

    private ChildGateway(Process process, Path log) {
        this.process = process;
        this.log = log;
        this.said = process.errorReader(StandardCharsets.UTF_8);
    }

    /** @param arguments folder of the models, file of the settings */
    public static void main(String[] arguments) throws Exception {
        GatewayConfigBuilder settings = GatewayConfig.builder();
        ConfigFile.apply(Path.of(arguments[1]), settings);
        settings.port(0).httpPort(0).adminPort(0).modelsDirectory(Path.of(arguments[0]));
        try (Gateway gateway = Gateway.start(settings.build(), new FakeEngine())) {
            System.err.println(gateway.port() + " " + gateway.httpPort() + " " + gateway.adminPort());
            while (System.in.read() >= 0) {} // Its parent is there.
        }
    }

    /**
     * Starts one.
     *
     * @param work for its settings and its log
     * @param settings JSON, with {@code '} for quotes
     * @param options of the JVM
     */
    public static ChildGateway start(Path models, Path work, String settings, String... options) throws IOException {
        Path config = Files.writeString(work.resolve("gateway.json"), settings.replace('\'', '"'));
        Path log = work.resolve("gateway.log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+ExitOnOutOfMemoryError", "-Djava.io.tmpdir=" + work));
        command.addAll(List.of(options));
        command.addAll(List.of(ChildGateway.class.getName(), models.toString(), config.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(log.toFile());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        ChildGateway child = new ChildGateway(builder.start(), log);
        boolean started = false;
        try {
            child.readPorts();
            started = true;
            return child;
        } finally {
            if (!started) {
                child.close();
            }
        }
    }

    private void readPorts() throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            String[] words = line.split(" ");
            if (words.length == 3 && line.matches("[0-9 -]+")) {
                for (int i = 0; i < ports.length; i++) {
                    ports[i] = Integer.parseInt(words[i]);
                }
                return;
            }
        }
        throw new AssertionError("the gateway did not start: " + Files.readString(log));
    }

    public int port() {
        return ports[0];
    }

    public int httpPort() {
        return ports[1];
    }

    public int adminPort() {
        return ports[2];
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it wrote to its log. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            throw new AssertionError("a killed gateway lives");
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
