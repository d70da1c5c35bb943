package dev.cleave.gateway.grpc;

import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.v1.PointReport;
import dev.cleave.v1.Report;
import dev.cleave.v1.Stage;

/** Turns what agents report into metrics; what makes no sense for the model is left out. */
final class Reports {
    private static final int MAX_STAGES = 16;

    private Reports() {}

    static void record(Report report, ServedModel model) {
        int points = model.contract().local() + 1;
        ModelMetrics metrics = model.metrics();
        report.getPointsList().stream()
                .filter(point -> point.getSplitPoint() >= 0 && point.getSplitPoint() < points)
                .limit(points)
                .forEach(point -> record(point, report.getNetworkClass(), metrics));
    }

    private static void record(PointReport point, String network, ModelMetrics metrics) {
        metrics.agentReport(
                point.getSplitPoint(),
                network,
                Math.max(0, point.getRequests()),
                Math.max(0, point.getFailed()),
                Math.max(0, point.getHedged()));
        point.getStagesList().stream().limit(MAX_STAGES).forEach(stage -> record(stage, metrics));
    }

    private static void record(Stage stage, ModelMetrics metrics) {
        metrics.agentStage(stage.getName(), "0.5", Math.max(0, stage.getP50Micros()));
        metrics.agentStage(stage.getName(), "0.9", Math.max(0, stage.getP90Micros()));
        metrics.agentStage(stage.getName(), "0.99", Math.max(0, stage.getP99Micros()));
    }
}
