package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.field.PacedRun.Happening;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.link.LinkShaper;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.Split;
import dev.cleave.engine.Engine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lets a gateway stall under requests that come at even intervals: a run that takes seconds while the rest of the gateway goes on
 * and acknowledges frames; then the whole process stopped by a signal.
 */
@Command(name = "stall", description = "An agent whose gateway stalls.", mixinStandardHelpOptions = true)
final class Stall extends PacedCommand {
    @Option(names = "--requests", paramLabel = "N", description = "Default 200.")
    private int count = 200;

    @Option(names = "--deadline", paramLabel = "MS", description = "Of each request. Default 500.")
    private int deadlineMillis = 500;

    @Option(names = "--stall", paramLabel = "SECONDS", description = "Default 5.")
    private int stallSeconds = 5;

    /**
     * A way of stalling.
     *
     * @param acknowledges whether the gateway goes on taking frames meanwhile: then some wait, and are cancelled
     */
    private record Stalling(String what, boolean acknowledges, Runnable begin, Runnable end) {}

    private final MarkdownTable table = new MarkdownTable(
            "stall",
            "requests",
            "in time",
            "from the gateway",
            "taken up on the device",
            "slowest ms",
            "gateway received",
            "ran",
            "cancelled before");

    public static void main(String[] arguments) {
        run(new Stall(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        FieldModel bundle = split(engine, work);
        DelayedEngine device = device(engine);
        stallOneRun(bundle, device, engine);
        stopTheProcess(bundle, device, work);
        MarkdownPage page = new MarkdownPage(
                "A gateway that stalls",
                engine,
                List.of(setting(deadlineMillis), "each stall takes " + stallSeconds + " s"));
        page.add("Requests of a whole run, with the stall in its middle:", table);
        return page;
    }

    /** The gateway in this process, with an engine that can be told to hang. */
    private void stallOneRun(FieldModel bundle, Engine device, Engine engine) throws Exception {
        AtomicLong until = new AtomicLong(System.nanoTime());
        DelayedEngine hanging = new DelayedEngine(engine, busy -> until.get() - System.nanoTime());
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .modelsDirectory(bundle.served())
                .providers(List.of("cpu"))
                .threads(1)
                .build();
        try (Gateway gateway = Gateway.start(config, hanging)) {
            long nanos = Duration.ofSeconds(stallSeconds).toNanos();
            Stalling stalling = new Stalling("a run", true, () -> until.set(System.nanoTime() + nanos), () -> {});
            drive(stalling, bundle, device, gateway.port(), gateway.httpPort());
        }
    }

    private void stopTheProcess(FieldModel bundle, Engine device, Path work) throws Exception {
        try (GatewayChild gateway = GatewayChild.start(bundle.served(), work)) {
            long process = gateway.processId();
            Stalling stalling =
                    new Stalling("the process", false, () -> signal("STOP", process), () -> signal("CONT", process));
            drive(stalling, bundle, device, gateway.port(), gateway.httpPort());
        }
    }

    private static void signal(String name, long process) {
        try {
            int status = new ProcessBuilder("kill", "-" + name, Long.toString(process))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new UserException("kill -" + name + " ended with " + status + "; expected 0");
            }
        } catch (IOException e) {
            throw new UserException("kill -" + name + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void drive(Stalling stalling, FieldModel bundle, Engine device, int port, int httpPort) throws Exception {
        EventLog events = new EventLog();
        try (LinkShaper link = LinkShaper.startLocal(port, WIFI);
                EdgeAgent agent = agent(bundle.bundle(), device)
                        .gateway("127.0.0.1:" + link.port())
                        .split(Split.auto())
                        .listener(events)
                        .build()) {
            events.awaitUp();
            PacedRun run = warmedUp(agent, bundle, deadlineMillis);
            notes.say(count + " requests; " + stalling.what() + " stalls");
            Metrics before = GatewayChild.metrics(httpPort);
            double middle = seconds(count) / 2;
            List<Request> requests = run.run(
                    count,
                    List.of(
                            new Happening(middle - stallSeconds / 2.0, stalling.begin()),
                            new Happening(middle + stallSeconds / 2.0, stalling.end())));
            report(stalling, requests, events, before, GatewayChild.metrics(httpPort));
        }
    }

    private void report(Stalling stalling, List<Request> requests, EventLog events, Metrics before, Metrics after) {
        String what = stalling.what();
        long inTime = requests.stream()
                .filter(request -> request.isAnswered() && !request.isLate())
                .count();
        long remote = requests.stream().filter(Request::isFromGateway).count();
        long takenUp = requests.stream()
                .filter(request -> request.isAnswered() && request.result().fallback() != null)
                .count();
        long received = grown("cleave_requests_total", "", before, after);
        long ran = grown("cleave_batch_requests_sum", "", before, after);
        long cancelled = grown("cleave_drops_total", "reason=\"cancelled\"", before, after);
        double slowest =
                Statistics.quantile(requests.stream().map(Request::millis).toList(), 1);
        table.row(what, requests.size(), inTime, remote, takenUp, slowest, received, ran, cancelled);
        requests.stream()
                .filter(request -> !request.isAnswered() || request.isLate())
                .forEach(late -> notes.say(format(
                        "request %d, at %.1f s, %.0f ms: %s",
                        late.number(),
                        late.startSeconds(),
                        late.millis(),
                        late.isAnswered() ? "late" : late.failure())));
        verdict(inTime == count, what + " stalls: " + inTime + " of " + count + " requests answered by their deadline");
        verdict(events.endedTwice() == 0, what + " stalls: " + events.endedTwice() + " requests ended twice");
        verdict(takenUp > 0, what + " stalls: the device took up " + takenUp + " requests");
        long dropped = grown("cleave_drops_total", "", before, after);
        verdict(
                ran + dropped == received && (cancelled > 0 || !stalling.acknowledges()),
                what + " stalls: of " + received + " requests the gateway ran " + ran + " and gave up " + dropped
                        + " without a run, " + cancelled + " of them as they were cancelled");
    }

    private static long grown(String name, String label, Metrics before, Metrics after) {
        return Math.round(after.sum(name, label) - before.sum(name, label));
    }
}
