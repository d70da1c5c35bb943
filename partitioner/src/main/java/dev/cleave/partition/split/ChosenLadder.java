package dev.cleave.partition.split;

import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.plan.CostTable;
import java.util.List;
import java.util.Map;

/**
 * The points of a bundle.
 *
 * @param table what was measured to choose them, or null if nothing was
 * @param known by boundary, points that were calibrated on the way
 */
record ChosenLadder(Ladder ladder, CostTable table, Map<List<String>, Calibrated> known) {}
