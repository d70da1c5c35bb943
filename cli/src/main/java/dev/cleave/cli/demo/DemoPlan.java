package dev.cleave.cli.demo;

import dev.cleave.cli.link.LinkRates;
import dev.cleave.partition.plan.CandidateKind;
import dev.cleave.partition.plan.Constraints;
import dev.cleave.partition.plan.Decision;
import dev.cleave.partition.plan.LinkProfile;
import dev.cleave.partition.plan.Objective;
import dev.cleave.partition.plan.SplitPlan;
import dev.cleave.partition.plan.SplitPlan.Candidate;
import dev.cleave.partition.report.HtmlReport;
import dev.cleave.partition.split.SplitResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What planning said of the demo's link before anything crossed it.
 *
 * @param points tensors of the points 1..k
 * @param report the plan as a page, which outlives the demo
 */
record DemoPlan(SplitPlan plan, List<List<String>> points, Path report) {
    static DemoPlan of(SplitResult split, LinkRates rates) throws IOException {
        LinkProfile link = new LinkProfile(
                rates.uplink().bitsPerSecond(),
                rates.downlink().bitsPerSecond(),
                rates.rtt().toNanos() / 1e6);
        int points = split.contract().splitPoints();
        SplitPlan plan =
                Decision.of(split.table(), link, Objective.LATENCY, Constraints.defaults(), points, System::nanoTime);
        Path report = Files.createTempFile("cleave-demo-plan", ".html");
        HtmlReport.write(plan, report);
        return new DemoPlan(
                plan,
                split.contract().points().stream()
                        .map(point ->
                                point.specs().stream().map(spec -> spec.name()).toList())
                        .toList(),
                report);
    }

    /** The predicted time of a point 0..k+1; NaN where the plan does not know it. */
    double millis(int point) {
        CandidateKind kind = point == 0
                ? CandidateKind.CLOUD_RAW
                : point == points.size() ? CandidateKind.LOCAL : CandidateKind.SPLIT;
        return plan.candidates().stream()
                .filter(candidate -> candidate.cost().kind() == kind)
                .filter(candidate -> kind != CandidateKind.SPLIT
                        || candidate.cost().tensors().equals(points.get(point)))
                .mapToDouble(Candidate::totalMillis)
                .findFirst()
                .orElse(Double.NaN);
    }
}
