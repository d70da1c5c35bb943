package dev.cleave.partition.half;

import dev.cleave.engine.Engine;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.extract.ExtractedModel;
import dev.cleave.partition.extract.GraphWriter;
import dev.cleave.partition.extract.WeightsFile;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.shape.ProbedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tails of a ladder in 16-bit floats, for gateways whose engine is fast at them: {@code tail-0} (the whole model) to
 * {@code tail-k} and one file of weights. They take and give what the tails in 32 bits do, by the same names and types.
 *
 * @param extracted precision {@code fp16}; no prefix of its weights is of use to a device, so all of them are empty
 * @param refusals one line for each convolution or matrix product that stays in 32 bits, and why
 */
public record HalfTails(ExtractedModel extracted, List<String> refusals) {
    public static final String PRECISION = "fp16";

    /**
     * Converts a model and writes its weights.
     *
     * @param weights file to write
     * @throws ModelException if the model is not one of 32-bit floats, or has nothing to convert
     */
    public static HalfTails extract(ProbedModel probed, Ladder ladder, Engine engine, Path weights) throws IOException {
        Set<String> boundaries = new LinkedHashSet<>();
        ladder.points().forEach(cut -> boundaries.addAll(cut.boundary()));
        HalfModel half = HalfModel.of(probed, boundaries, engine);
        Graph graph = half.graph();
        WeightsFile file = new WeightsFile(graph.model(), "weights/" + PRECISION + ".bin");
        GraphWriter writer = new GraphWriter(graph, probed.facts(), file);
        Map<String, byte[]> graphs = new LinkedHashMap<>();
        ModelProto.Builder whole = writer.between(
                "tail-0", graph.inputs().keySet(), graph.outputs().keySet());
        graphs.put("tail-0", whole.build().toByteArray());
        int point = 1;
        for (Cut cut : ladder.points()) {
            String name = "tail-" + point++;
            graphs.put(
                    name,
                    writer.between(name, cut.boundary(), cut.lateOutputs())
                            .build()
                            .toByteArray());
        }
        file.write(weights);
        long[] prefixSizes = new long[ladder.size() + 2];
        prefixSizes[ladder.size() + 1] = file.size();
        return new HalfTails(
                new ExtractedModel(PRECISION, graphs, file.location(), weights, prefixSizes), half.refusals());
    }
}
