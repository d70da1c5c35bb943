package dev.cleave.gateway.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** To look into a plain model. */
record PlainJob(String engine, ModelFiles model) implements ModelJob {
    @Override
    public void describe(ObjectNode line) {
        line.put("label", model.label()).put("graph", model.graph().toString());
        ObjectNode weights = line.putObject("weights");
        model.weights().forEach((name, file) -> weights.put(name, file.toString()));
    }

    static PlainJob of(JsonNode line) {
        Map<String, Path> weights = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> file : line.required("weights").properties()) {
            weights.put(file.getKey(), Path.of(file.getValue().textValue()));
        }
        Path graph = Path.of(line.required("graph").textValue());
        return new PlainJob(
                line.required("engine").textValue(),
                new ModelFiles(line.required("label").textValue(), graph, weights));
    }

    @Override
    public TrialReport run(Engine on, long limitNanos, GraphMemory memory, MemoryWatch watch)
            throws EngineException, IOException {
        try (Session session = load(on, memory)) {
            if (session.inputs().isEmpty()) {
                throw new EngineException(model.label() + " has no input; expected at least one");
            }
            return new RowProbe(session, limitNanos, SEED, watch).report();
        }
    }

    private Session load(Engine on, GraphMemory memory) throws EngineException, IOException {
        try (HeldGraph graph = model.read(memory)) {
            return on.load(graph.source(), SessionOptions.defaults());
        }
    }
}
