package dev.cleave.edge.policy;

/**
 * What the heads of all points take for one row on this device: segments measured here, others planned times the device
 * scale. Made for one decision. Immutable.
 *
 * @param scale how many times as long as planned this device takes
 */
record HeadTimes(double scale, double[] knownNanos, boolean[] known) {
    static HeadTimes of(DeviceTimes device, CostTable table) {
        double scale = device.scale(table);
        double[] nanos = new double[table.local() + 1];
        boolean[] known = new boolean[table.local() + 1];
        known[0] = true;
        for (int segment = 0; segment < table.local(); segment++) {
            double time = device.segmentNanos(segment, scale, table);
            known[segment + 1] = known[segment] && !Double.isNaN(time);
            nanos[segment + 1] = nanos[segment] + (Double.isNaN(time) ? 0 : time);
        }
        return new HeadTimes(scale, nanos, known);
    }

    /** Of segments 0..point-1, without those of which nothing is known. */
    double nanos(int point) {
        return knownNanos[point];
    }

    /** The longest segment: how long the device may have to wait before it can go on alone. */
    double longestNanos() {
        double longest = 0;
        for (int segment = 0; segment + 1 < knownNanos.length; segment++) {
            longest = Math.max(longest, knownNanos[segment + 1] - knownNanos[segment]);
        }
        return longest;
    }

    boolean isKnown(int point) {
        return known[point];
    }
}
