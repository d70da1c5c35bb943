package dev.cleave.edge.device;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.PlanTable;
import dev.cleave.bundle.PlanTable.PlanRow;

/** What a bundle's plan says of heads in proportion to each other: the device that it was made for may be any. */
final class PlannedHeads {
    private PlannedHeads() {}

    /**
     * How many times as long as a head the whole model takes.
     *
     * @param plan or null
     * @param through the point of the head, 1..k+1
     * @return at least 1; NaN if the plan does not tell
     */
    static double wholeToHead(PlanTable plan, Contract contract, int through) {
        double head = headMillis(plan, through);
        double whole = headMillis(plan, contract.local());
        return head > 0 ? Math.max(1, whole / head) : Double.NaN;
    }

    private static double headMillis(PlanTable plan, int point) {
        if (plan != null) {
            for (PlanRow row : plan.rows()) {
                if (row.point() == point) {
                    return row.headMillis();
                }
            }
        }
        return Double.NaN;
    }
}
