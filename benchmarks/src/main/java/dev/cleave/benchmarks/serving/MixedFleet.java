package dev.cleave.benchmarks.serving;

import dev.cleave.answer.Values;
import dev.cleave.benchmarks.batch.DeclaredCost;
import dev.cleave.benchmarks.batch.RunCost;
import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.FieldModel;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.MixedCuts;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.Reply;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A fleet that cuts at three points, on a gateway where requests join runs of earlier points and on one where each point has a session of its own. Segments have a
 * declared cost, as on a device where a run costs much and a row little, and a session takes what its segments take; then the same on ONNX Runtime as it is.
 */
@Command(
        name = "mixed-fleet",
        description = "Devices that cut at different points, on one gateway.",
        mixinStandardHelpOptions = true)
final class MixedFleet extends FieldCommand {
    private static final int POINTS = 3;
    private static final double TOLERANCE = 1e-4;
    private static final Pattern TAIL = Pattern.compile("tail-(\\d+)");

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "At each point, one request in flight each. Default 8.")
    private int clients = 8;

    /** Of each segment. */
    @Mixin
    private RunCost cost = new RunCost(4, 0.1);

    @Option(names = "--seconds", paramLabel = "N", description = "Of each way, after as long a warm-up. Default 15.")
    private int seconds = 15;

    private final MarkdownTable table = new MarkdownTable(
            "gateway",
            "a second",
            "mean ms",
            "p50 ms",
            "p95 ms",
            "rows in a run of the last segment",
            "its runs a second");

    /** What one way of serving came to. */
    private record Served(double perSecond, double lastRows, double worstDifference) {}

    public static void main(String[] arguments) {
        run(new MixedFleet(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        FieldModel model = FieldModel.split(
                PlanMaterial.Known.CIFAR_RESNET20,
                24,
                engine,
                work,
                List.of("--int8=never", "--ladder", Integer.toString(POINTS)));
        Bundle bundle = Bundle.open(model.bundle());
        DeclaredCost declared = cost.on(engine, MixedFleet::segments);
        Served apart = serve("declared: a session for each point", MixedCuts.NEVER, model, bundle, declared, engine);
        Served mixed = serve("declared: requests join", MixedCuts.ALWAYS, model, bundle, declared, engine);
        DeclaredCost counting = new DeclaredCost(engine, 0, 0);
        Served realApart =
                serve("as it is: a session for each point", MixedCuts.NEVER, model, bundle, counting, engine);
        Served realMixed = serve("as it is: requests join", MixedCuts.ALWAYS, model, bundle, counting, engine);
        MarkdownPage page = new MarkdownPage(
                "A fleet that cuts at three points",
                engine,
                List.of(
                        "cifar_resnet20, a ladder of " + POINTS + "; one executor; declared: each segment takes " + cost
                                + ", a session what its segments take together; as it is: ONNX Runtime on one core",
                        clients + " clients at each point, each with one request in flight, over loopback; level raw",
                        "runs of the last segment: its own, or those of sessions, of which each has it at its end"));
        page.add("Both ways:", table);
        verdict(
                mixed.lastRows() > apart.lastRows(),
                format(
                        "a run of the last segment has %.1f rows, with a session for each point %.1f",
                        mixed.lastRows(), apart.lastRows()));
        verdict(
                mixed.perSecond() > apart.perSecond(),
                format("%.2f times as many answers a second", mixed.perSecond() / apart.perSecond()));
        page.add(List.of(format(
                "On ONNX Runtime as it is, joining gives %.2f times as many answers a second.",
                realMixed.perSecond() / realApart.perSecond())));
        double worst = Stream.of(apart, mixed, realApart, realMixed)
                .mapToDouble(Served::worstDifference)
                .max()
                .orElseThrow();
        verdict(worst <= TOLERANCE, format("answers differ from those of a row alone by at most %.1e", worst));
        return page;
    }

    /** How many segments a graph has: a tail those from its point on. */
    private static int segments(String graph) {
        Matcher tail = TAIL.matcher(graph);
        return tail.find() ? POINTS + 1 - Integer.parseInt(tail.group(1)) : 1;
    }

    private Served serve(
            String what, MixedCuts mixedCuts, FieldModel model, Bundle bundle, DeclaredCost costed, Engine engine)
            throws Exception {
        notes.say(what);
        GatewayConfig config = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .providers(List.of("cpu"))
                .threads(1)
                .mixedCuts(mixedCuts)
                .modelsDirectory(model.served())
                .build();
        List<Fleet> fleets = new ArrayList<>();
        try (Gateway gateway = Gateway.start(config, costed)) {
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", gateway.port())
                    .usePlaintext()
                    .build();
            for (int point = 1; point <= POINTS; point++) {
                fleets.add(new Fleet(channel, model, bundle, engine, point));
            }
            run(fleets);
            costed.forget();
            long begin = System.nanoTime();
            List<Double> millis = run(fleets);
            double took = (System.nanoTime() - begin) / 1e9;
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
            var last = costed.rows(mixedCuts == MixedCuts.NEVER ? "tail-" : "segment-" + POINTS);
            table.row(
                    what,
                    millis.size() / took,
                    Statistics.mean(millis),
                    Statistics.quantile(millis, 0.5),
                    Statistics.quantile(millis, 0.95),
                    last.getAverage(),
                    last.getCount() / took);
            double worst =
                    fleets.stream().mapToDouble(fleet -> fleet.worst).max().orElse(0);
            return new Served(millis.size() / took, last.getAverage(), worst);
        }
    }

    private List<Double> run(List<Fleet> fleets) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(fleets.size() * clients);
        List<Future<List<Double>>> all = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (Fleet fleet : fleets) {
            for (int i = 0; i < clients; i++) {
                all.add(threads.submit(() -> fleet.ask(end)));
            }
        }
        List<Double> millis = new ArrayList<>();
        for (Future<List<Double>> each : all) {
            millis.addAll(each.get());
        }
        threads.shutdown();
        return millis;
    }

    /** Clients that cut at one point. */
    private static final class Fleet {
        private final ManagedChannel channel;
        private final Bundle bundle;
        private final int point;
        private final Map<String, Tensor> boundary;
        private final Map<String, Tensor> expected;
        private volatile double worst;

        Fleet(ManagedChannel channel, FieldModel model, Bundle bundle, Engine engine, int point) throws Exception {
            this.channel = channel;
            this.bundle = bundle;
            this.point = point;
            Contract contract = bundle.contract();
            TensorSpec input = contract.inputs().get(0);
            Tensor picture = contract.preprocessing()
                    .apply(model.inputs().get(point).pictures().get(0), input);
            SessionOptions options = SessionOptions.defaults().withThreads(1);
            try (SegmentChain chain =
                    SegmentChain.load(bundle, engine, options, contract.precision(), 0, contract.local())) {
                boundary = chain.run(0, point, Map.of(input.name(), picture), 0);
                expected = chain.run(point, contract.local(), boundary, 0);
            }
        }

        List<Double> ask(long end) throws Exception {
            List<Double> millis = new ArrayList<>();
            try (Replay replay =
                    new Replay(channel, bundle, new Frames(bundle, point, QualityLevel.RAW, boundary), this::check)) {
                while (System.nanoTime() < end) {
                    millis.addAll(replay.run(1, 1));
                }
            }
            return millis;
        }

        private void check(Reply reply) {
            List<TensorSpec> late = bundle.contract().lateOutputs(point);
            ActivationCodec codec = new ActivationCodec(
                    late, Collections.nCopies(late.size(), new CodecParams.Raw()), Entropy.NONE, null, null);
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            late.forEach(spec -> outputs.put(
                    spec.name(),
                    Tensor.allocate(spec.type(), expected.get(spec.name()).shape())));
            try {
                codec.decode(reply.getPayload().asReadOnlyByteBuffer(), outputs);
            } catch (CodecException malformed) {
                throw new IllegalStateException(malformed);
            }
            outputs.forEach((name, tensor) -> worst = Math.max(
                    worst, Values.difference(tensor, expected.get(name)).relative()));
        }
    }
}
