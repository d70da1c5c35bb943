package dev.cleave.benchmarks.hostile;

import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.WideModel;
import dev.cleave.benchmarks.hostile.Attack.Outcome;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.ProcessMemory;
import dev.cleave.bundle.Bundle;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.Split;
import dev.cleave.engine.Engine;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Does to a gateway, in a process of its own, what docs/HOSTILE.md has, while an agent asks it one thing after another: whether the agent notices, whether each misdeed is
 * named or ended, what memory the gateway takes.
 */
@Command(name = "hostile", description = "A gateway under attack, beside a load.", mixinStandardHelpOptions = true)
final class Hostile extends FieldCommand {
    private static final int SIDE = 8;
    private static final double MEBIBYTE = 1 << 20;
    private static final int SLOW_SECONDS = 90;
    private static final String INFER = "POST /v2/models/wide/infer HTTP/1.1\r\nHost: localhost\r\n";

    @Option(names = "--streams", paramLabel = "N", description = "That break the protocol. Default 1000.")
    private int streams = 1000;

    @Option(names = "--connections", paramLabel = "N", description = "That are slow, of each kind. Default 100.")
    private int connections = 100;

    @Option(names = "--most-mib", paramLabel = "N", description = "That the gateway may grow. Default 256.")
    private int mostMebibytes = 256;

    private final MarkdownTable table = new MarkdownTable(
            "what was done",
            "times",
            "named or ended",
            "for example",
            "others' requests: from the gateway",
            "on the device",
            "failed",
            "gateway resident MiB");
    private double most;

    /** One attack. */
    private interface Deed {
        Outcome commit() throws Exception;
    }

    public static void main(String[] arguments) {
        run(new Hostile(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        Path file = WideModel.split(SIDE, work);
        Bundle bundle = Bundle.open(file);
        GatewayChild gateway = GatewayChild.start(file.getParent(), work);
        int port = gateway.port();
        Tensor input = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 1, SIDE, SIDE));
        try (EdgeAgent agent = agent(file, engine)
                        .gateway(gateway.address())
                        .split(Split.at(1))
                        .build();
                Load load = new Load(agent, InferenceInput.of("input", input))) {
            load.awaitFromGateway(1000);
            double before = resident(gateway);
            most = before;
            commit("nothing", load, gateway, () -> {
                load.awaitFromGateway(1000);
                return new Outcome(0, 0, "");
            });
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", port)
                    .usePlaintext()
                    .build();
            Random random = new Random(1);
            GatewayChild first = gateway;
            commit(
                    "streams that break the protocol",
                    load,
                    gateway,
                    () -> Attack.malformedStreams(channel, bundle.id(), streams, random));
            channel.shutdownNow();
            commit(
                    "gRPC connections that say nothing",
                    load,
                    gateway,
                    () -> Attack.slowConnections(first.port(), connections, "", false, SLOW_SECONDS));
            commit(
                    "gRPC prefaces that stop",
                    load,
                    gateway,
                    () -> Attack.slowConnections(first.port(), connections, "PRI", false, SLOW_SECONDS));
            commit(
                    "HTTP headers a byte at a time",
                    load,
                    gateway,
                    () -> Attack.slowConnections(first.httpPort(), connections, INFER + "X: ", true, SLOW_SECONDS));
            commit(
                    "HTTP bodies a byte at a time, of a claimed 16 MB",
                    load,
                    gateway,
                    () -> Attack.slowConnections(
                            first.httpPort(),
                            connections,
                            INFER + "Content-Length: 16000000\r\n\r\n{",
                            true,
                            SLOW_SECONDS));
            commit(
                    "HTTP bodies of a claimed gigabyte",
                    load,
                    gateway,
                    () -> Attack.slowConnections(
                            first.httpPort(),
                            connections,
                            INFER + "Content-Length: 1073741824\r\n\r\n",
                            false,
                            SLOW_SECONDS));
            verdict(
                    most - before <= mostMebibytes,
                    format("the gateway grew by %.0f MiB at most (wanted %d)", most - before, mostMebibytes));
            Load.Count count = load.count();
            gateway.close(); // SIGKILL.
            gateway = GatewayChild.start(file.getParent(), work, port);
            load.awaitFromGateway(1000);
            row("kill -9, and another in its place", new Outcome(1, 1, ""), load, count, gateway);
        } finally {
            gateway.close();
        }
        MarkdownPage page = new MarkdownPage(
                "A gateway under attack",
                engine,
                List.of(
                        "gateway in a process of its own, nothing configured; the agent asks at a split point, one request after"
                                + " another, in this process"));
        page.add("What was done, and what the agent beside it had of it:", table);
        return page;
    }

    private void commit(String what, Load load, GatewayChild gateway, Deed deed) throws Exception {
        notes.say(what);
        Load.Count before = load.count();
        Outcome outcome = deed.commit();
        Load.Count count = row(what, outcome, load, before, gateway);
        verdict(
                outcome.named() == outcome.count(),
                what + ": " + outcome.named() + " of " + outcome.count() + " named or ended");
        verdict(count.local() == 0, what + ": " + count.local() + " requests did without the gateway");
    }

    private Load.Count row(String what, Outcome outcome, Load load, Load.Count before, GatewayChild gateway)
            throws Exception {
        Load.Count count = load.count().since(before);
        double resident = resident(gateway);
        most = Math.max(most, resident);
        table.row(
                what,
                outcome.count(),
                outcome.named(),
                outcome.example(),
                count.fromGateway(),
                count.local(),
                count.failed(),
                resident);
        verdict(count.failed() == 0, what + ": " + count.failed() + " requests of others failed");
        return count;
    }

    private static double resident(GatewayChild gateway) throws Exception {
        return ProcessMemory.residentBytes(gateway.processId()) / MEBIBYTE;
    }
}
