package dev.cleave.partition.answer;

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
    /** Of the standard normal distribution, both tails outside 95 %. */
    private static final double Z = 1.959963984540054;

    public Proportion {
        if (count < 0 || count > of) {
            throw new IllegalArgumentException(count + " of " + of + "; expected 0 to all of them");
        }
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

    private double middle() {
        return (share() + Z * Z / (2 * of)) / (1 + Z * Z / of);
    }

    private double reach() {
        double share = share();
        return Z / (1 + Z * Z / of) * Math.sqrt(share * (1 - share) / of + Z * Z / (4.0 * of * of));
    }
}
