package dev.cleave.answer;

/**
 * How many of some inputs did well, and what that says of all inputs there are. Immutable.
 *
 * <p>{@link #low} and {@link #high} are the score interval of E. B. Wilson: Probable inference, the law of succession, and statistical
 * inference, Journal of the American Statistical Association 22 (1927): the shares under which a count as far off as this one
 * is no rarer than one in twenty. Unlike the textbook's it says something where all did well.
 *
 * @param of number of inputs; 0 if nothing is known
 */
public record Proportion(int count, int of) {
    /** A share times a number may be a little less than the whole number that is meant. */
    private static final double ROUNDING = 1e-9;

    /** Of the standard normal distribution, both tails outside 95 %. */
    private static final double Z = 1.959963984540054;

    public Proportion {
        if (count < 0 || count > of) {
            throw new IllegalArgumentException(count + " of " + of + "; expected 0 to all of them");
        }
    }

    /** @param share of some inputs, 0..1, as a mean of counts tells it; NaN if nothing is known */
    public static Proportion ofShare(double share, int of) {
        return Double.isNaN(share) ? new Proportion(0, 0) : new Proportion((int) Math.round(share * of), of);
    }

    /** 0..1, or NaN if nothing is known. */
    public double share() {
        return of == 0 ? Double.NaN : (double) count / of;
    }

    /** Lower end of the 95 % interval, 0..1, or NaN. */
    public double low() {
        return count == 0 && of > 0 ? 0 : middle() - reach();
    }

    /** Upper end of the 95 % interval, 0..1, or NaN. */
    public double high() {
        return count == of && of > 0 ? 1 : middle() + reach();
    }

    /**
     * Whether a larger share than this did badly. Unless that is 0, one may, however few there are: some input is all but a tie
     * between two answers.
     */
    public boolean misses(double atMost) {
        double allowed = atMost == 0 ? 0 : Math.max(1, Math.floor(atMost * of + ROUNDING));
        return of - count > allowed;
    }

    private double middle() {
        return (share() + Z * Z / (2 * of)) / (1 + Z * Z / of);
    }

    private double reach() {
        double share = share();
        return Z / (1 + Z * Z / of) * Math.sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of));
    }
}
