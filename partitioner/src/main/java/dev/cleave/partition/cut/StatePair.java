package dev.cleave.partition.cut;

import dev.cleave.onnx.TypeProto;
import dev.cleave.onnx.ValueInfoProto;
import dev.cleave.partition.graph.Graph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** State of a streaming model: output {@code output} of one run is input {@code input} of the next. */
public record StatePair(String input, String output) {
    private static final Set<String> STATE_WORDS = Set.of(
            "state", "states", "hidden", "cell", "cache", "mem", "memory", "past", "present", "h", "c", "hn", "cn");

    /** Words by which the two names of one state usually differ. */
    private static final Set<String> ROLE_WORDS = Set.of(
            "in", "out", "input", "output", "n", "next", "new", "prev", "previous", "past", "present", "0", "init");

    /**
     * Finds pairs by their names ({@code state} and {@code stateN}, {@code past.0.key} and {@code present.0.key},
     * {@code h_in} and {@code h_out}), element types and ranks. Names are all there is to go by, so a model may have
     * state that is not found, and then it has to be named.
     */
    public static List<StatePair> detect(Graph graph) {
        List<StatePair> pairs = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (ValueInfoProto input : graph.inputs().values()) {
            if (!speaksOfState(input.getName())) {
                continue;
            }
            for (ValueInfoProto output : graph.outputs().values()) {
                if (!graph.inputs().containsKey(output.getName())
                        && stem(input.getName()).equals(stem(output.getName()))
                        && alike(input.getType(), output.getType())
                        && taken.add(output.getName())) {
                    pairs.add(new StatePair(input.getName(), output.getName()));
                    break;
                }
            }
        }
        return pairs;
    }

    private static boolean speaksOfState(String name) {
        return words(name).stream().anyMatch(STATE_WORDS::contains);
    }

    private static String stem(String name) {
        List<String> words = new ArrayList<>(words(name));
        words.removeAll(ROLE_WORDS);
        words.replaceAll(word -> word.equals("hn") ? "h" : word.equals("cn") ? "c" : word);
        return String.join(" ", words);
    }

    /** Splits at punctuation and at a change from lower to upper case: {@code stateN} is {@code state n}. */
    private static List<String> words(String name) {
        String spaced = name.replaceAll("([a-z])([A-Z0-9])", "$1 $2").toLowerCase(Locale.ROOT);
        List<String> words = new ArrayList<>();
        for (String word : spaced.split("[^a-z0-9]+")) {
            if (!word.isEmpty()) {
                words.add(word);
            }
        }
        return words;
    }

    /** Equal element types and ranks, as far as both are declared. */
    private static boolean alike(TypeProto one, TypeProto other) {
        if (!one.hasTensorType() || !other.hasTensorType()) {
            return !one.hasSequenceType() && !other.hasSequenceType();
        }
        TypeProto.Tensor first = one.getTensorType();
        TypeProto.Tensor second = other.getTensorType();
        return first.getElemType() == second.getElemType()
                && (!first.hasShape()
                        || !second.hasShape()
                        || first.getShape().getDimCount() == second.getShape().getDimCount());
    }
}
