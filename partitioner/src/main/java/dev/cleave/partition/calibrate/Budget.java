package dev.cleave.partition.calibrate;

import dev.cleave.answer.Proportion;

/**
 * How often answers may differ at one point, and who may use how much of that.
 *
 * <p>What was asked for, {@code wanted}, leaves a share of 1 - wanted to be seen on the inputs that choose; twice that is the
 * bound that has to hold on others, since whoever takes the cheapest of many candidates that pass takes the luckiest,
 * too. Where the device computes less exactly than the reference, answers differ before anything is coded. Then coding gets
 * what is left of the bound, but at least a quarter of it, for what the head uses up was counted on few inputs; and half of
 * what coding gets may be seen, three quarters may be expected. One input may always be seen to differ: some are all but ties,
 * and where there are few inputs one is more than half of the bound. Where nothing may change not even that.
 *
 * @param bound agreement that has to hold on inputs never seen; below 0 if anything will do
 * @param asItIs inputs that choose and agree when nothing is coded
 */
public record Budget(double bound, Proportion asItIs) {
    /** Shares are sums of doubles; a thousandth of an input in a million is nobody's. */
    private static final double ROUNDING = 1e-9;

    private static final double INTEGERS_SHARE = 0.5;
    private static final double LEAST_LEFT = 0.25;
    private static final double MAY_BE_SEEN = 0.5;
    private static final double MAY_BE_EXPECTED = 0.75;

    /** @param wanted agreement to reach on the inputs that choose, 0..1 */
    static Budget of(double wanted, Proportion asItIs) {
        return new Budget(bound(wanted), asItIs);
    }

    /** The agreement that has to hold on inputs never seen; below 0 if anything will do. */
    public static double bound(double wanted) {
        return 1 - 2 * (1 - wanted);
    }

    /** The agreement to reach on the inputs that choose, so that no more than this share of answers differs on others. */
    public static double wanted(double maxDisagreement) {
        return 1 - maxDisagreement / 2;
    }

    /** Of a share of answers that may change, what integers on the device may use alone; the rest is left to coding. */
    public static double ofIntegers(double maxDisagreement) {
        return INTEGERS_SHARE * maxDisagreement;
    }

    /** Whether any coding at all can keep it; false if that is no chance of these inputs. */
    boolean canBeMet() {
        return asItIs.high() >= bound - ROUNDING;
    }

    /** Whether an agreement seen on the inputs that choose is good enough. */
    boolean passes(double agreement) {
        return changed(agreement) <= Math.max(oneInput(), MAY_BE_SEEN * left()) + ROUNDING;
    }

    /** Whether coding may be expected to change this share of the answers. */
    boolean allows(double changed) {
        return changed <= MAY_BE_EXPECTED * left() + ROUNDING;
    }

    /** The budget of a level that trades twice the disagreement for bytes. */
    Budget doubled() {
        return new Budget(bound - (1 - bound), asItIs);
    }

    /** Share of answers that coding changed, where this share was seen to agree. */
    double changed(double agreement) {
        return Math.max(0, asItIs.share() - agreement);
    }

    private double oneInput() {
        return bound < 1 ? 1.0 / asItIs.of() : 0;
    }

    private double left() {
        return Math.max(asItIs.share() - bound, LEAST_LEFT * (1 - bound));
    }
}
