package dev.cleave.cli.agent;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.verb.Verb;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave load}: many clients, each an agent with a stream of its own, each one request after another. */
@Command(
        name = "load",
        description = "Loads a gateway with requests and measures throughput and latency.",
        footer = {
            "",
            "Example:",
            "  cleave load model.cleave --gateway 127.0.0.1:8500 --clients 8 --duration 10s --random 16"
        })
public final class LoadCommand extends Verb {
    private static final int DISTINCT_INPUTS = 64;

    @Parameters(paramLabel = "BUNDLE", description = "A full bundle or its edge view.")
    private Path file;

    @Option(names = "--clients", paramLabel = "N", description = "Agents at the same time. Default 1.")
    private int clients = 1;

    @Option(names = "--duration", paramLabel = "TIME", description = "How long. Default 10s.")
    private Duration duration;

    @Option(names = "--requests", paramLabel = "N", description = "How many in all, instead of a duration.")
    private Integer requests;

    @Option(names = "--rate", paramLabel = "R", description = "Requests a second over all clients. Default: no limit.")
    private Double rate;

    @Mixin
    private AgentOptions agentOptions;

    @Mixin
    private SampleOptions sampleOptions;

    @Override
    protected void run(Terminal terminal) throws Exception {
        checkOptions();
        Bundle bundle = agentOptions.open(file);
        List<InferenceInput> inputs = inputs(bundle);
        List<EdgeAgent> agents = new ArrayList<>();
        try (Engine engine = Engines.create(null)) {
            try {
                for (int client = 0; client < clients; client++) {
                    agents.add(agentOptions.build(bundle, engine));
                }
                LoadRun run = new LoadRun(agents, inputs, limits());
                LoadReport report;
                try (var progress = terminal.progress("load", requests == null ? -1 : requests)) {
                    report = run.run(progress::step);
                }
                print(terminal, report);
                requireNoFailure(report);
            } finally {
                agents.forEach(EdgeAgent::close);
            }
        }
    }

    private void checkOptions() {
        agentOptions.check();
        if (!agentOptions.hasGateway()) {
            throw usage("missing --gateway HOST:PORT");
        }
        if (clients < 1) {
            throw usage("--clients " + clients + ": expected at least 1");
        }
        if (requests != null && (requests < 1 || duration != null)) {
            throw usage("--requests " + requests + ": expected at least 1, and no --duration");
        }
        if (duration != null && duration.isZero()) {
            throw usage("--duration 0: expected a time");
        }
        if (rate != null && (!(rate > 0) || rate.isInfinite())) {
            throw usage("--rate " + rate + ": expected more than 0");
        }
    }

    private LoadRun.Limits limits() {
        Duration time = duration != null ? duration : requests != null ? Duration.ofDays(1) : Duration.ofSeconds(10);
        return new LoadRun.Limits(
                requests == null ? Long.MAX_VALUE : requests, time.toNanos(), rate == null ? 0 : (long) (1e9 / rate));
    }

    /** Read once and kept, so that reading is not part of what is measured. */
    private List<InferenceInput> inputs(Bundle bundle) throws Exception {
        Samples samples = sampleOptions.openOrRandom(bundle.contract(), DISTINCT_INPUTS);
        List<InferenceInput> inputs = new ArrayList<>();
        for (int i = 0; i < Math.min(samples.size(), DISTINCT_INPUTS); i++) {
            Sample sample = samples.get(i);
            boolean asPicture = sample.original() != null && bundle.contract().preprocessing() != null;
            inputs.add(asPicture ? InferenceInput.of(sample.original()) : InferenceInput.of(sample.inputs()));
        }
        return inputs;
    }

    private static void print(Terminal terminal, LoadReport report) {
        if (terminal.isJson()) {
            terminal.json().document(report);
            return;
        }
        Table table = Table.of(
                "clients", "seconds", "requests", "failed", "rejected", "req/s", "p50 ms", "p90 ms", "p99 ms", "batch");
        table.row(
                report.clients(),
                round(report.seconds()),
                report.requests(),
                report.failed(),
                report.rejected(),
                round(report.throughputPerSecond()),
                round(report.p50Millis()),
                round(report.p90Millis()),
                round(report.p99Millis()),
                round(report.batchSizeMean()));
        terminal.print(table);
        if (!report.bySource().isEmpty()) {
            terminal.print("answered: "
                    + report.bySource().entrySet().stream()
                            .map(source -> source.getValue() + " " + source.getKey())
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String round(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static void requireNoFailure(LoadReport report) {
        if (report.failed() > 0) {
            throw new CheckFailedException(report.failed() + " of " + report.requests()
                    + " requests failed, the first with: " + report.firstFailure());
        }
    }
}
