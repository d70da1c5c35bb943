package dev.cleave.edge.policy;

/** All that one decision rests on but the link. Immutable but for the costs, which are as known when they are asked. */
record Question(KnownCosts costs, Situation situation, HeadTimes heads, Demand demand) {
    static Question of(KnownCosts costs, Situation situation, DeviceTimes device, Demand demand) {
        return new Question(costs, situation, HeadTimes.of(device, costs.table()), demand);
    }

    RequestCost cost(int point, int level) {
        return costs.of(point, level, demand.rows(), heads);
    }

    /** Of a head, as far as it is known. */
    double headNanos(int point) {
        return heads.nanos(point) * demand.rows();
    }

    double leftNanos() {
        return demand.leftNanos();
    }
}
