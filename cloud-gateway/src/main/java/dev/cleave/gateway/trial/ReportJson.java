package dev.cleave.gateway.trial;

import static dev.cleave.gateway.trial.AnswerJson.JSON;
import static dev.cleave.gateway.trial.AnswerJson.isShortText;
import static dev.cleave.gateway.trial.AnswerJson.keys;
import static dev.cleave.gateway.trial.AnswerJson.line;
import static dev.cleave.gateway.trial.AnswerJson.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a trial has shown of a model, as one line of JSON.
 *
 * <pre>
 * {"inputs":[{"name":"x","type":"float32","shape":["N",3,"?"]}],"outputs":[..],"notBatched":"",
 *  "memory":{"rows":3,"inputBytes":36,"bytes":4194304}}
 * </pre>
 */
final class ReportJson {
    private static final int MAX_TENSORS = 1024;
    private static final Set<String> KEYS = Set.of("inputs", "outputs", "notBatched", "memory");
    private static final Set<String> MEMORY_KEYS = Set.of("rows", "inputBytes", "bytes");
    private static final Set<String> TENSOR_KEYS = Set.of("name", "type", "shape");

    private ReportJson() {}

    static String write(TrialReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.set("inputs", tensors(report.inputs()));
        root.set("outputs", tensors(report.outputs()));
        root.putObject("memory")
                .put("rows", report.memory().rows())
                .put("inputBytes", report.memory().inputBytes())
                .put("bytes", report.memory().bytes());
        return root.put("notBatched", line(report.notBatched())).toString();
    }

    private static ArrayNode tensors(List<TensorSpec> specs) {
        ArrayNode tensors = JSON.createArrayNode();
        for (TensorSpec spec : specs) {
            ArrayNode shape = JSON.createArrayNode();
            for (long dim : spec.shape().dims()) {
                if (dim >= 0) {
                    shape.add(dim);
                } else {
                    shape.add(dim == Shape.BATCH ? "N" : "?");
                }
            }
            tensors.addObject()
                    .put("name", spec.name())
                    .put("type", spec.type().jsonName())
                    .set("shape", shape);
        }
        return tensors;
    }

    /** @throws IOException if it is none; the message says what was expected */
    static TrialReport read(JsonNode root) throws IOException {
        require(keys(root).equals(KEYS), "an object of " + new TreeSet<>(KEYS));
        JsonNode reason = root.get("notBatched");
        require(isShortText(reason), "a short text as notBatched");
        TrialReport report = new TrialReport(
                tensors(root.get("inputs")),
                tensors(root.get("outputs")),
                line(reason.textValue()),
                memory(root.get("memory")));
        requireAgreement(report);
        return report;
    }

    private static RunMemory memory(JsonNode taken) throws IOException {
        require(taken.isObject() && keys(taken).equals(MEMORY_KEYS), "rows, inputBytes and bytes of a run");
        JsonNode rows = taken.get("rows");
        require(rows.isIntegralNumber() && rows.canConvertToInt(), "a number of rows");
        for (String key : MEMORY_KEYS) {
            require(taken.get(key).isIntegralNumber() && taken.get(key).canConvertToLong(), "a number as " + key);
        }
        try {
            return new RunMemory(
                    rows.intValue(),
                    taken.get("inputBytes").longValue(),
                    taken.get("bytes").longValue());
        } catch (IllegalArgumentException e) {
            throw new IOException(line(e.getMessage()), e);
        }
    }

    private static List<TensorSpec> tensors(JsonNode list) throws IOException {
        require(list.isArray() && list.size() <= MAX_TENSORS, "a list of at most " + MAX_TENSORS + " tensors");
        List<TensorSpec> specs = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (JsonNode tensor : list) {
            require(tensor.isObject() && keys(tensor).equals(TENSOR_KEYS), "name, type and shape of a tensor");
            JsonNode name = tensor.get("name");
            require(isShortText(name), "a short text as a tensor's name");
            require(names.add(name.textValue()), "each name once");
            try {
                ElementType type = ElementType.fromJsonName(tensor.get("type").asText(""));
                specs.add(new TensorSpec(name.textValue(), type, shape(tensor.get("shape"))));
            } catch (IllegalArgumentException e) {
                throw new IOException(line(e.getMessage()), e);
            }
        }
        return specs;
    }

    private static Shape shape(JsonNode list) throws IOException {
        require(list.isArray() && list.size() <= Shape.MAX_RANK, "a list of at most " + Shape.MAX_RANK + " sizes");
        long[] dims = new long[list.size()];
        for (int axis = 0; axis < dims.length; axis++) {
            JsonNode dim = list.get(axis);
            boolean size = dim.isIntegralNumber() && dim.canConvertToLong() && dim.longValue() >= 0;
            boolean rows = dim.isTextual() && dim.textValue().equals("N");
            require(size || rows || dim.isTextual() && dim.textValue().equals("?"), "a size, \"?\" or \"N\"");
            dims[axis] = size ? dim.longValue() : rows ? Shape.BATCH : Shape.DYNAMIC;
        }
        return Shape.of(dims);
    }

    /** All tensors have rows, or none has. */
    private static void requireAgreement(TrialReport report) throws IOException {
        boolean agree = true;
        for (TensorSpec spec : report.inputs()) {
            agree &= spec.shape().isBatched() == report.isBatched();
        }
        for (TensorSpec spec : report.outputs()) {
            agree &= spec.shape().isBatched() == report.isBatched();
        }
        require(agree, "rows in all shapes and no reason against joining, or a reason and no rows");
        require(!report.inputs().isEmpty() && !report.outputs().isEmpty(), "at least one input and one output");
    }
}
