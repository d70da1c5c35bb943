package dev.cleave.edge.events;

import java.util.Objects;

/**
 * How a request was answered; the outputs are in its result.
 *
 * @param splitPoint at which it was answered: 0 CLOUD, 1..k SPLIT, k+1 LOCAL
 * @param wireBytes encoded boundary that was sent, also when the answer was then made LOCAL; 0 if nothing left
 * @param deadlineMet false if it was ready only just after its deadline
 * @param fallback why the device finished although the gateway was chosen, or null
 */
public record Answer(
        Source source, int splitPoint, Waterfall waterfall, long wireBytes, boolean deadlineMet, Fallback fallback) {
    public Answer {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(waterfall, "waterfall");
    }
}
