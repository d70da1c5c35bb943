package dev.cleave.benchmarks.serving;

import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.FieldModel;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.cli.failure.UserException;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.Split;
import dev.cleave.edge.events.Source;
import dev.cleave.engine.DeviceOptions;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.device.Gpu;
import dev.cleave.gateway.device.NvidiaSmi;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A gateway with GPUs under an agent and under recorded frames, against bare runs of the same graphs on the same provider. */
@Command(name = "gpu", description = "A gateway with GPUs against bare ONNX Runtime.", mixinStandardHelpOptions = true)
final class GpuServing extends FieldCommand {
    private static final int POINT = 1;
    private static final int CANNOT = 1;
    private static final int WARM_UP = 50;

    @Option(names = "--providers", split = ",", paramLabel = "NAME", description = "Default tensorrt,cuda.")
    private List<String> providers = List.of("tensorrt", "cuda");

    @Option(
            names = "--device",
            paramLabel = "ID",
            description = "Index as CUDA counts, for bare runs as well. Default 0.")
    private int device;

    @Option(names = "--model", paramLabel = "NAME", description = "Default mobilenetv2.")
    private PlanMaterial.Known model = PlanMaterial.Known.MOBILENETV2;

    @Option(names = "--max-batch", paramLabel = "N", description = "Default 32.")
    private int maxBatch = 32;

    @Option(names = "--seconds", paramLabel = "S", description = "For each figure, about. Default 5.")
    private double seconds = 5;

    @Option(names = "--pictures", paramLabel = "N", description = "To split by and to ask the agent. Default 24.")
    private int pictures = 24;

    @Option(names = "--build-minutes", paramLabel = "N", description = "That a build may take. Default 30.")
    private long buildMinutes = 30;

    private final MarkdownTable graphs = new MarkdownTable("graph", "provider", "refused");
    private final MarkdownTable bare = new MarkdownTable("rows", "median ms", "rows a second");
    private final MarkdownTable served =
            new MarkdownTable("in flight", "requests a second", "rows a batch", "p50 ms", "p95 ms", "of bare");

    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new GpuServing()).setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof UserException) {
                System.err.println(failure.getMessage());
                return CANNOT;
            }
            throw failure;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        requireProvider(engine);
        List<Gpu> gpus = new NvidiaSmi().gpus();
        notes.say(model + ": splitting");
        FieldModel split = FieldModel.split(
                model, pictures, engine, Files.createDirectories(work), List.of("--int8=never", "--ladder", "2"));
        Bundle bundle = Bundle.open(split.bundle());
        List<String> how = new ArrayList<>(List.of(
                "GPUs: "
                        + (gpus.isEmpty()
                                ? "none that nvidia-smi lists"
                                : String.join(
                                        "; ",
                                        gpus.stream().map(GpuServing::line).toList())),
                "providers asked for: " + String.join(", ", providers) + "; model " + model + ", point " + POINT
                        + ", level raw"));
        try (Gateway gateway = Gateway.start(config(split), engine)) {
            how.add("gateway: " + awaitBuild(gateway));
            Map<String, Tensor> boundary = boundary(split, bundle, engine);
            Map<Integer, Double> rates = bare(bundle, engine, boundary);
            serve(gateway, bundle, new Frames(bundle, POINT, QualityLevel.RAW, boundary), rates);
            ask(gateway, split, engine);
        }
        MarkdownPage page = new MarkdownPage("A gateway with GPUs", engine, how);
        page.add("Which provider each graph has, loaded by itself as the gateway loads it:", graphs);
        page.add("Bare runs of the tail, one at a time, host memory in and out:", bare);
        page.add(
                "The gateway over loopback, frames of one row from the same process; \"of bare\" is against the bare"
                        + " runs of the next larger batch:",
                served);
        return page;
    }

    private void requireProvider(Engine engine) {
        List<String> reasons = new ArrayList<>();
        for (String provider : providers) {
            String reason = engine.unavailableReason(provider);
            if (reason == null) {
                return;
            }
            reasons.add(provider + ": " + reason);
        }
        throw new UserException("no execution provider to measure (" + String.join("; ", reasons)
                + "); expected a build with -Pgpu, CUDA's libraries and a GPU, or --providers cpu");
    }

    /** A library that loads is no GPU yet. */
    private void requireProvider(ModelStatus status) {
        if (!providers.contains(status.provider())) {
            throw new UserException("the model runs on " + status.provider() + " (" + status.reason()
                    + "); expected one of " + String.join(", ", providers));
        }
    }

    private static String line(Gpu gpu) {
        return gpu.index() + " " + gpu.name() + ", compute capability " + gpu.computeCapability() + ", driver "
                + gpu.driver();
    }

    private GatewayConfig config(FieldModel split) {
        return GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .modelsDirectory(split.served())
                .providers(providers)
                .devices(List.of(Integer.toString(device)))
                .maxBatch(maxBatch)
                .build();
    }

    /** Until nothing is built any more; what the model runs on then. */
    private String awaitBuild(Gateway gateway) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(buildMinutes);
        while (true) {
            ModelStatus status = gateway.models().get(0);
            if (!status.reason().contains("built")) {
                requireProvider(status);
                return status.provider() + " in " + status.precision()
                        + (status.reason().isEmpty() ? "" : " (" + status.reason() + ")");
            }
            if (System.nanoTime() > end) {
                throw new UserException(
                        "the model is not built after " + buildMinutes + " min; expected less, or --build-minutes");
            }
            notes.say(status.reason());
            TimeUnit.SECONDS.sleep(1);
        }
    }

    private SessionOptions options() {
        return SessionOptions.defaults()
                .withProviders(providers)
                .withDevice(DeviceOptions.first().withIndex(device).withRows(maxBatch, maxBatch));
    }

    /** What crosses the point for one picture. */
    private static Map<String, Tensor> boundary(FieldModel split, Bundle bundle, Engine engine)
            throws IOException, EngineException {
        Contract contract = bundle.contract();
        TensorSpec input = contract.inputs().get(0);
        Map<String, Tensor> inputs = Map.of(
                input.name(),
                contract.preprocessing().apply(split.inputs().get(0).pictures().get(0), input));
        SessionOptions options = SessionOptions.defaults();
        try (SegmentChain head = SegmentChain.load(bundle, engine, options, contract.precision(), 0, POINT)) {
            return head.run(0, POINT, inputs, 0);
        }
    }

    /** Rows a second by rows of a run. */
    private Map<Integer, Double> bare(Bundle bundle, Engine engine, Map<String, Tensor> boundary)
            throws IOException, EngineException {
        Contract contract = bundle.contract();
        Map<Integer, Double> rates = new TreeMap<>();
        for (int segment = POINT; segment < contract.local(); segment++) {
            try (SegmentChain one =
                    SegmentChain.load(bundle, engine, options(), contract.precision(), segment, segment + 1)) {
                graphs.row("segment-" + segment, one.provider(), String.join("; ", one.refusedProviders()));
            }
        }
        try (SegmentChain tail =
                SegmentChain.load(bundle, engine, options(), contract.precision(), POINT, contract.local())) {
            BareRuns runs = new BareRuns(tail, POINT, boundary);
            for (int rows = 1; rows <= Math.min(maxBatch, contract.maxBatch()); rows *= 2) {
                notes.say("bare runs of " + rows + " rows");
                double first = runs.time(rows, 3 * rows).wallMillis();
                int count = (int) Math.max(3, seconds * 1000 / first);
                double millis = runs.time(rows, count * rows).wallMillis();
                rates.put(rows, rows * 1000 / millis);
                bare.row(rows, millis, rates.get(rows));
            }
        }
        return rates;
    }

    private void serve(Gateway gateway, Bundle bundle, Frames frames, Map<Integer, Double> rates) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget("127.0.0.1:" + gateway.port())
                .usePlaintext()
                .build();
        try (Replay replay = new Replay(channel, bundle, frames)) {
            for (int inFlight : new TreeSet<>(List.of(1, 8, maxBatch))) {
                notes.say(inFlight + " in flight");
                double first = Statistics.mean(replay.run(WARM_UP, inFlight)) / inFlight;
                int count = (int) Math.max(WARM_UP, seconds * 1000 / first);
                Metrics before = GatewayChild.metrics(gateway.httpPort());
                long start = System.nanoTime();
                List<Double> millis = replay.run(count, inFlight);
                double perSecond = count * 1e9 / (System.nanoTime() - start);
                double rows = GatewayChild.metrics(gateway.httpPort()).rowsABatch(before);
                served.row(
                        inFlight,
                        perSecond,
                        rows,
                        Statistics.quantile(millis, 0.5),
                        Statistics.quantile(millis, 0.95),
                        perSecond / bareRate(rates, rows));
            }
        } finally {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }

    private static double bareRate(Map<Integer, Double> rates, double rows) {
        double rate = Double.NaN;
        for (Map.Entry<Integer, Double> one : rates.entrySet()) {
            rate = one.getValue();
            if (one.getKey() >= rows) {
                return rate;
            }
        }
        return rate;
    }

    /** Every picture through an agent that may not answer by itself. */
    private void ask(Gateway gateway, FieldModel split, Engine engine) throws Exception {
        int answered = 0;
        try (EdgeAgent agent = agent(split.bundle(), engine)
                .gateway("127.0.0.1:" + gateway.port())
                .split(Split.at(POINT))
                .localFallback(false)
                .build()) {
            for (InferenceInput input : split.inputs()) {
                try {
                    answered += agent.infer(input, Duration.ofMinutes(1)).get().source() == Source.SPLIT ? 1 : 0;
                } catch (ExecutionException failed) {
                    notes.say("an agent's request failed: " + failed.getCause().getMessage());
                }
            }
        }
        verdict(
                answered == split.inputs().size(),
                format(
                        "%d of %d requests of an agent were answered by the gateway",
                        answered, split.inputs().size()));
    }
}
