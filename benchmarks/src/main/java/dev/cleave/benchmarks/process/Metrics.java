package dev.cleave.benchmarks.process;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page of metrics in Prometheus' text format.
 *
 * @param text as it was served
 */
public record Metrics(String text) {
    /**
     * Sum of the samples of one metric.
     *
     * @param label text that a sample's labels contain, {@code reason="cancelled"} say; empty for any
     * @return 0 if there is none
     */
    public double sum(String name, String label) {
        Matcher sample = Pattern.compile("^" + Pattern.quote(name) + "(\\{[^}]*\\})? (\\S+)$", Pattern.MULTILINE)
                .matcher(text);
        double sum = 0;
        while (sample.find()) {
            if (label.isEmpty() || sample.group(1) != null && sample.group(1).contains(label)) {
                sum += Double.parseDouble(sample.group(2));
            }
        }
        return sum;
    }

    /** Rows that a gateway's batches have had on average since an earlier look; NaN if there was none. */
    public double rowsABatch(Metrics earlier) {
        double rows = sum("cleave_batch_rows_sum", "") - earlier.sum("cleave_batch_rows_sum", "");
        return rows / (sum("cleave_batch_rows_count", "") - earlier.sum("cleave_batch_rows_count", ""));
    }
}
