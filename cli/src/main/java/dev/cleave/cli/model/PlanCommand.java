package dev.cleave.cli.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.units.BitRate;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.verb.ToolVersion;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.CutFinder;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.edge.EdgeChooser;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.extract.Precision;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.plan.BundleTable;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.plan.CostTable;
import dev.cleave.partition.plan.Decision;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.PlanRequest;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlanner;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfileJson;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.report.HtmlReport;
import dev.cleave.partition.report.PlanDocument;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.split.SplitRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave plan}: where a model should run for a link, and why. */
@Command(
        name = "plan",
        description = "Measures where a model is best cut for a link, and explains the choice.",
        footer = {
            "",
            "A device or gateway without a profile is this machine.",
            "",
            "Example:",
            "  cleave plan model.onnx --uplink 5.85mbit --rtt 50ms --random 16 --html report.html"
        })
public final class PlanCommand extends Verb {
    @Parameters(paramLabel = "MODEL|BUNDLE", description = "An ONNX model, or a bundle that was planned.")
    private Path model;

    @Option(
            names = "--edge",
            paramLabel = "FILE",
            description = "The device: what cleave profile, or an agent, wrote there.")
    private Path edge;

    @Option(names = "--cloud", paramLabel = "FILE", description = "The gateway: what cleave profile wrote there.")
    private Path cloud;

    @Option(
            names = "--edge-slowdown",
            paramLabel = "X",
            description = "Takes the device for X times as slow. Default 1.")
    private double edgeSlowdown = 1;

    @Option(names = "--uplink", required = true, paramLabel = "RATE", description = "Device to gateway: 5.85mbit.")
    private BitRate uplink;

    @Option(names = "--downlink", paramLabel = "RATE", description = "Gateway to device. Default: as --uplink.")
    private BitRate downlink;

    @Option(names = "--rtt", required = true, paramLabel = "TIME", description = "There and back: 50ms.")
    private Duration rtt;

    @Option(
            names = "--objective",
            paramLabel = "latency|gateway|bytes|throughput",
            description = "What to have least of (most answers for throughput). Default latency.")
    private String objective = "latency";

    @Option(
            names = "--max-disagreement",
            paramLabel = "P",
            description = "Share of answers that may differ from the unsplit model's. Default 0.02.")
    void setMaxDisagreement(Double share) {
        keepTo.setMaxDisagreement(share);
    }

    @Option(names = "--edge-memory", paramLabel = "SIZE", description = "What the device has for weights and tensors.")
    private ByteSize edgeMemory;

    @Option(names = "--ladder", paramLabel = "N", description = "Most points of the ladder. Default 4.")
    private int ladder = SplitRequest.DEFAULT_COUNT;

    @Option(names = "--batch", paramLabel = "N", description = "Rows of a batch on the gateway. Default 1.")
    private int batch = 1;

    @Option(names = "--threads", paramLabel = "N", description = "Threads of a run on this machine.")
    private Integer threads;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report, one file that needs no network.")
    private Path html;

    @Mixin
    private ConstraintOptions keepTo;

    @Mixin
    private EdgeOption device;

    @Mixin
    private SampleOptions samples;

    @Override
    protected void run(Terminal terminal) throws Exception {
        Objective wanted = objective();
        checkOptions();
        new OutputFiles(model).add("--html", html);
        LinkProfile link = link();
        DeviceProfile edgeProfile = edge == null ? null : DeviceProfileJson.read(edge);
        DeviceProfile cloudProfile = cloud == null ? null : DeviceProfileJson.read(cloud);
        if (BundleFile.isOne(model)) {
            report(terminal, ofBundle(link, wanted, edgeProfile));
            return;
        }
        OnnxModel read = OnnxModel.read(model);
        requireDivisible(read);
        try (Engine engine = Engines.create(null);
                BarProgress progress = new BarProgress(terminal)) {
            progress.begin("probing shapes", 1);
            ModelSummary summary = ModelSummary.of(read, engine, samples.probing());
            progress.step();
            summary.requireCut();
            summary.requireStateless();
            Constraints constraints = constraints(keepTo.floor(summary));
            Samples inputs = inputs(summary);
            SessionOptions options = SessionOptions.defaults().withThreads(threads == null ? 0 : threads);
            EdgeChoice choice = new EdgeChooser(engine, options, TimingLimits.defaults(), System::nanoTime, progress)
                    .choose(
                            summary,
                            edgeMode(summary, edgeProfile),
                            inputs,
                            keepTo.maxDisagreement(),
                            samples.probing());
            CostTable table = new SplitPlanner(engine, options, ToolVersion.text(), progress, System::nanoTime)
                    .measure(PlanRequest.of(choice.offered(summary), link)
                            .withEdgeChoice(choice)
                            .withObjective(wanted)
                            .withConstraints(constraints)
                            .withPreprocessing(samples.preprocessing())
                            .withSamples(inputs, keepTo.wantedAgreement())
                            .withEdge(edgeProfile)
                            .withEdgeSlowdown(edgeSlowdown)
                            .withCloud(cloudProfile)
                            .withBatch(batch));
            progress.end();
            SplitPlan plan = Decision.of(table, link, wanted, constraints, ladder, System::nanoTime);
            report(terminal, plan);
        }
    }

    /** What a bundle carries answers at once; nothing is measured, so nothing that asks for measuring may be given. */
    private SplitPlan ofBundle(LinkProfile link, Objective wanted, DeviceProfile edgeProfile) throws IOException {
        if (cloud != null || samples.areGiven() || keepTo.notBefore() != null) {
            throw usage("bundle " + model + " is planned with what it carries; --cloud, --not-before,"
                    + " --inputs and --random go with a model");
        }
        Bundle bundle = Bundle.open(model);
        CostTable table = edgeProfile == null
                ? BundleTable.of(bundle, edgeSlowdown)
                : BundleTable.of(bundle, edgeSlowdown, edgeProfile);
        if (table == null) {
            throw new UserException("bundle " + model + ": carries no plan; expected one that cleave split made");
        }
        return Decision.of(table, link, wanted, constraints(null), 0, System::nanoTime);
    }

    private Samples inputs(ModelSummary summary) throws IOException {
        if (!samples.areGiven()) {
            return null;
        }
        return samples.open(
                        summary.model(),
                        PictureInput.bound(
                                samples.preprocessing(), summary.model().inputs()))
                .cached(MemoryBudget.ofJvm());
    }

    /** Which is faster on a device that is not here cannot be seen here; but one that timed heads in integers runs integers. */
    private EdgeMode edgeMode(ModelSummary summary, DeviceProfile edgeProfile) throws ModelException {
        if (edgeProfile == null || device.mode() != EdgeMode.AUTO) {
            return device.mode();
        }
        if (!edgeProfile.model().precision().equals(Contract.INT8)
                || Precision.of(summary.model().graph()).equals(Contract.INT8)) {
            return EdgeMode.NEVER;
        }
        if (!samples.areGiven()) {
            throw usage(
                    "--edge " + edge + ": that device runs heads in int8, whose ranges are found from sample inputs;"
                            + " expected --inputs or --random");
        }
        return EdgeMode.ALWAYS;
    }

    private Objective objective() {
        for (Objective known : Objective.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(objective)) {
                return known;
            }
        }
        throw usage("--objective '" + objective + "': expected latency, gateway, bytes or throughput");
    }

    private void checkOptions() {
        device.requireInputs(samples.areGiven());
        if (!(edgeSlowdown > 0) || edgeSlowdown == Double.POSITIVE_INFINITY) {
            throw usage("--edge-slowdown " + edgeSlowdown + ": expected a factor above 0");
        }
        if (ladder < 1 || batch < 1) {
            throw usage((ladder < 1 ? "--ladder " + ladder : "--batch " + batch) + ": expected at least 1");
        }
        if (threads != null && threads < 1) {
            throw usage("--threads " + threads + ": expected at least 1");
        }
    }

    /** What has no cut whatever its sizes are is refused for that, even if it does not run. */
    private void requireDivisible(OnnxModel read) throws ModelException {
        String impossible = CutFinder.impossibleBecause(new Dataflow(Graph.of(read)));
        if (impossible != null) {
            throw new ModelException("model " + model + ": " + impossible);
        }
    }

    private Constraints constraints(Cut floor) {
        long memoryBytes = edgeMemory == null ? Constraints.UNLIMITED : edgeMemory.bytes();
        return new Constraints(keepTo.maxDisagreement(), memoryBytes, floor);
    }

    private LinkProfile link() {
        BitRate down = downlink == null ? uplink : downlink;
        return new LinkProfile(uplink.bitsPerSecond(), down.bitsPerSecond(), rtt.toNanos() / 1e6);
    }

    private void report(Terminal terminal, SplitPlan plan) throws IOException {
        if (html != null) {
            HtmlReport.write(plan, html);
        }
        if (terminal.isJson()) {
            terminal.json().document(PlanDocument.of(plan));
        } else {
            new PlanReport(plan).print(terminal);
        }
        if (html != null) {
            terminal.note("wrote " + html);
        }
        if (plan.chosen() < 0) {
            throw new CheckFailedException("no candidate keeps to the constraints; " + plan.reason());
        }
    }
}
