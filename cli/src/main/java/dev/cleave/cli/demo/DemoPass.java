package dev.cleave.cli.demo;

import dev.cleave.answer.Proportion;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * All inputs run one way.
 *
 * @param name LOCAL, SPLIT 2, CLOUD
 * @param point ladder point, k+1 for LOCAL
 */
record DemoPass(String name, int point, String quality, List<DemoAnswer> answers) {
    double p50Millis() {
        return median(DemoAnswer::totalMillis);
    }

    double meanBytes() {
        return answers.stream().mapToLong(DemoAnswer::wireBytes).average().orElse(0);
    }

    /** Median of one stage. */
    double stage(String name) {
        return median(answer -> answer.stages().getOrDefault(name, 0.0));
    }

    private double median(ToDoubleFunction<DemoAnswer> value) {
        double[] sorted = answers.stream().mapToDouble(value).sorted().toArray();
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }

    /** Inputs with the same answer as another pass. */
    Proportion alike(DemoPass other) {
        int same = 0;
        for (int i = 0; i < answers.size(); i++) {
            same += answers.get(i).isAlike(other.answers.get(i)) ? 1 : 0;
        }
        return new Proportion(same, answers.size());
    }

    /** Number of right answers, or -1 if none is known. */
    int correct(DemoMaterial.Answers key) {
        boolean known = answers.stream().anyMatch(answer -> key.expected(answer.input()) != null);
        long right = answers.stream()
                .filter(answer -> key.readable(answer).equals(key.expected(answer.input())))
                .count();
        return known ? (int) right : -1;
    }

    /** Whether all came from there: no request quietly went another way. */
    boolean isAllFrom(String source) {
        return answers.stream().allMatch(answer -> answer.source().equals(source));
    }
}
