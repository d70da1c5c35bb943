package dev.cleave.partition.profile;

import dev.cleave.engine.Machine;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.GraphNode;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.Optional;

/**
 * What was measured of one model on one machine with one engine. Immutable, and valid on any other machine that has the
 * same model file: nodes are known by their place and first output, points by their tensors. {@link DeviceProfileJson} is
 * its file form, {@code device.json}. Times are milliseconds for one row of input unless said otherwise.
 *
 * @param toolVersion of the release that measured
 * @param drift empty if the machine was as fast at the end as in the beginning, else one line that says how much not
 */
public record DeviceProfile(
        String toolVersion,
        Machine machine,
        EngineUse engine,
        ModelId model,
        Whole whole,
        NodeTimes nodes,
        List<SpotCheck> spotChecks,
        BatchCurve batch,
        String drift) {
    public DeviceProfile {
        spotChecks = List.copyOf(spotChecks);
    }

    /**
     * The engine, and how it was set.
     *
     * @param provider the execution provider, {@code cpu} say
     * @param threads of one run; 0: the engine's own choice
     */
    public record EngineUse(String name, String version, String provider, int threads) {}

    /**
     * The model file.
     *
     * @param file its name without folders
     * @param sha256 of the file, external data apart, lower-case hex
     * @param precision {@code fp32}, {@code fp16} or {@code int8}
     */
    public record ModelId(String file, String sha256, String precision) {}

    /**
     * The uncut model.
     *
     * @param spread distance between the quartiles as a share of the median
     * @param inputs that it ran on: names, types, shapes
     * @param memory null where whoever measured does not know the model's tensors
     */
    public record Whole(double medianMillis, double spread, int runs, List<TensorSpec> inputs, MemoryEstimate memory) {
        public Whole {
            inputs = List.copyOf(inputs);
        }
    }

    /**
     * What each node costs within the uncut model. Good for a shortlist: the times of nodes that an engine joins do not
     * stand for what a head or a tail of them takes.
     *
     * @param measured false: the whole's time, divided by the amount of work
     * @param reason why it is not measured; else empty
     * @param tracedShare share of the operators' time that could be traced to nodes, 0..1; the rest is in proportion
     * @param costs of the nodes that can be moved by a cut, in the graph's order; together the whole's median. Empty where segments were
     *     timed alone: then the spot checks tell
     */
    public record NodeTimes(boolean measured, String reason, double tracedShare, List<NodeCost> costs) {
        public NodeTimes {
            costs = List.copyOf(costs);
        }
    }

    /**
     * One node.
     *
     * @param node its index in {@link Graph#nodes()}
     * @param output name of its first output, by which it is found in a graph
     */
    public record NodeCost(int node, String output, String operator, double millis) {}

    /**
     * A cut that was run.
     *
     * @param boundary its tensors, in {@link Cut#boundary()}'s order
     * @param runs of each
     * @param spread distance between the quartiles of head and tail together, as a share of their median
     * @param head its memory, null where it is not known; the tail's as well
     */
    public record SpotCheck(
            List<String> boundary,
            double headMillis,
            double tailMillis,
            int runs,
            double spread,
            MemoryEstimate head,
            MemoryEstimate tail) {
        public SpotCheck {
            boundary = List.copyOf(boundary);
        }
    }

    /**
     * What the uncut model takes for several rows at once.
     *
     * @param times by rising rows; empty if there are none
     * @param skipped why there are none; else empty
     */
    public record BatchCurve(List<BatchTime> times, String skipped) {
        public BatchCurve {
            times = List.copyOf(times);
        }
    }

    /** A batch: milliseconds for all its rows together. */
    public record BatchTime(int rows, double millis) {}

    /** Machine and engine, in one line for people. */
    public String describe() {
        String threads =
                engine.threads() <= 0 ? "" : ", " + engine.threads() + (engine.threads() == 1 ? " thread" : " threads");
        return machine.describe() + ", " + engine.name() + " " + engine.version() + " on " + engine.provider()
                + threads;
    }

    /**
     * Costs by node index, 0 for nodes that no cut can move.
     *
     * @throws ProfileException if this is the profile of another model, or does not name this graph's nodes
     */
    public double[] nodeMillis(Graph graph) throws ProfileException {
        requireModel(graph);
        double[] millis = new double[graph.nodes().size()];
        for (NodeCost cost : nodes.costs()) {
            if (cost.node() >= millis.length || !names(cost, graph.node(cost.node()))) {
                throw new ProfileException("profile of " + model.file() + ": node " + cost.node() + " is "
                        + cost.operator()
                        + " with output \"" + cost.output() + "\"; expected a node of "
                        + graph.model().file()
                        + (cost.node() < millis.length
                                ? ", which has " + graph.node(cost.node()).label()
                                : ""));
            }
            millis[cost.node()] = cost.millis();
        }
        return millis;
    }

    /**
     * The same for a profile of segments, too: without a cost of any node the times between spot checks are divided among the nodes there.
     *
     * @throws ProfileException as {@link #nodeMillis(Graph)}
     */
    public double[] nodeMillis(ModelSummary summary) throws ProfileException {
        Graph graph = summary.model().graph();
        if (!nodes.costs().isEmpty()) {
            return nodeMillis(graph);
        }
        requireModel(graph);
        return SegmentCosts.nodeMillis(this, summary);
    }

    /** The spot check of a cut, if it is one of those that were run. */
    public Optional<SpotCheck> spotCheck(Cut cut) {
        return spotChecks.stream()
                .filter(check -> check.boundary().equals(cut.boundary()))
                .findFirst();
    }

    /** @throws ProfileException if this is the profile of another model file, naming both */
    public void requireModel(Graph graph) throws ProfileException {
        if (!graph.model().sha256().equals(model.sha256())) {
            throw new ProfileException(
                    "profile of " + model.file() + " was made of a model with SHA-256 " + model.sha256()
                            + "; expected that of " + graph.model().file() + ", "
                            + graph.model().sha256());
        }
    }

    private static boolean names(NodeCost cost, GraphNode node) {
        return node.op().equals(cost.operator()) && firstOutput(node).equals(cost.output());
    }

    static String firstOutput(GraphNode node) {
        return node.outputs().stream()
                .filter(name -> !name.isEmpty())
                .findFirst()
                .orElse("");
    }
}
