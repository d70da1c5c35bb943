package dev.cleave.cli.agent;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.cleave.edge.InferenceResult;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** The last line of {@code infer}. Latencies are of answered requests; NaN if there were none. {@code firstFallback} is why a device first stood in. */
record InferSummary(
        int requests,
        int failed,
        double p50Millis,
        double p95Millis,
        double p99Millis,
        Map<String, Integer> bySource,
        @JsonIgnore String firstFailure,
        String firstFallback,
        @JsonIgnore String lastWhy) {

    /** One line for people. */
    String text() {
        String counts = requests + " requests, " + failed + " failed";
        if (failed == requests) {
            return counts;
        }
        String sources = bySource.entrySet().stream()
                .map(source -> source.getValue() + " " + source.getKey())
                .collect(Collectors.joining(", "));
        return counts + ", " + sources
                + String.format(
                        Locale.ROOT, "; p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", p50Millis, p95Millis, p99Millis);
    }

    /** The JSON object around it. */
    record Line(InferSummary summary) {}

    /** Adds requests up. One thread. */
    static final class Builder {
        private static final int DIGITS = 3;

        private final Histogram micros = new Histogram(DIGITS);
        private final Map<String, Integer> bySource = new TreeMap<>();
        private int failed;
        private String firstFailure;
        private String firstFallback;
        private String lastWhy;

        void answered(InferenceResult result) {
            micros.recordValue(Math.round(result.waterfall().totalMillis() * 1000));
            bySource.merge(result.source().name(), 1, Integer::sum);
            lastWhy = result.decision().why();
            if (firstFallback == null && result.fallback() != null) {
                firstFallback = result.fallback().message();
            }
        }

        void failed(String reason) {
            failed++;
            firstFailure = firstFailure == null ? reason : firstFailure;
        }

        InferSummary build() {
            return new InferSummary(
                    (int) micros.getTotalCount() + failed,
                    failed,
                    percentile(50),
                    percentile(95),
                    percentile(99),
                    bySource,
                    firstFailure,
                    firstFallback,
                    lastWhy);
        }

        private double percentile(double percent) {
            return micros.getTotalCount() == 0 ? Double.NaN : micros.getValueAtPercentile(percent) / 1000.0;
        }
    }
}
