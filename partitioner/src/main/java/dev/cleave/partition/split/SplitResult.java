package dev.cleave.partition.split;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.plan.CostTable;
import java.nio.file.Path;
import java.util.List;

/**
 * A bundle that was written.
 *
 * @param measurements of level {@code default} at points 1..k; empty if there were no samples
 * @param metric name of the agreement metric
 * @param edge what devices run, and why
 * @param table what was measured to plan it, or null if nothing was
 */
public record SplitResult(
        Path bundle,
        String id,
        Contract contract,
        List<PointMeasurement> measurements,
        String metric,
        EdgeChoice edge,
        CostTable table) {}
