package dev.cleave.cli.agent;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.failure.OneLine;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.verb.Verb;
import dev.cleave.edge.EdgeAgent;
import dev.cleave.edge.InferenceInput;
import dev.cleave.edge.InferenceResult;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave infer}: one request after another through an agent. */
@Command(
        name = "infer",
        description = "Runs inputs through an agent, on the device, split or on the gateway.",
        footer = {"", "Example:", "  cleave infer model.cleave --gateway 127.0.0.1:8500 --random 8"})
public final class InferCommand extends Verb {
    private static final Logger LOG = LoggerFactory.getLogger(InferCommand.class);

    @Parameters(paramLabel = "BUNDLE", description = "A full bundle or its edge view.")
    private Path file;

    @Option(names = "--warm-up", paramLabel = "N", description = "Requests before those that are counted. Default 1.")
    private int warmUp = 1;

    private boolean takesPictures;

    @Mixin
    private AgentOptions agentOptions;

    @Mixin
    private SampleOptions sampleOptions;

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (warmUp < 0) {
            throw usage("--warm-up " + warmUp + ": expected at least 0");
        }
        agentOptions.check();
        sampleOptions.requireGiven();
        Bundle bundle = agentOptions.open(file);
        takesPictures = bundle.contract().preprocessing() != null;
        Samples samples = sampleOptions.open(bundle.contract());
        try (Engine engine = Engines.create(null);
                EdgeAgent agent = agentOptions.build(bundle, engine)) {
            for (int i = 0; i < warmUp; i++) {
                request(agent, samples.get(i % samples.size()), new ArrayList<>());
            }
            InferSummary summary = runAll(terminal, agent, samples);
            print(terminal, summary);
            if (summary.failed() > 0) {
                throw new CheckFailedException(summary.failed() + " of " + summary.requests()
                        + " requests failed, the first: " + summary.firstFailure());
            }
        }
    }

    private InferSummary runAll(Terminal terminal, EdgeAgent agent, Samples samples) throws Exception {
        InferSummary.Builder summary = new InferSummary.Builder();
        Table table = Table.of(InferDocument.HEADINGS);
        try (var progress = terminal.progress("infer", samples.size())) {
            for (int i = 0; i < samples.size(); i++) {
                Sample sample = samples.get(i);
                List<String> failure = new ArrayList<>();
                InferenceResult result = request(agent, sample, failure);
                if (result == null) {
                    summary.failed(sample.name() + ": " + failure.get(0));
                    LOG.info("{}: {}", sample.name(), failure.get(0));
                } else {
                    summary.answered(result);
                    InferDocument document = InferDocument.of(sample.name(), result);
                    if (terminal.isJson()) {
                        terminal.json().line(document);
                    } else {
                        table.row(document.cells());
                    }
                }
                progress.step();
            }
        }
        if (!terminal.isJson()) {
            printAnswers(terminal, table, summary.build());
        }
        return summary.build();
    }

    private static void printAnswers(Terminal terminal, Table table, InferSummary summary) {
        if (summary.failed() < summary.requests()) {
            terminal.print(table);
        }
    }

    /** Null if it failed; then the one line of why is in {@code failure}. */
    private InferenceResult request(EdgeAgent agent, Sample sample, List<String> failure) throws InterruptedException {
        InferenceInput input = takesPictures && sample.original() != null
                ? InferenceInput.of(sample.original())
                : InferenceInput.of(sample.inputs());
        try {
            return agent.infer(input).get();
        } catch (ExecutionException failed) {
            failure.add(OneLine.of(failed));
            return null;
        }
    }

    private void print(Terminal terminal, InferSummary summary) {
        if (terminal.isJson()) {
            terminal.json().line(new InferSummary.Line(summary));
            return;
        }
        if (summary.failed() < summary.requests()) {
            terminal.print("times in ms; up* and down* are estimated from the round trip; bytes are those sent");
        }
        terminal.print(summary.text());
        if (summary.lastWhy() != null && agentOptions.choosesPoints()) {
            terminal.print("the last choice: " + summary.lastWhy());
        }
        if (summary.firstFallback() != null) {
            terminal.print("LOCAL in place of the gateway, the first because: " + summary.firstFallback());
        }
    }
}
