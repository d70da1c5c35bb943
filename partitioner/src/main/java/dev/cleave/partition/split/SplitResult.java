package dev.cleave.partition.split;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.heads.ConvertedHeads;
import dev.cleave.partition.plan.CostTable;
import dev.cleave.partition.tails.TailCheck;
import java.nio.file.Path;
import java.util.List;

/**
 * A bundle that was written.
 *
 * @param measurements of points 1..k and their levels, {@code default} first; empty if there were no samples
 * @param calibration what they rest on, or null
 * @param metric name of the agreement metric
 * @param halfTails of the tails in 16-bit floats at points 0..k; empty if there are none, or no samples
 * @param halfRefusals one line for each convolution or matrix product that stays in 32 bits in them
 * @param liteHeads heads for TensorFlow Lite, as they were written; null if none were asked for
 * @param edge what devices run, and why
 * @param local of the inputs that report, those with the unsplit model's answer on a device that runs integers to the end; of none
 *     where devices run the model as it is, or there were no samples
 * @param table what was measured to plan it, or null if nothing was
 */
public record SplitResult(
        Path bundle,
        String id,
        Contract contract,
        List<PointMeasurement> measurements,
        CalibrationRecord calibration,
        String metric,
        List<TailCheck.Row> halfTails,
        List<String> halfRefusals,
        ConvertedHeads liteHeads,
        EdgeChoice edge,
        Proportion local,
        CostTable table) {}
