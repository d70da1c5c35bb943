package dev.cleave.partition.extract;

import dev.cleave.engine.GraphSource;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.TensorFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Heads and tails of any cuts of one model, nested or not, over one file of weights: what a planner runs before a
 * ladder is chosen. The same graphs as a bundle of that cut would hold.
 */
public final class CutGraphs {
    private final Dataflow flow;
    private final TensorFacts facts;
    private final SignedPairs pairs;
    private final GraphWriter writer;
    private final ModelProto whole;
    private final Map<String, WeightsRegion> weights;
    private final long weightsBytes;

    /**
     * @param weights file to write; it belongs to the caller and has to outlive the sessions of these graphs
     * @throws IOException if external data cannot be read or the file not be written
     */
    public CutGraphs(Dataflow flow, TensorFacts facts, Path weights) throws IOException {
        this.flow = flow;
        this.facts = facts;
        this.pairs = new SignedPairs(flow);
        String precision = Precision.of(flow.graph());
        WeightsFile file = new WeightsFile(flow.graph().model(), "weights/" + precision + ".bin");
        this.writer = new GraphWriter(flow.graph(), facts, file);
        Set<String> inputs = flow.graph().inputs().keySet();
        this.whole =
                writer.between("whole", inputs, flow.graph().outputs().keySet()).build();
        file.write(weights);
        this.weightsBytes = file.size();
        this.weights = Map.of(file.location(), new WeightsRegion(weights, 0, Files.size(weights)));
    }

    /** What the graphs are parts of. */
    public Dataflow flow() {
        return flow;
    }

    /** What is known of its tensors. */
    public TensorFacts facts() {
        return facts;
    }

    /** The whole model; of its inputs those that it reads. */
    public ModelProto whole() {
        return whole;
    }

    /** What the device runs: makes the boundary and the early outputs. */
    public ModelProto head(Cut cut) throws IOException {
        Set<String> made = new LinkedHashSet<>(cut.boundary());
        made.removeAll(flow.graph().inputs().keySet());
        made.addAll(cut.earlyOutputs());
        return complete(writer.between("head", flow.graph().inputs().keySet(), made));
    }

    /** What the gateway runs: makes the late outputs out of the boundary. */
    public ModelProto tail(Cut cut) throws IOException {
        List<String> given = new ArrayList<>(cut.boundary());
        return complete(writer.between("tail", given, cut.lateOutputs()));
    }

    /** Makes these tensors, whatever they are, out of the model's inputs. */
    public ModelProto making(Collection<String> tensors) throws IOException {
        return complete(writer.between("tensors", flow.graph().inputs().keySet(), tensors));
    }

    /** A graph of this model for an engine. */
    public GraphSource source(ModelProto graph) {
        String label = flow.graph().model().file() + "!" + graph.getGraph().getName();
        return new GraphSource(label, graph.toByteArray(), weights);
    }

    /** Size of all weights in bytes. */
    public long weightsBytes() {
        return weightsBytes;
    }

    private ModelProto complete(ModelProto.Builder part) {
        return part.setGraph(pairs.complete(part.getGraph())).build();
    }
}
