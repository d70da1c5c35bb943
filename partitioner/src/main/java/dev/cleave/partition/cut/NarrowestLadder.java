package dev.cleave.partition.cut;

import dev.cleave.partition.graph.ModelException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Chooses points without measuring anything: the narrowest cuts, spread over the work of the network.
 *
 * <p>The range of work is divided into as many equal stretches as points are wanted and the narrowest cut of each is
 * taken, narrowest first, as long as it nests with those that are there. Stretches without a cut leave points over;
 * these go to the stretches halved, and halved again.
 */
public final class NarrowestLadder {
    private static final int FINEST = 1 << 20;

    private final ToLongFunction<Cut> bytes;
    private final ToDoubleFunction<Cut> share;
    private final Predicate<Cut> preferred;

    /**
     * @param bytes size of a cut's boundary
     * @param share of all work that lies before a cut, 0..1
     * @param preferred cuts that are taken before all others, however wide: those that can be batched and send less than the inputs, say
     */
    public NarrowestLadder(ToLongFunction<Cut> bytes, ToDoubleFunction<Cut> share, Predicate<Cut> preferred) {
        this.bytes = bytes;
        this.share = share;
        this.preferred = preferred;
    }

    /** At most {@code count} of the cuts, fewer only if no more of them nest. */
    public Ladder choose(List<Cut> cuts, int count) throws ModelException {
        return choose(List.of(), cuts, count);
    }

    /**
     * The given points, and more of the cuts until there are {@code count}.
     *
     * @param given nested; all are taken
     */
    public Ladder choose(List<Cut> given, List<Cut> cuts, int count) throws ModelException {
        List<Cut> chosen = new ArrayList<>(given);
        List<Double> taken = new ArrayList<>();
        given.forEach(cut -> taken.add(share.applyAsDouble(cut)));
        for (boolean rank : new boolean[] {true, false}) {
            List<Cut> narrowestFirst = new ArrayList<>(cuts);
            narrowestFirst.removeIf(cut -> preferred.test(cut) != rank);
            narrowestFirst.sort(Comparator.comparingLong(bytes).thenComparingInt(Cut::size));
            take(narrowestFirst, count, chosen, taken);
        }
        return Ladder.of(chosen);
    }

    private void take(List<Cut> narrowestFirst, int count, List<Cut> chosen, List<Double> taken) {
        double[] shares = narrowestFirst.stream().mapToDouble(share).toArray();
        for (int stretches = count; chosen.size() < count && stretches < FINEST; stretches *= 2) {
            for (int i = 0; i < shares.length && chosen.size() < count; i++) {
                Cut cut = narrowestFirst.get(i);
                if (isFree(shares[i], taken, stretches) && nests(cut, chosen)) {
                    chosen.add(cut);
                    taken.add(shares[i]);
                }
            }
        }
    }

    private static boolean isFree(double share, List<Double> taken, int stretches) {
        long stretch = (long) (share * stretches);
        return taken.stream().noneMatch(other -> (long) (other * stretches) == stretch);
    }

    private static boolean nests(Cut cut, List<Cut> chosen) {
        return chosen.stream()
                .allMatch(other -> cut.size() != other.size() && (cut.isWithin(other) || other.isWithin(cut)));
    }
}
