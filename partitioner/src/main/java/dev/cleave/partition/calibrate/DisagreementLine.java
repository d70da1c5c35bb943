package dev.cleave.partition.calibrate;

import java.util.List;

/**
 * The share of answers that a quantisation changes, as a straight line in its step.
 *
 * <p>An answer changes where the error of the outputs exceeds the margin between the two best. Errors grow like the step of the
 * quantisation, and of small margins there are as many per unit as of smaller ones, so the share of changed answers grows
 * like the step, too: {@code share = slope / (levels - 1)}. Coarse levels change many answers and so tell the slope from
 * few inputs; the level in question, that changes next to none, tells nearly nothing by itself. The slope is the maximum
 * likelihood one, all counts taken as Poisson: changed answers over the sum of steps. Half a changed answer is added, so
 * that none at all in few inputs does not pass for never.
 *
 * <p>What the answers lose without any quantisation is no part of the line.
 */
final class DisagreementLine {
    /** Up to this many changed answers the line is straight. */
    static final double STRAIGHT = 0.2;

    private static final double PRIOR = 0.5;

    private final double slope;

    private DisagreementLine(double slope) {
        this.slope = slope;
    }

    /**
     * What one number of levels was seen to do.
     *
     * @param changed inputs whose answer changed
     */
    record Seen(int levels, double changed) {}

    /**
     * The line through some levels.
     *
     * @param seen at least one
     * @param inputs that each of them was tried on
     */
    static DisagreementLine through(List<Seen> seen, int inputs) {
        double changed = seen.stream().mapToDouble(Seen::changed).sum();
        double steps = seen.stream().mapToDouble(each -> step(each.levels)).sum();
        return new DisagreementLine((changed + PRIOR) / (inputs * steps));
    }

    /** Expected share of changed answers, 0 or more. */
    double at(int levels) {
        return slope * step(levels);
    }

    private static double step(int levels) {
        return 1.0 / (levels - 1);
    }
}
