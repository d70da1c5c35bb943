package dev.cleave.edge.policy;

/** All that one decision rests on but the link. Immutable but for the costs, which are as known when they are asked. */
record Question(KnownCosts costs, Situation situation, DeviceTimes device, Demand demand) {
    RequestCost cost(int point, int level) {
        return costs.of(point, level, demand.rows(), device);
    }

    double leftNanos() {
        return demand.leftNanos();
    }
}
