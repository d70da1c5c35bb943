package dev.cleave.benchmarks.peer;

import dev.cleave.benchmarks.field.BlockOptions;
import dev.cleave.benchmarks.field.FieldCommand;
import dev.cleave.benchmarks.field.Statistics;
import dev.cleave.benchmarks.peer.Contestant.Figures;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.plan.PlanModel;
import dev.cleave.benchmarks.process.Cores;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.WarmUp;
import dev.cleave.cli.failure.UserException;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * A gateway and Vespa's container on the same ONNX file, the same ONNX Runtime and the same core, asked in turn by the same client over HTTP: requests a second and how long
 * answers take.
 */
@Command(name = "peer", description = "A gateway beside another model server.", mixinStandardHelpOptions = true)
final class PeerServing extends FieldCommand {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MOST_DIFFERENCE = 1e-4;
    private static final double LEAST_RATIO = 2;
    private static final int BARE_RUNS = 200;
    /** A flood is to be served, not refused: every client waits for its answer. */
    private static final String SETTINGS = "{\"threads\":1,\"concurrencyLimit\":\"off\"}";

    @Option(names = "--peer", required = true, paramLabel = "FILE", description = "Source of the peer's main class.")
    private Path peer;

    @Option(
            names = "--peer-class-path",
            required = true,
            paramLabel = "FILE",
            description = "That holds the peer's class path.")
    private Path classPath;

    @Option(names = "--peer-threads", paramLabel = "N", description = "That handle its requests. Default 4.")
    private int peerThreads = 4;

    @Option(names = "--model", paramLabel = "MODEL", description = "Default cifar_resnet20.")
    private PlanMaterial.Known model = PlanMaterial.Known.CIFAR_RESNET20;

    @Option(names = "--in-flight", split = ",", paramLabel = "N", description = "Clients. Default 1,8,32.")
    private List<Integer> inFlight = List.of(1, 8, 32);

    @Option(names = "--pictures", paramLabel = "N", description = "That are asked in turn. Default 8.")
    private int pictures = 8;

    @Mixin
    private BlockOptions turns = new BlockOptions();

    private final MarkdownTable table = new MarkdownTable(
            "in flight",
            "server",
            "requests a second",
            "+- (95 %)",
            "p50 ms",
            "+-",
            "p99 ms",
            "+-",
            "processor ms a request",
            "+-",
            "rows a batch");

    public static void main(String[] arguments) {
        run(new PeerServing(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        PlanModel opened =
                new PlanMaterial(Files.createDirectories(work.resolve("material"))).open(model, pictures, engine);
        Path onnx = opened.summary().model().graph().model().file();
        TensorSpec input = opened.summary().model().inputs().get(0);
        String output = opened.summary().model().outputs().get(0).name();
        List<float[]> rows = rows(opened, input);
        Path served = Files.createDirectories(work.resolve("served"));
        Files.copy(onnx, served.resolve(model + ".onnx"));
        Path oneRow = work.resolve("one-row.onnx");
        OneRow.write(onnx, oneRow);
        double bare = bareMillis(engine, onnx, opened, input);
        notes.say("starting both servers");
        double difference;
        String peerEngine;
        try (GatewayChild gateway = GatewayChild.start(served, work, SETTINGS);
                VespaProcess vespa = VespaProcess.start(
                        peer, Files.readString(classPath).strip(), model.toString(), oneRow, peerThreads, work)) {
            peerEngine = vespa.engineVersion();
            Cores.pin(gateway.processId(), 0);
            Cores.pin(vespa.processId(), 0);
            Cores.pin(ProcessHandle.current().pid(), 1);
            String name = model.toString();
            int port = gateway.httpPort();
            Contestant binary = new Contestant(
                    "Cleave, bytes", new OipModel(port, name, input, output, true), gateway.processId(), gateway, rows);
            Contestant text = new Contestant(
                    "Cleave, JSON", new OipModel(port, name, input, output, false), gateway.processId(), gateway, rows);
            Contestant other = new Contestant(
                    "Vespa, hexadecimal form",
                    VespaModel.find(vespa.port(), name, input),
                    vespa.processId(),
                    null,
                    rows);
            List<Contestant> all = List.of(binary, text, other);
            difference = difference(all);
            for (int clients : inFlight) {
                compare(all, clients);
                judge(binary, other, clients);
            }
            difference = Math.max(difference, difference(all));
        }
        verdict(
                difference <= MOST_DIFFERENCE,
                format("answers differ by at most %.1e of the largest score (wanted at most 1e-4)", difference));
        verdict(
                peerEngine.equals(engine.version()),
                format("both on ONNX Runtime %s; Vespa's says %s", engine.version(), peerEngine));
        return page(engine, bare, load);
    }

    private MarkdownPage page(Engine engine, double bare, double load) throws IOException {
        MarkdownPage page = new MarkdownPage(
                "A gateway beside another model server",
                engine,
                List.of(
                        "model: " + model + ", as it is; a bare run of one row takes " + format("%.2f ms", bare)
                                + " on one core, so " + format("%.0f a second", 1000 / bare),
                        "Cleave: settings " + SETTINGS
                                + ", nothing else; asked by the Open Inference Protocol over HTTP",
                        "Vespa " + vespaVersion()
                                + ": stateless model evaluation in its container, which makes no batches here; its"
                                + " model declares one row, as it takes tensors in hexadecimal digits only where"
                                + " shapes are known; one thread a run, "
                                + peerThreads + " threads for requests, no access log",
                        "each server is a process; both are on core 0, with one of them asked at a time, the client on"
                                + " core 1 (pinned when they run); clients ask again as soon as they are answered, each on"
                                + " a connection of its own",
                        turns.blocks() + " blocks of " + turns.blockSeconds()
                                + " s of each in turn, once the compiler takes less than "
                                + format("%.0f %%", 100 * WarmUp.COMPILED)
                                + " of a server's processor time (after at most "
                                + turns.warmUpSeconds()
                                + " s); figures are means of blocks, p50 and p99 of each block's",
                        format("other programs: load average %.1f when it began, on two cores; 0 is wanted", load)));
        page.add("Requests of one row, each a picture's:", table);
        return page;
    }

    private String vespaVersion() throws IOException {
        String jar = Files.readString(classPath).strip().split(":", 2)[0];
        return Path.of(jar).getParent().getFileName().toString();
    }

    private static List<float[]> rows(PlanModel opened, TensorSpec input) throws SampleException {
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < opened.samples().size(); i++) {
            Tensor tensor = opened.samples().get(i).inputs().get(input.name());
            float[] row = new float[tensor.elements()];
            tensor.data().asFloatBuffer().get(row);
            rows.add(row);
        }
        return rows;
    }

    /** Of a run of one row with nothing around it, median. */
    private static double bareMillis(Engine engine, Path onnx, PlanModel opened, TensorSpec input)
            throws IOException, EngineException, SampleException {
        Map<String, Tensor> row =
                Map.of(input.name(), opened.samples().get(0).inputs().get(input.name()));
        List<Double> millis = new ArrayList<>();
        try (Session session = engine.load(
                new GraphSource(onnx.getFileName().toString(), Files.readAllBytes(onnx)),
                SessionOptions.defaults().withThreads(1))) {
            for (int i = 0; i < BARE_RUNS; i++) {
                long start = System.nanoTime();
                session.run(row);
                millis.add((System.nanoTime() - start) / NANOS_PER_MILLI);
            }
        }
        return Statistics.quantile(millis, 0.5);
    }

    /** The most by which answers of two servers to the same row differ, in the largest score. */
    private static double difference(List<Contestant> all) throws IOException, InterruptedException {
        List<float[]> expected = all.get(0).answers();
        double worst = 0;
        for (Contestant one : all) {
            List<float[]> answers = one.answers();
            for (int i = 0; i < expected.size(); i++) {
                worst = Math.max(worst, difference(one, answers.get(i), expected.get(i)));
            }
        }
        return worst;
    }

    private static double difference(Contestant one, float[] answer, float[] expected) {
        if (answer.length != expected.length) {
            throw new UserException(one.name() + " answers " + answer.length + " scores; expected " + expected.length);
        }
        double most = 0;
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            most = Math.max(most, Math.abs(answer[i] - expected[i]));
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return most / largest;
    }

    private void compare(List<Contestant> all, int clients) throws Exception {
        for (Contestant one : all) {
            double share = one.warmUp(clients, turns.warmUpSeconds());
            notes.say(format(
                    "%d in flight, %s is warm: the compiler takes %.1f %% of its processor time",
                    clients, one.name(), 100 * share));
        }
        for (int block = 0; block < turns.blocks(); block++) {
            for (Contestant one : all) {
                one.block(clients, turns.blockSeconds());
            }
        }
        for (Contestant one : all) {
            Figures figures = one.figures();
            table.row(
                    clients,
                    one.name(),
                    Statistics.mean(figures.perSecond()),
                    Statistics.halfWidth(figures.perSecond()),
                    Statistics.mean(figures.p50()),
                    Statistics.halfWidth(figures.p50()),
                    Statistics.mean(figures.p99()),
                    Statistics.halfWidth(figures.p99()),
                    Statistics.mean(figures.cpuMillis()),
                    Statistics.halfWidth(figures.cpuMillis()),
                    Statistics.mean(figures.batchRows()));
        }
    }

    private void judge(Contestant own, Contestant other, int clients) {
        List<Double> ratios = new ArrayList<>();
        for (int block = 0; block < turns.blocks(); block++) {
            ratios.add(own.figures().perSecond().get(block)
                    / other.figures().perSecond().get(block));
        }
        double ownP99 = Statistics.mean(own.figures().p99());
        double otherP99 = Statistics.mean(other.figures().p99());
        verdict(
                Statistics.mean(ratios) >= LEAST_RATIO && ownP99 < otherP99,
                format(
                        "%d in flight: %.2f +- %.2f times as many requests a second, each by its fastest way (wanted"
                                + " at least %.0f), p99 %.2f ms against %.2f (wanted: less)",
                        clients, Statistics.mean(ratios), Statistics.halfWidth(ratios), LEAST_RATIO, ownP99, otherP99));
    }
}
