package dev.cleave.partition.profile;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.OperatorTime;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.partition.profile.DeviceProfile.BatchCurve;
import dev.cleave.partition.profile.DeviceProfile.BatchTime;
import dev.cleave.partition.profile.DeviceProfile.NodeCost;
import dev.cleave.partition.profile.DeviceProfile.NodeTimes;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import dev.cleave.partition.profile.DeviceProfile.Whole;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** One pass over all that a profile holds, with the whole model timed before and after it. One thread. */
final class Measurement {
    private static final double MOST_DRIFT = 0.1;
    private static final double LEAST_TRACED = 0.5;
    private static final int WATCHED_RUNS = 12;
    private static final Duration TIME_AT_EITHER_END = Duration.ofSeconds(2);

    private final Engine engine;
    private final SessionOptions options;
    private final ProfileSettings settings;
    private final LongSupplier nanoTime;
    private final Progress progress;
    private final ModelSummary summary;
    private final ProbedModel model;
    private final CutGraphs graphs;
    private final List<Map<String, Tensor>> samples;

    /** What one pass found; {@code drift} is empty, or one line. */
    record Result(
            String provider,
            Whole whole,
            NodeTimes nodes,
            List<SpotCheck> spotChecks,
            BatchCurve batch,
            String drift) {}

    Measurement(
            Engine engine,
            SessionOptions options,
            ProfileSettings settings,
            LongSupplier nanoTime,
            Progress progress,
            ModelSummary summary,
            CutGraphs graphs,
            Samples samples)
            throws IOException {
        this.engine = engine;
        this.options = options;
        this.settings = settings;
        this.nanoTime = nanoTime;
        this.progress = progress;
        this.summary = summary;
        this.model = summary.model();
        this.graphs = graphs;
        this.samples = new ArrayList<>();
        for (int i = 0; i < Math.min(samples.size(), mostRows()); i++) {
            this.samples.add(oneRow(samples.get(i).inputs()));
        }
    }

    private Map<String, Tensor> oneRow(Map<String, Tensor> inputs) {
        Map<String, Tensor> row = new LinkedHashMap<>(inputs);
        model.batchInputs().forEach(name -> row.computeIfPresent(name, (key, tensor) -> tensor.rows(0, 1)));
        return row;
    }

    Result run(List<Cut> cuts) throws EngineException, IOException {
        Map<String, Tensor> inputs = samples.get(0);
        double before;
        try (Session whole = loadWhole()) {
            before = atOneEnd(whole);
        }
        CutTimes cutTimes =
                new CutTimer(engine, options, settings.limits(), nanoTime, progress).time(graphs, cuts, inputs);
        NodeTimes nodes = nodes(cutTimes.wholeMillis(), inputs);
        try (Session whole = loadWhole()) {
            BatchCurve batch = batches(whole);
            double after = atOneEnd(whole);
            return new Result(
                    whole.provider(),
                    whole(cutTimes.whole(), inputs),
                    nodes,
                    cutTimes.cuts().stream().map(this::spotCheck).toList(),
                    batch,
                    drift(before, after));
        }
    }

    private Session loadWhole() throws EngineException {
        return engine.load(graphs.source(graphs.whole()), options);
    }

    private double atOneEnd(Session whole) throws EngineException {
        progress.begin("timing the whole model", settings.limits().maxRuns());
        RoundRobin alone = new RoundRobin(settings.limits().withTime(TIME_AT_EITHER_END), nanoTime, progress::step);
        return alone.time(List.of(new RepeatedRun(whole, samples.get(0))))
                .get(0)
                .median();
    }

    /** Empty if both ends took about the same time. */
    private static String drift(double before, double after) {
        return Math.abs(after - before) <= MOST_DRIFT * before
                ? ""
                : String.format(
                        Locale.ROOT,
                        "the whole model took %.3f ms before the measurement and %.3f ms after it, measured twice",
                        before,
                        after);
    }

    private Whole whole(Timings timings, Map<String, Tensor> inputs) {
        List<TensorSpec> specs = inputs.entrySet().stream()
                .map(input -> new TensorSpec(
                        input.getKey(),
                        input.getValue().type(),
                        input.getValue().shape()))
                .toList();
        return new Whole(
                timings.median(),
                timings.spread(),
                timings.runs(),
                specs,
                MemoryEstimate.ofWhole(model.flow(), model.facts()));
    }

    private SpotCheck spotCheck(CutTime time) {
        return new SpotCheck(
                time.cut().boundary(),
                time.headMillis(),
                time.tailMillis(),
                time.runs(),
                time.spread(),
                MemoryEstimate.ofHead(model.flow(), model.facts(), time.cut()),
                MemoryEstimate.ofTail(model.flow(), model.facts(), time.cut()));
    }

    private NodeTimes nodes(double wholeMillis, Map<String, Tensor> inputs) {
        progress.begin("watching the operators", 1);
        MarkedGraph marks = new MarkedGraph(model.graph());
        String reason;
        try {
            List<List<OperatorTime>> runs =
                    engine.profile(graphs.source(marks.mark(graphs.whole())), options, read(inputs), WATCHED_RUNS);
            progress.step();
            NodeShares shares = NodeShares.traced(runs, marks, model.flow(), summary.work());
            if (shares != null && shares.traced() >= LEAST_TRACED) {
                return new NodeTimes(true, "", shares.traced(), costs(shares, wholeMillis));
            }
            reason = shares == null
                    ? "no operator of the engine's could be traced to a node"
                    : String.format(
                            Locale.ROOT,
                            "only %.0f %% of the operators' time could be traced to nodes",
                            shares.traced() * 100);
        } catch (EngineException refused) {
            reason = refused.getMessage();
        }
        progress.step();
        return new NodeTimes(false, reason, 0, costs(NodeShares.estimated(model.flow(), summary.work()), wholeMillis));
    }

    /** Those inputs that the whole graph reads. */
    private Map<String, Tensor> read(Map<String, Tensor> inputs) {
        Map<String, Tensor> read = new LinkedHashMap<>();
        graphs.whole()
                .getGraph()
                .getInputList()
                .forEach(input -> read.put(input.getName(), inputs.get(input.getName())));
        return read;
    }

    private List<NodeCost> costs(NodeShares shares, double wholeMillis) {
        List<NodeCost> costs = new ArrayList<>();
        model.flow().anchored().stream().forEach(index -> {
            GraphNode node = model.graph().node(index);
            costs.add(new NodeCost(
                    index, DeviceProfile.firstOutput(node), node.op(), shares.shares()[index] * wholeMillis));
        });
        return costs;
    }

    private BatchCurve batches(Session whole) throws EngineException {
        if (settings.batchRows().isEmpty()) {
            return new BatchCurve(List.of(), "no batch sizes were asked for");
        }
        if (!model.isBatched()) {
            return new BatchCurve(List.of(), "the model has no batch dimension: " + model.batchReason());
        }
        progress.begin("timing batches", settings.limits().maxRuns());
        List<RepeatedRun> batches = new ArrayList<>();
        for (int rows : settings.batchRows()) {
            batches.add(new RepeatedRun(whole, model.join(rows(rows))));
        }
        List<Timings> timings = new RoundRobin(settings.limits(), nanoTime, progress::step).time(batches);
        List<BatchTime> times = new ArrayList<>();
        for (int i = 0; i < timings.size(); i++) {
            times.add(new BatchTime(settings.batchRows().get(i), timings.get(i).median()));
        }
        return new BatchCurve(times, "");
    }

    private int mostRows() {
        return settings.batchRows().isEmpty()
                ? 1
                : settings.batchRows().get(settings.batchRows().size() - 1);
    }

    /** Samples in turn; the first alone if they are of different sizes, which cannot be joined. */
    private List<Map<String, Tensor>> rows(int count) {
        Map<String, Tensor> first = samples.get(0);
        boolean alike = samples.stream()
                .allMatch(sample -> model.batchInputs().stream()
                        .allMatch(name ->
                                sample.get(name).shape().equals(first.get(name).shape())));
        List<Map<String, Tensor>> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            rows.add(alike ? samples.get(row % samples.size()) : first);
        }
        return rows;
    }
}
