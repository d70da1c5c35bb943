package dev.cleave.benchmarks.batch;

import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.field.WideModel;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.Split;
import dev.cleave.engine.Engine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Clients that each wait for an answer before they ask again, and a gateway whose runs have a declared cost: one request at a time, whatever came
 * during a run together, and as the gateway does by itself.
 */
@Command(
        name = "batching",
        description = "What batching gains where a run costs much and a row little.",
        mixinStandardHelpOptions = true)
final class BatchingGain extends FieldCommand {
    private static final int SIDE = 8;
    private static final double GAIN = 3.9;
    private static final double LONE_MILLIS = 0.1;
    private static final double NANOS_PER_MILLI = 1e6;

    @Option(names = "--clients", paramLabel = "N", description = "Default 8.")
    private int clients = 8;

    @Mixin
    private RunCost cost = new RunCost(12, 0.2);

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Of each way, the first quarter not counted. Default 20.")
    private int seconds = 20;

    private final MarkdownTable table = new MarkdownTable(
            "gateway", "clients", "a second", "mean ms", "p50 ms", "p95 ms", "rows a batch", "closed");

    /** What one way of serving came to. */
    private record Served(double perSecond, double p50Millis, double p95Millis) {}

    public static void main(String[] arguments) {
        run(new BatchingGain(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        Path bundle = WideModel.split(SIDE, work);
        Engine costed = cost.on(engine);
        Served alone = serve("one at a time", config().maxBatch(1), bundle, costed, engine, clients);
        serve("what came during a run", config().maxQueueDelay(Duration.ZERO), bundle, costed, engine, clients);
        Served learned = serve("nothing configured", config(), bundle, costed, engine, clients);
        Served loneAtOnce =
                serve("what came during a run", config().maxQueueDelay(Duration.ZERO), bundle, costed, engine, 1);
        Served lone = serve("nothing configured", config(), bundle, costed, engine, 1);
        MarkdownPage page = new MarkdownPage(
                "What batching gains",
                engine,
                List.of(
                        "a run takes " + cost + "; one executor",
                        "clients: agents in the gateway's process, each with one request in flight, over loopback; "
                                + seconds + " s each, of which the first quarter does not count"));
        page.add("Ways of serving:", table);
        double gain = learned.perSecond() / alone.perSecond();
        verdict(gain >= GAIN, format("%.1f times as many answers as one at a time (wanted at least %.1f)", gain, GAIN));
        verdict(
                learned.p95Millis() <= alone.p95Millis(),
                format("p95 %.1f ms, one at a time %.1f ms (wanted at most)", learned.p95Millis(), alone.p95Millis()));
        double late = lone.p50Millis() - loneAtOnce.p50Millis();
        verdict(
                late <= LONE_MILLIS,
                format("a lone client's median is %.3f ms later (wanted at most %.1f)", late, LONE_MILLIS));
        return page;
    }

    private static GatewayConfigBuilder config() {
        return GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .providers(List.of("cpu"))
                .threads(1);
    }

    private Served serve(String what, GatewayConfigBuilder config, Path bundle, Engine costed, Engine engine, int count)
            throws Exception {
        notes.say(what + ", " + count + " clients");
        try (Gateway gateway =
                Gateway.start(config.modelsDirectory(bundle.getParent()).build(), costed)) {
            long begin = System.nanoTime();
            long counted = begin + Duration.ofSeconds(seconds).toNanos() / 4;
            long end = begin + Duration.ofSeconds(seconds).toNanos();
            ExecutorService threads = Executors.newFixedThreadPool(count);
            List<Future<List<Double>>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(() -> ask(bundle, engine, gateway.port(), counted, end)));
            }
            List<Double> millis = new ArrayList<>();
            for (Future<List<Double>> each : all) {
                millis.addAll(each.get());
            }
            threads.shutdown();
            return row(what, count, millis, (end - counted) / 1e9, GatewayChild.metrics(gateway.httpPort()));
        }
    }

    /** Times of the requests that began after a moment, one after another. */
    private static List<Double> ask(Path bundle, Engine engine, int port, long counted, long end) throws Exception {
        List<Double> millis = new ArrayList<>();
        Tensor input = Tensor.ofFloats(Shape.of(1, 1, SIDE, SIDE), new float[SIDE * SIDE]);
        try (EdgeAgent agent = agent(bundle, engine)
                .gateway("127.0.0.1:" + port)
                .split(Split.at(1))
                .build()) {
            long before = System.nanoTime();
            while (before < end) {
                agent.infer(InferenceInput.of("input", input)).get();
                long after = System.nanoTime();
                if (before >= counted) {
                    millis.add((after - before) / NANOS_PER_MILLI);
                }
                before = after;
            }
        }
        return millis;
    }

    private Served row(String what, int count, List<Double> millis, double counted, Metrics metrics) {
        Served served = new Served(
                millis.size() / counted, Statistics.quantile(millis, 0.5), Statistics.quantile(millis, 0.95));
        double batches = metrics.sum("cleave_batch_requests_count", "");
        List<String> closed = new ArrayList<>();
        for (String reason : List.of("idle", "delay", "full", "deadline", "shape")) {
            double share = metrics.sum("cleave_batches_total", "reason=\"" + reason + "\"") / batches;
            if (share > 0) {
                closed.add(format("%s %.0f %%", reason, 100 * share));
            }
        }
        table.row(
                what,
                count,
                served.perSecond(),
                Statistics.mean(millis),
                served.p50Millis(),
                served.p95Millis(),
                metrics.sum("cleave_batch_requests_sum", "") / batches,
                String.join(", ", closed));
        return served;
    }
}
