package dev.cleave.partition.shape;

import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks the engine for the element types of intermediate tensors by loading the graph with them as outputs; nothing
 * runs. A value that the engine will not give out (a sequence, strings) is set aside with the engine's reason: found by
 * its name in the message, else by halving.
 */
final class TypeProbe {
    private static final int MOST_LOADS = 300;

    private final Scratch scratch;
    private final Map<String, TensorSpec> specs = new LinkedHashMap<>();
    private final Map<String, String> refused = new LinkedHashMap<>();
    private int loads;

    private TypeProbe(Scratch scratch) {
        this.scratch = scratch;
    }

    /** What was found: shapes are as far as the engine infers them. */
    record Types(Map<String, TensorSpec> specs, Map<String, String> refused) {}

    /**
     * @param outputs of the graph; when it cannot be loaded even with these, nothing else is tried
     * @throws EngineException if the graph cannot be loaded at all
     */
    static Types of(Scratch scratch, Collection<String> outputs, List<String> tensors)
            throws IOException, EngineException {
        TypeProbe probe = new TypeProbe(scratch);
        if (tensors.isEmpty()) {
            scratch.load(scratch.between(outputs).build(), false).close();
            return new Types(Map.of(), Map.of());
        }
        try (Session session = scratch.load(scratch.between(tensors).build(), false)) {
            session.outputs().forEach(spec -> probe.specs.put(spec.name(), spec));
        } catch (EngineException failure) {
            scratch.load(scratch.between(outputs).build(), false).close();
            probe.setAside(tensors, failure.getMessage());
        }
        return new Types(probe.specs, probe.refused);
    }

    private void ask(List<String> tensors) throws IOException {
        if (tensors.isEmpty()) {
            return;
        }
        if (++loads > MOST_LOADS) {
            tensors.forEach(tensor -> refused.put(tensor, "its type could not be found out"));
            return;
        }
        try (Session session = scratch.load(scratch.between(tensors).build(), false)) {
            session.outputs().forEach(spec -> specs.put(spec.name(), spec));
        } catch (EngineException failure) {
            setAside(tensors, failure.getMessage());
        }
    }

    private void setAside(List<String> tensors, String message) throws IOException {
        List<String> rest = new ArrayList<>(tensors);
        for (String tensor : tensors) {
            if (tensors.size() == 1 || message.contains("output \"" + tensor + "\"")) {
                refused.put(tensor, message.substring(Math.max(0, message.indexOf("output \""))));
                rest.remove(tensor);
                break;
            }
        }
        if (rest.size() < tensors.size()) {
            ask(rest);
        } else {
            ask(rest.subList(0, rest.size() / 2));
            ask(rest.subList(rest.size() / 2, rest.size()));
        }
    }
}
