package dev.cleave.gateway.trial;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;

/** To look into a model, before anybody relies on it. */
sealed interface ModelJob extends TrialJob<TrialReport> permits PlainJob, BundleJob {
    @Override
    default String write(TrialReport report) {
        return ReportJson.write(report);
    }

    @Override
    default TrialReport read(JsonNode answer) throws IOException {
        return ReportJson.read(answer);
    }
}
