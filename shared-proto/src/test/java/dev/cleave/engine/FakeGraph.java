package dev.cleave.engine;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A {@link FakeEngine} graph, parsed. Immutable. */
record FakeGraph(List<TensorSpec> inputs, List<Step> steps, boolean endless, long fixedNanos, long rowNanos) {
    /** One output: what it is called and how it is computed from {@code operands}. */
    record Step(TensorSpec output, String operation, List<String> operands, double scale, double shift) {}

    static FakeGraph parse(GraphSource source) throws EngineException {
        List<TensorSpec> inputs = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        boolean endless = false;
        long fixed = 0;
        long perRow = 0;
        for (String line : new String(source.graph(), StandardCharsets.UTF_8).split("\n")) {
            String[] words = line.trim().split("\\s+");
            try {
                switch (words[0]) {
                    case "input" -> inputs.add(spec(words));
                    case "output" -> steps.add(step(words));
                    case "endless" -> endless = true;
                    case "cost" -> {
                        fixed = Long.parseLong(words[1]);
                        perRow = Long.parseLong(words[2]);
                    }
                    default -> throw new IllegalArgumentException("expected input, output, cost or endless");
                }
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new EngineException(source.label() + ": line \"" + line + "\" is not understood", e);
            }
        }
        if (inputs.isEmpty() || steps.isEmpty()) {
            throw new EngineException(source.label() + ": a graph needs an input and an output");
        }
        return new FakeGraph(List.copyOf(inputs), List.copyOf(steps), endless, fixed, perRow);
    }

    List<TensorSpec> outputs() {
        return steps.stream().map(Step::output).toList();
    }

    private static Step step(String[] words) {
        List<String> operands = Arrays.asList(words).subList(6, words.length);
        return switch (words[5]) {
            case "copy" -> new Step(spec(words), "copy", operands.subList(0, 1), 1, 0);
            case "sum" -> new Step(spec(words), "sum", operands, 1, 0);
            case "affine" ->
                new Step(
                        spec(words),
                        "affine",
                        operands.subList(0, 1),
                        Double.parseDouble(operands.get(1)),
                        Double.parseDouble(operands.get(2)));
            default -> throw new IllegalArgumentException("expected copy, sum or affine");
        };
    }

    private static TensorSpec spec(String[] words) {
        String dims = words[3].substring(1, words[3].length() - 1);
        Shape shape = dims.isEmpty()
                ? Shape.of()
                : Shape.of(Arrays.stream(dims.split(","))
                        .mapToLong(dim -> dim.equals("?") ? Shape.DYNAMIC : Long.parseLong(dim))
                        .toArray());
        return new TensorSpec(words[1], ElementType.fromJsonName(words[2]), shape);
    }
}
