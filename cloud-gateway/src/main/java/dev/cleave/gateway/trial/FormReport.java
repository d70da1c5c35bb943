package dev.cleave.gateway.trial;

/**
 * Which form of a bundle's tails serves its points better: a chain of segments, in which they share runs and weights, or a session for each.
 *
 * @param chain whether it is the chain
 * @param why in words, with both times where they were measured
 */
public record FormReport(boolean chain, String why) {
    /** Of a bundle that was not asked about. */
    public static final FormReport UNASKED = notCompared("nobody asked");

    /** The chain, then: it has the weights once. */
    static FormReport notCompared(String reason) {
        return new FormReport(true, "not compared: " + reason);
    }
}
