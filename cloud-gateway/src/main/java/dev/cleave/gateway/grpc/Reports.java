package dev.cleave.gateway.grpc;

import dev.cleave.gateway.metrics.ModelMetrics;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.v1.PointReport;
import dev.cleave.v1.Report;
import dev.cleave.v1.ShadowReport;
import dev.cleave.v1.Stage;

/** Turns what agents report into metrics; what makes no sense for the model is left out. */
final class Reports {
    private static final int MAX_STAGES = 16;
    private static final int MAX_SHADOWS = 4;

    private Reports() {}

    /** @param device class of the agent, as it introduced itself */
    static void record(Report report, String device, ServedModel model) {
        int points = model.contract().local() + 1;
        ModelMetrics metrics = model.metrics();
        report.getPointsList().stream()
                .filter(point -> point.getSplitPoint() >= 0 && point.getSplitPoint() < points)
                .limit(points)
                .forEach(point -> record(point, report.getNetworkClass(), device, metrics));
    }

    private static void record(PointReport point, String network, String device, ModelMetrics metrics) {
        int at = point.getSplitPoint();
        metrics.agentReport(device, at, network, point.getRequests(), point.getFailed(), point.getHedged());
        for (Stage stage : point.getStagesList().subList(0, Math.min(MAX_STAGES, point.getStagesCount()))) {
            metrics.agentStage(device, at, stage.getName(), "0.5", stage.getP50Micros());
            metrics.agentStage(device, at, stage.getName(), "0.9", stage.getP90Micros());
            metrics.agentStage(device, at, stage.getName(), "0.99", stage.getP99Micros());
        }
        for (ShadowReport shadow : point.getShadowsList().subList(0, Math.min(MAX_SHADOWS, point.getShadowsCount()))) {
            metrics.agentShadow(device, at, shadow.getReference(), shadow.getRows(), shadow.getAgreed());
        }
    }
}
