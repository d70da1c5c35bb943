package dev.cleave.benchmarks.field;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.JavaChild;
import dev.cleave.cli.process.ChildProcess;
import dev.cleave.engine.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Gives agents far more frames than their link can carry, and looks at what memory they take and how old answers are: one agent
 * in a JVM of its own for each transport and each way of dealing with what is too much ({@link Flooded}).
 */
@Command(
        name = "back-pressure",
        description = "Agents that are given more than their link carries.",
        mixinStandardHelpOptions = true)
final class BackPressure extends FieldCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MEBIBYTE = 1 << 20;
    /** Of the gateway, as it is by default. */
    private static final double WINDOW_MEBIBYTES = 16;

    private static final double MOST_OVER_WINDOW = 16;
    private static final double MOST_SERVICE_TIMES = 2;

    @Option(names = "--seconds", paramLabel = "N", description = "For each agent. Default 60.")
    private int seconds = 60;

    @Option(names = "--rate", paramLabel = "N", description = "Frames a second. Default 30.")
    private int framesPerSecond = 30;

    @Option(names = "--side", paramLabel = "N", description = "Of a frame of 32-bit floats. Default 512: 1 MiB.")
    private int side = 512;

    @Option(names = "--modes", split = ",", paramLabel = "MODE", description = "Of local, wait, reject, latest.")
    private List<String> modes = List.of("local", "wait", "reject", "latest");

    @Option(names = "--transports", split = ",", paramLabel = "NAME", description = "Of netty, okhttp.")
    private List<String> transports = List.of("netty", "okhttp");

    public static void main(String[] arguments) {
        run(new BackPressure(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        long frameBytes = (long) side * side * Float.BYTES;
        Path bundle = WideModel.split(side, work);
        MarkdownTable table = new MarkdownTable(
                "transport",
                "what is too much",
                "frames",
                "from the gateway",
                "LOCAL",
                "ended by name",
                "lost",
                "memory grew by MiB",
                "of it heap",
                "dead buffers beside it",
                "service ms",
                "oldest answer ms");
        try (GatewayChild gateway = GatewayChild.start(bundle.getParent(), work);
                ChildProcess link = ChildProcess.start(
                        work.resolve("link.log"),
                        List.of(
                                "link",
                                "--listen",
                                "0",
                                "--to",
                                gateway.address(),
                                "--uplink",
                                Long.toString(8 * frameBytes),
                                "--rtt",
                                "20ms"))) {
            String address = link.readLine().split(" ")[2];
            for (String transport : transports) {
                for (String mode : modes) {
                    notes.say(transport + ", " + mode);
                    flood(bundle, address, transport, mode, work, table);
                }
            }
        }
        MarkdownPage page = new MarkdownPage(
                "Agents that are given more than their link carries",
                engine,
                List.of(
                        framesPerSecond + " frames a second for " + seconds + " s, " + frameBytes
                                + " bytes each, sent as they are, over a link that carries one a second",
                        "each agent in a JVM of its own, heap of 128 MiB from the start, without the optimising compiler, which"
                                + " takes tens of MiB for moments; gateway and link in two others",
                        "memory: resident bytes beside the heap and live bytes in it, the most in the run less what there"
                                + " was after a warm-up; looked at after collections of garbage, what these gave back of direct"
                                + " buffers is beside it; frames come from a pool that grows when all are in use, and it is"
                                + " part of that"));
        page.add("Agents:", table);
        return page;
    }

    private void flood(Path bundle, String address, String transport, String mode, Path work, MarkdownTable table)
            throws IOException, InterruptedException {
        List<String> arguments = List.of(
                bundle.toString(),
                address,
                transport,
                mode,
                Integer.toString(side),
                Integer.toString(framesPerSecond),
                Integer.toString(seconds));
        JsonNode found;
        try (JavaChild agent = JavaChild.start(
                Files.createTempFile(work, "agent-", ".log"),
                List.of("-Xms128m", "-Xmx128m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1"),
                Flooded.class,
                arguments)) {
            found = JSON.readTree(agent.finish());
        }
        double grown = found.get("grownBytes").asDouble() / MEBIBYTE;
        double service = found.get("serviceMillis").asDouble();
        double oldest = found.get("oldestMillis").asDouble();
        table.row(
                transport,
                mode,
                found.get("frames").asLong(),
                found.get("remote").asLong(),
                found.get("local").asLong(),
                found.get("named").asLong(),
                found.get("lost").asLong(),
                grown,
                found.get("grownHeapBytes").asDouble() / MEBIBYTE,
                found.get("deadBytes").asDouble() / MEBIBYTE,
                service,
                oldest);
        String who = transport + ", " + mode;
        double most = WINDOW_MEBIBYTES + MOST_OVER_WINDOW;
        verdict(
                grown <= most,
                format(
                        "%s: memory grew by %.1f MiB (wanted at most %.0f: the window and %.0f)",
                        who, grown, most, MOST_OVER_WINDOW));
        verdict(found.get("lost").asLong() == 0, who + ": " + found.get("lost").asLong() + " frames without an ending");
        verdict(
                found.get("remote").asLong() > seconds / 4,
                who + ": the gateway answered " + found.get("remote").asLong());
        if (mode.equals("latest")) {
            verdict(
                    oldest <= MOST_SERVICE_TIMES * service,
                    format(
                            "%s: answers were up to %.0f ms old (wanted at most %.0f service times of %.0f ms)",
                            who, oldest, MOST_SERVICE_TIMES, service));
        }
    }
}
