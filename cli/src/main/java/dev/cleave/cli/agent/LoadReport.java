package dev.cleave.cli.agent;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.Map;

/**
 * What {@code load} measured.
 *
 * @param failed requests without an answer; {@code rejected} is the share of them that somebody refused to take
 * @param batchSizeMean mean rows of the batches that requests ran in on the gateway; NaN if none ran there
 */
record LoadReport(
        int clients,
        double seconds,
        long requests,
        long failed,
        long rejected,
        double throughputPerSecond,
        double p50Millis,
        double p90Millis,
        double p99Millis,
        double batchSizeMean,
        Map<String, Long> bySource,
        @JsonIgnore String firstFailure) {}
