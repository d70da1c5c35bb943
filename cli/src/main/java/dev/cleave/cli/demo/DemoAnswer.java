package dev.cleave.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line that an agent process printed.
 *
 * @param source LOCAL, SPLIT or CLOUD
 * @param argmax of the first output
 * @param integers the first output's elements if they are integers, else null
 * @param stages milliseconds by the name of the stage
 */
record DemoAnswer(
        String input,
        String source,
        int argmax,
        long[] integers,
        double totalMillis,
        Map<String, Double> stages,
        long wireBytes) {

    static DemoAnswer of(JsonNode line) {
        JsonNode first = line.get("outputs").elements().next();
        long[] integers = null;
        if (first.get("values").isArray()) {
            integers = new long[first.get("values").size()];
            Arrays.setAll(integers, i -> first.get("values").get(i).asLong());
        }
        Map<String, Double> stages = new TreeMap<>();
        line.get("waterfall")
                .properties()
                .forEach(stage -> stages.put(stage.getKey(), stage.getValue().asDouble()));
        return new DemoAnswer(
                line.get("input").asText(),
                line.get("source").asText(),
                first.get("argmax").asInt(),
                integers,
                line.get("totalMillis").asDouble(),
                stages,
                line.get("wireBytes").asLong());
    }

    /** Whether both say the same: equal integers, or the same largest score. */
    boolean isAlike(DemoAnswer other) {
        return integers != null ? Arrays.equals(integers, other.integers) : argmax == other.argmax;
    }
}
