package dev.cleave.partition.shape;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.GraphSource;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.extract.GraphWriter;
import dev.cleave.partition.extract.WeightsFile;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.partition.scratch.ScratchFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;

/** A temporary copy of a graph's weights, over which variants of the graph can be loaded. Deletes it when closed. */
final class Scratch implements AutoCloseable {
    private static final String LOCATION = "weights/scratch.bin";

    private final Graph graph;
    private final Engine engine;
    private final GraphWriter writer;
    private final ScratchFolder folder;
    private final Path weights;
    private final long size;

    /** @param inputs what the graph's inputs are declared as */
    Scratch(Graph graph, TensorFacts inputs, Engine engine) throws IOException {
        this.graph = graph;
        this.engine = engine;
        WeightsFile file = new WeightsFile(graph.model(), LOCATION);
        this.writer = new GraphWriter(graph, inputs, file);
        between(graph.outputs().keySet());
        this.folder = ScratchFolder.create("cleave-probe");
        this.weights = folder.file("scratch.bin");
        this.size = file.size();
        try {
            file.write(weights);
        } catch (IOException incomplete) {
            close();
            throw incomplete;
        }
    }

    /** A model with these tensors as its outputs; all of them tensors that the graph's outputs depend on. */
    ModelProto.Builder between(Collection<String> outputs) throws IOException {
        return writer.between("probe", graph.inputs().keySet(), outputs);
    }

    Session load(ModelProto model, boolean optimized) throws EngineException {
        GraphSource source = new GraphSource(
                graph.model().file().toString(),
                model.toByteArray(),
                Map.of(LOCATION, new WeightsRegion(weights, 0, size)));
        return engine.load(source, SessionOptions.defaults().withOptimized(optimized));
    }

    @Override
    public void close() throws IOException {
        folder.close();
    }
}
