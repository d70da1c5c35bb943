package dev.cleave.benchmarks.serving;

import dev.cleave.benchmarks.field.BlockOptions;
import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.FieldModel;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.process.Cores;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.benchmarks.process.ThreadTimes;
import dev.cleave.benchmarks.process.WarmUp;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * What a gateway costs beside what it runs: processor time of its process for each request, against that of the same runs on bare ONNX Runtime, in turn; and how
 * much later an answer comes over loopback. The gateway has one core, frames come from the other.
 */
@Command(name = "gateway-cost", description = "A gateway against bare ONNX Runtime.", mixinStandardHelpOptions = true)
final class GatewayCost extends FieldCommand {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final int WARM_UP_RUNS = 50;

    private static final double MOST_RATIO = 1.10;
    private static final double MOST_MILLIS = 0.25;
    private static final double HEAVY_MILLIS = 5;
    private static final double LATER_MILLIS = 0.3;

    @Mixin
    private BlockOptions turns = new BlockOptions();

    @Option(names = "--pictures", paramLabel = "N", description = "To split by. Default 24.")
    private int pictures = 24;

    private final MarkdownTable threads =
            new MarkdownTable("model", "point", "in flight", "threads", "ms for a request");
    private final MarkdownTable costs = new MarkdownTable(
            "model",
            "point",
            "in flight",
            "rows a batch",
            "bare ms",
            "gateway ms",
            "+- (95 %)",
            "ratio",
            "+- (95 %)",
            "frame bytes",
            "bare p50 ms",
            "answer p50 ms");

    public static void main(String[] arguments) {
        run(new GatewayCost(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        measure(PlanMaterial.Known.MOBILENETV2, 1, QualityLevel.DEFAULT, engine, work.resolve("tail"));
        measure(PlanMaterial.Known.CIFAR_RESNET20, 0, QualityLevel.RAW, engine, work.resolve("whole"));
        MarkdownPage page = new MarkdownPage(
                "What a gateway costs",
                engine,
                List.of(
                        "gateway: a process on one core, one thread a run, nothing else configured; frames: one that"
                                + " was recorded, sent again and again from the other core",
                        "bare: the same segments on the same bytes decoded, as many rows in a run as the gateway's"
                                + " batches had on average, in the process that sends",
                        "processor time of the whole gateway (decoding, gRPC, garbage collection and compiler"
                                + " included) for each request; "
                                + turns.blocks()
                                + " blocks of each in turn, once the compiler takes less than 2 % of it (after at most "
                                + turns.warmUpSeconds() + " s)"));
        page.add("Processor time for a request, and times over loopback:", costs);
        page.add("Where the gateway's processor time goes, by what its threads are there for:", threads);
        return page;
    }

    private void measure(PlanMaterial.Known known, int point, String level, Engine engine, Path work) throws Exception {
        notes.say(known + ": splitting");
        FieldModel model = FieldModel.split(
                known, pictures, engine, Files.createDirectories(work), List.of("--int8=never", "--ladder", "2"));
        Bundle bundle = Bundle.open(model.bundle());
        Contract contract = bundle.contract();
        Map<String, Tensor> boundary = boundary(model, bundle, engine, point);
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        try (GatewayChild gateway = GatewayChild.start(model.served(), work);
                SegmentChain bare =
                        SegmentChain.load(bundle, engine, options, contract.precision(), point, contract.local())) {
            Cores.pin(gateway.processId(), 0);
            Cores.pin(ProcessHandle.current().pid(), 1);
            ManagedChannel channel = NettyChannelBuilder.forTarget(gateway.address())
                    .usePlaintext()
                    .build();
            Frames frames = new Frames(bundle, point, level, boundary);
            for (int inFlight : List.of(1, 8)) {
                notes.say(known + ": " + inFlight + " in flight");
                try (Replay replay = new Replay(channel, bundle, frames)) {
                    compare(
                            known,
                            point,
                            inFlight,
                            gateway,
                            replay,
                            new BareRuns(bare, point, boundary),
                            frames.bytes());
                }
            }
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    /** What crosses the point for one picture. */
    private static Map<String, Tensor> boundary(FieldModel model, Bundle bundle, Engine engine, int point)
            throws IOException, EngineException {
        Contract contract = bundle.contract();
        TensorSpec input = contract.inputs().get(0);
        Map<String, Tensor> inputs = Map.of(
                input.name(),
                contract.preprocessing().apply(model.inputs().get(0).pictures().get(0), input));
        if (point == 0) {
            return inputs;
        }
        SessionOptions options = SessionOptions.defaults().withThreads(1);
        try (SegmentChain head = SegmentChain.load(bundle, engine, options, contract.precision(), 0, point)) {
            return head.run(0, point, inputs, 0);
        }
    }

    private void compare(
            PlanMaterial.Known known,
            int point,
            int inFlight,
            GatewayChild gateway,
            Replay replay,
            BareRuns bare,
            int bytes)
            throws Exception {
        int runs = Math.max(
                50, (int) (turns.blockSeconds() * 1000 / bare.time(1, 50).wallMillis()));
        double share = WarmUp.of(gateway.processId(), turns.warmUpSeconds(), () -> replay.run(WARM_UP_RUNS, inFlight));
        notes.say(format("warm: the compiler takes %.1f %% of the gateway's processor time", 100 * share));
        ThreadTimes inAll = new ThreadTimes(new TreeMap<>());
        List<Double> gatewayMillis = new ArrayList<>();
        List<Double> bareMillis = new ArrayList<>();
        List<Double> answers = new ArrayList<>();
        List<Double> bareWalls = new ArrayList<>();
        double rowsSum = 0;
        for (int block = 0; block < turns.blocks(); block++) {
            Metrics before = gateway.metrics();
            ThreadTimes began = ThreadTimes.of(gateway.processId());
            answers.add(Statistics.quantile(replay.run(runs, inFlight), 0.5));
            ThreadTimes took = ThreadTimes.of(gateway.processId()).since(began);
            gatewayMillis.add(took.total() / NANOS_PER_MILLI / runs);
            inAll = inAll.and(took);
            double rows = gateway.metrics().rowsABatch(before);
            rowsSum += rows;
            BareRuns.Times times = bare.time((int) Math.max(1, Math.round(rows)), runs);
            bareMillis.add(times.cpuMillis());
            bareWalls.add(times.wallMillis());
        }
        int requests = turns.blocks() * runs;
        inAll.nanos()
                .forEach((group, nanos) ->
                        threads.row(known, point, inFlight, group, nanos / NANOS_PER_MILLI / requests));
        report(known, point, inFlight, rowsSum / turns.blocks(), gatewayMillis, bareMillis, bytes, bareWalls, answers);
    }

    private void report(
            PlanMaterial.Known known,
            int point,
            int inFlight,
            double rows,
            List<Double> gateway,
            List<Double> bare,
            int bytes,
            List<Double> bareWalls,
            List<Double> answers) {
        List<Double> ratios = new ArrayList<>();
        List<Double> more = new ArrayList<>();
        for (int i = 0; i < turns.blocks(); i++) {
            ratios.add(gateway.get(i) / bare.get(i));
            more.add(gateway.get(i) - bare.get(i));
        }
        double bareMillis = Statistics.mean(bare);
        double bareP50 = Statistics.quantile(bareWalls, 0.5);
        double answerP50 = Statistics.quantile(answers, 0.5);
        costs.row(
                known,
                point,
                inFlight,
                rows,
                bareMillis,
                Statistics.mean(gateway),
                Statistics.halfWidth(gateway),
                Statistics.mean(ratios),
                Statistics.halfWidth(ratios),
                bytes,
                bareP50,
                answerP50);
        String what = format("%s at point %d, %d in flight", known, point, inFlight);
        if (bareMillis >= HEAVY_MILLIS) {
            verdict(
                    Statistics.mean(ratios) <= MOST_RATIO,
                    format(
                            "%s: %.3f +- %.3f of the processor time of bare runs (wanted at most %.2f)",
                            what, Statistics.mean(ratios), Statistics.halfWidth(ratios), MOST_RATIO));
        } else {
            verdict(
                    Statistics.mean(more) <= MOST_MILLIS,
                    format(
                            "%s: %.3f +- %.3f ms of processor time more than bare runs (wanted at most %.2f)",
                            what, Statistics.mean(more), Statistics.halfWidth(more), MOST_MILLIS));
        }
        if (inFlight == 1) {
            verdict(
                    answerP50 - bareP50 <= LATER_MILLIS,
                    format(
                            "%s: an answer takes %.2f ms longer than a bare run, by the medians (wanted at most %.1f)",
                            what, answerP50 - bareP50, LATER_MILLIS));
        }
    }
}
