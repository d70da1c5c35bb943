package dev.cleave.partition.calibrate;

/**
 * How often answers may differ at one point, and who may use how much of that.
 *
 * <p>What was asked for, {@code wanted}, leaves a share of 1 - wanted to be seen on the inputs that choose; twice that is the
 * bound that has to hold on others, since whoever takes the cheapest of many candidates that pass takes the luckiest,
 * too. Where the device computes less exactly than the reference, answers differ before anything is coded. Then coding gets
 * what is left of the bound, and half of that may be seen.
 *
 * @param bound agreement that has to hold on inputs never seen; below 0 if anything will do
 * @param ceiling agreement with the boundary as it is
 */
public record Budget(double bound, double ceiling) {
    /** Shares are sums of doubles; a hundredth of an input in a million is nobody's. */
    private static final double ROUNDING = 1e-9;

    /** @param wanted agreement to reach on the inputs that choose, 0..1 */
    static Budget of(double wanted, double ceiling) {
        return new Budget(bound(wanted), ceiling);
    }

    /** The agreement that has to hold on inputs never seen; below 0 if anything will do. */
    public static double bound(double wanted) {
        return 1 - 2 * (1 - wanted);
    }

    /** The agreement to reach on the inputs that choose, so that no more than this share of answers differs on others. */
    public static double wanted(double maxDisagreement) {
        return 1 - maxDisagreement / 2;
    }

    /** Whether any coding at all can keep it. */
    boolean canBeMet() {
        return ceiling >= bound - ROUNDING;
    }

    /** Whether an agreement seen on the inputs that choose is good enough. */
    boolean passes(double agreement) {
        return agreement >= (ceiling + bound) / 2 - ROUNDING;
    }

    /** Whether coding may be expected to change this share of the answers. */
    boolean allows(double changed) {
        return changed <= ceiling - bound + ROUNDING;
    }

    /** Whether an agreement is good enough for a level that trades twice the bound for bytes. */
    boolean passesCoarsely(double agreement) {
        return agreement >= ceiling - 2 * (ceiling - bound) - ROUNDING;
    }

    /** Share of answers that coding changed, where this share was seen to agree. */
    double changed(double agreement) {
        return Math.max(0, ceiling - agreement);
    }
}
