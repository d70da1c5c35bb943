package dev.cleave.benchmarks.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.process.ChildProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A gateway process, with link and agent processes as they are asked for. Owns the gateway; a link and an agent live for one
 * pass.
 */
final class RoundTripRun implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work;
    private final GatewayChild gateway;
    private int passes;

    private RoundTripRun(Path work, GatewayChild gateway) {
        this.work = work;
        this.gateway = gateway;
    }

    /**
     * Starts a gateway, one thread a run.
     *
     * @param bundles folder that it serves
     * @param work for logs
     */
    static RoundTripRun start(Path bundles, Path work) throws IOException {
        return new RoundTripRun(work, GatewayChild.start(bundles, work));
    }

    /**
     * Runs all pictures of a folder through an agent and a shaped link, one after another.
     *
     * @param more options of {@code infer}
     * @return an object for every picture, as {@code infer --json} prints them
     */
    List<JsonNode> pass(Path bundle, ShapedLink link, Path pictures, int warmUp, List<String> more)
            throws IOException, InterruptedException {
        try (ChildProcess shaper = ChildProcess.start(work.resolve("link-" + passes + ".log"), linkArguments(link))) {
            return agent(listensAt(shaper.readLine()), bundle, pictures, warmUp, more);
        }
    }

    /** The same without a link, for the sake of the gateway: its JVM compiles what requests of this kind need. */
    void warmUp(Path bundle, Path pictures, int requests, List<String> more) throws IOException, InterruptedException {
        agent(gateway.address(), bundle, pictures, requests, more);
    }

    private List<JsonNode> agent(String gatewayAddress, Path bundle, Path pictures, int warmUp, List<String> more)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "infer",
                bundle.toString(),
                "--gateway",
                gatewayAddress,
                "--inputs",
                pictures.toString(),
                "--warm-up",
                Integer.toString(warmUp),
                "--threads",
                "1",
                "--no-fallback",
                "--json"));
        arguments.addAll(more);
        try (ChildProcess agent = ChildProcess.start(work.resolve("agent-" + ++passes + ".log"), arguments)) {
            List<String> lines = agent.finish();
            List<JsonNode> answers = new ArrayList<>();
            for (String line : lines.subList(0, lines.size() - 1)) {
                answers.add(JSON.readTree(line));
            }
            return answers;
        }
    }

    private List<String> linkArguments(ShapedLink link) {
        String rate = Long.toString(link.bitsPerSecond());
        return List.of(
                "link",
                "--listen",
                "0",
                "--to",
                gateway.address(),
                "--uplink",
                rate,
                "--downlink",
                rate,
                "--rtt",
                link.rtt().toMillis() + "ms");
    }

    /** From {@code listening on HOST:PORT -> ..}. */
    private static String listensAt(String line) {
        String[] words = line.split(" ");
        if (words.length < 3 || !words[2].matches("[\\d.]+:\\d+")) {
            throw new UserException("cleave link said \"" + line + "\"; expected where it listens");
        }
        return words[2];
    }

    @Override
    public void close() {
        gateway.close();
    }
}
