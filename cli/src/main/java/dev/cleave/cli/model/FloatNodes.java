package dev.cleave.cli.model;

import dev.cleave.cli.output.Abbreviation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Nodes that stayed in float beside integers, as people read them; JSON has them all. Pure. */
final class FloatNodes {
    /** Of each reason. */
    private static final int NAMED = 4;

    private FloatNodes() {}

    /**
     * A line for each reason.
     *
     * @param reasons by the label of a node
     */
    static List<String> lines(Map<String, String> reasons) {
        Map<String, List<String>> nodes = new LinkedHashMap<>();
        reasons.forEach((label, reason) ->
                nodes.computeIfAbsent(reason, any -> new ArrayList<>()).add(Abbreviation.of(label)));
        List<String> lines = new ArrayList<>();
        nodes.forEach((reason, labels) -> lines.add("in float (" + reason + "): " + named(labels)));
        return lines;
    }

    private static String named(List<String> labels) {
        int more = labels.size() - NAMED;
        return String.join(", ", labels.subList(0, Math.min(NAMED, labels.size())))
                + (more > 0 ? " and " + more + " more" : "");
    }
}
