package dev.cleave.benchmarks.field;

import dev.cleave.benchmarks.field.Statistics.Trend;
import dev.cleave.benchmarks.plan.MarkdownPage;
import dev.cleave.benchmarks.plan.MarkdownTable;
import dev.cleave.benchmarks.plan.PlanMaterial;
import dev.cleave.benchmarks.process.GatewayChild;
import dev.cleave.benchmarks.process.Metrics;
import dev.cleave.benchmarks.process.ProcessMemory;
import dev.cleave.cli.failure.UserException;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceResult;
import dev.cleave.edge.Split;
import dev.cleave.engine.Engine;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Makes very many requests, and looks whether the memory of the agent or of the gateway grows with their number. */
@Command(name = "memory-slope", description = "Memory over very many requests.", mixinStandardHelpOptions = true)
final class MemorySlope extends FieldCommand {
    private static final double MOST_MEBIBYTES = 10;
    private static final double MEBIBYTE = 1 << 20;
    /** As good as 0: half of the last digit that is printed. */
    private static final double LEAST_MEBIBYTES = 0.005;

    /** Of which each half has a trend. */
    private static final int LEAST_SAMPLES = 32;

    private static final int PICTURES = 32;
    private static final int NATIVE_LOOKS = 5;

    @Option(names = "--model", paramLabel = "MODEL", description = "Default cifar_resnet20.")
    private PlanMaterial.Known model = PlanMaterial.Known.CIFAR_RESNET20;

    @Option(names = "--point", paramLabel = "N", description = "Of the bundle's ladder. Default 2.")
    private int point = 2;

    @Option(names = "--requests", paramLabel = "N", description = "That count. Default 100000.")
    private int count = 100_000;

    @Option(names = "--warm-up", paramLabel = "N", description = "Requests before. Default 10000.")
    private int warmUps = 10_000;

    @Option(names = "--samples", paramLabel = "N", description = "Looks at the memory. Default 100.")
    private int samples = 100;

    @Option(names = "--in-flight", paramLabel = "N", description = "Requests at a time. Default 4.")
    private int inFlight = 4;

    @Option(
            names = "--native-memory",
            description = "Also tell what the JVMs have taken since the warm-up, and what for; both track their native"
                    + " memory then, which makes them a little slower and larger.")
    private boolean tracked;

    private long mostDirectBytes;
    private NativeLooks natives;

    public static void main(String[] arguments) {
        run(new MemorySlope(), arguments);
    }

    @Override
    protected MarkdownPage measure(Engine engine, Path work) throws Exception {
        if (samples < LEAST_SAMPLES) {
            throw new UserException("--samples " + samples + ": expected at least " + LEAST_SAMPLES);
        }
        notes.say(model + ": splitting");
        FieldModel bundle = FieldModel.split(model, PICTURES, engine, work, List.of());
        Map<String, double[]> mebibytes = new LinkedHashMap<>();
        try (GatewayChild gateway = GatewayChild.start(bundle.served(), work);
                EdgeAgent agent = agent(bundle.bundle(), engine)
                        .gateway(gateway.address())
                        .split(Split.at(point))
                        .localFallback(false)
                        .build()) {
            notes.say(warmUps + " requests to warm up");
            drive(agent, bundle, warmUps);
            Map<String, Long> processes = new LinkedHashMap<>();
            processes.put("agent", ProcessHandle.current().pid());
            processes.put("gateway", gateway.processId());
            natives = new NativeLooks(processes);
            if (tracked) {
                natives.mark();
            }
            for (int sample = 0; sample < samples; sample++) {
                drive(agent, bundle, count / samples);
                look(gateway, mebibytes, sample);
                if (tracked && (sample + 1) % (samples / NATIVE_LOOKS) == 0) {
                    natives.look(format("%,d", (sample + 1) * (count / samples)));
                }
                if (sample % 10 == 9) {
                    notes.say((sample + 1) * (count / samples) + " requests");
                }
            }
        }
        return page(engine, mebibytes);
    }

    private void drive(EdgeAgent agent, FieldModel bundle, int requests) {
        Deque<CompletableFuture<InferenceResult>> open = new ArrayDeque<>();
        for (int i = 0; i < requests; i++) {
            if (open.size() == inFlight) {
                open.remove().join();
            }
            open.add(agent.infer(bundle.inputs().get(i % bundle.inputs().size())));
        }
        open.forEach(CompletableFuture::join);
    }

    private void look(GatewayChild gateway, Map<String, double[]> mebibytes, int sample) throws Exception {
        mostDirectBytes = Math.max(mostDirectBytes, ProcessMemory.directBytes());
        ProcessMemory.collect(gateway.processId());
        Metrics metrics = gateway.metrics();
        note(mebibytes, "agent: heap", sample, ProcessMemory.liveHeapBytes());
        note(mebibytes, "agent: direct buffers", sample, ProcessMemory.liveDirectBytes());
        note(mebibytes, "agent: resident", sample, ProcessMemory.residentBytes());
        note(mebibytes, "gateway: heap", sample, metrics.sum("jvm_memory_used_bytes", "area=\"heap\""));
        note(
                mebibytes,
                "gateway: direct buffers",
                sample,
                metrics.sum("jvm_buffer_memory_used_bytes", "id=\"direct\""));
        note(mebibytes, "gateway: resident", sample, ProcessMemory.residentBytes(gateway.processId()));
    }

    private void note(Map<String, double[]> mebibytes, String what, int sample, double bytes) {
        mebibytes.computeIfAbsent(what, any -> new double[samples])[sample] = bytes / MEBIBYTE;
    }

    private MarkdownPage page(Engine engine, Map<String, double[]> mebibytes) {
        MarkdownPage page = new MarkdownPage(
                "Memory over very many requests",
                engine,
                List.of(
                        model + " cut at point " + point + ", " + count + " requests, " + inFlight
                                + " at a time, after " + warmUps + "; " + samples
                                + " looks, each after a collection of garbage on both sides",
                        "agent and gateway in a JVM each, "
                                + format(
                                        "heap of the agent at most %.0f MiB",
                                        Runtime.getRuntime().maxMemory() / MEBIBYTE),
                        format(
                                "tensors are direct buffers, whose memory goes back with the garbage: with it the"
                                        + " agent's were up to %.1f MiB before a look",
                                mostDirectBytes / MEBIBYTE),
                        "resident is all of the process: heap, direct buffers, native memory; the slope is that of 8"
                                + " blocks' means"));
        MarkdownTable table = new MarkdownTable(
                "MiB",
                "first",
                "1/4",
                "1/2",
                "3/4",
                "last",
                "least",
                "most",
                "slope per 100,000 requests",
                "95 % interval, +-",
                "of the second half",
                "+-");
        mebibytes.forEach((what, values) -> {
            Trend trend = per100000(values);
            Trend later = per100000(Arrays.copyOfRange(values, samples / 2, samples));
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            double more = values[samples - 1] - values[0];
            table.row(
                    what,
                    values[0],
                    values[samples / 4],
                    values[samples / 2],
                    values[3 * samples / 4],
                    values[samples - 1],
                    sorted[0],
                    sorted[samples - 1],
                    trend.slope(),
                    trend.halfWidth(),
                    later.slope(),
                    later.halfWidth());
            verdict(
                    trend.slope() - trend.halfWidth() <= LEAST_MEBIBYTES && more < MOST_MEBIBYTES,
                    format(
                            "%s: %.2f +- %.2f MiB per 100,000 requests (wanted: 0 or less within the interval), %.1f"
                                    + " MiB more at the end than at the beginning (wanted less than %.0f); in the second"
                                    + " half %.2f +- %.2f",
                            what,
                            trend.slope(),
                            trend.halfWidth(),
                            more,
                            MOST_MEBIBYTES,
                            later.slope(),
                            later.halfWidth()));
        });
        page.add("Memory of both sides:", table);
        if (tracked) {
            page.add(
                    "Of that, what the JVMs themselves have taken from the system since the warm-up, by their native"
                            + " memory tracking, and what for (0.1 MiB and more):",
                    natives.table());
        }
        return page;
    }

    private Trend per100000(double[] values) {
        Trend trend = Statistics.trend(values);
        double factor = (double) samples * 100_000 / count;
        return new Trend(trend.slope() * factor, trend.halfWidth() * factor);
    }
}
