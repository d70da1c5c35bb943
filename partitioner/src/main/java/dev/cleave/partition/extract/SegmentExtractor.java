package dev.cleave.partition.extract;

import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes the graphs of a ladder: segments, heads, tails and the whole.
 *
 * <p>The part between two points makes what crosses the later point and is not there at the earlier one, and the model
 * outputs that become known in between. It lists as inputs only what it reads; tensors that pass by are carried by
 * whoever runs it. Outputs that are inputs or constants count as made by segment 0. The same model and ladder give the
 * same bytes.
 */
public final class SegmentExtractor {
    private final Dataflow flow;
    private final TensorFacts facts;
    private final Ladder ladder;
    private final SignedPairs pairs;
    private final String precision;

    /** The precision is what the model mostly uses. */
    public SegmentExtractor(Dataflow flow, TensorFacts facts, Ladder ladder) throws ModelException {
        this(flow, facts, ladder, Precision.of(flow.graph()));
    }

    /** @param precision the graphs go by, {@code int8} for one */
    public SegmentExtractor(Dataflow flow, TensorFacts facts, Ladder ladder, String precision) {
        this.flow = flow;
        this.facts = facts;
        this.ladder = ladder;
        this.pairs = new SignedPairs(flow);
        this.precision = precision;
    }

    /**
     * @param weights file to write; the weights in it are in the order of the first segment that uses them
     * @throws IOException if external data cannot be read or the file not be written
     */
    public ExtractedModel extract(Path weights) throws IOException {
        Graph graph = flow.graph();
        WeightsFile file = new WeightsFile(graph.model(), "weights/" + precision + ".bin");
        GraphWriter writer = new GraphWriter(graph, facts, file);
        Map<String, byte[]> graphs = new LinkedHashMap<>();
        int last = ladder.size() + 1;
        long[] prefixSizes = new long[last + 1];
        for (int segment = 0; segment < last; segment++) {
            graphs.put("segment-" + segment, part(writer, "segment-" + segment, segment, segment + 1));
            prefixSizes[segment + 1] = file.size();
        }
        for (int point = 1; point < last; point++) {
            graphs.put("head-" + point, part(writer, "head-" + point, 0, point));
        }
        for (int point = 1; point < last; point++) {
            graphs.put("tail-" + point, part(writer, "tail-" + point, point, last));
        }
        graphs.put("whole", whole(writer));
        file.write(weights);
        return new ExtractedModel(precision, graphs, file.location(), weights, prefixSizes);
    }

    private byte[] part(GraphWriter writer, String name, int from, int to) throws IOException {
        ModelProto.Builder part = writer.between(name, given(from), made(from, to));
        return part.setGraph(pairs.complete(part.getGraph())).build().toByteArray();
    }

    /** The whole model has all declared inputs, also those that it does not read. */
    private byte[] whole(GraphWriter writer) throws IOException {
        Set<String> inputs = flow.graph().inputs().keySet();
        ModelProto.Builder whole =
                writer.between("whole", inputs, flow.graph().outputs().keySet());
        GraphProto.Builder body = whole.getGraph().toBuilder().clearInput();
        inputs.forEach(input -> body.addInput(writer.declare(input)));
        return whole.setGraph(body).build().toByteArray();
    }

    private List<String> boundary(int point) {
        return point == 0
                ? List.copyOf(flow.graph().inputs().keySet())
                : ladder.points().get(point - 1).boundary();
    }

    /** What there is at a point: its boundary, and state that is used after it and does not cross. */
    private List<String> given(int point) {
        Set<String> given = new LinkedHashSet<>(boundary(point));
        given.addAll(flow.graph().inputs().keySet());
        return new ArrayList<>(given);
    }

    private Set<String> early(int point) {
        if (point == 0) {
            return Set.of();
        }
        return point > ladder.size()
                ? flow.graph().outputs().keySet()
                : new LinkedHashSet<>(ladder.points().get(point - 1).earlyOutputs());
    }

    /** What the part between two points makes: boundary tensors first, then outputs of the model. */
    private List<String> made(int from, int to) {
        Set<String> made = new LinkedHashSet<>();
        if (to <= ladder.size()) {
            Cut cut = ladder.points().get(to - 1);
            for (String tensor : cut.boundary()) {
                if (isMadeAfter(from, tensor)) {
                    made.add(tensor);
                }
            }
        }
        for (String output : flow.graph().outputs().keySet()) {
            if (early(to).contains(output) && !early(from).contains(output)) {
                made.add(output);
            }
        }
        return new ArrayList<>(made);
    }

    private boolean isMadeAfter(int point, String carrier) {
        int producer = flow.producer(flow.carrier(carrier));
        return producer >= 0 && (point == 0 || !ladder.points().get(point - 1).isInHead(producer));
    }
}
