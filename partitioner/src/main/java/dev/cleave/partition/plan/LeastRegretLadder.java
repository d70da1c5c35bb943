package dev.cleave.partition.plan;

import dev.cleave.partition.cut.Cut;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The nested points that a bundle should have, so that one of them is good whatever the link and the load turn out to be.
 * Immutable.
 *
 * <p>The best cut moves with the uplink, and the best cuts of two uplinks need not nest; but the points of a bundle have to,
 * as they are borders of one chain of segments. So nesting is a constraint, and what it costs is the <em>regret</em>: how
 * much slower the ladder's best split is than the best split there is, for each of many uplinks and loads of the device.
 * LOCAL and CLOUD are in every bundle and say nothing about which splits to have, so splits are compared with splits.
 * The ladder is the chain with the least mean logarithm of that ratio: exhaustively up to {@link #EXHAUSTIVE} points,
 * then the best addition to it, one by one.
 *
 * @param points smallest head first
 * @param regret largest share by which the best of ladder, LOCAL and CLOUD is slower than the best candidate, over the
 *     uplinks, for the device as it is; 0 if there is no candidate, NaN if no points were asked for
 */
record LeastRegretLadder(List<CandidateCost> points, double regret) {
    private static final int EXHAUSTIVE = 4;
    /** Of more candidates than this the ladder is built one by one from the start. */
    private static final int MOST_COMBINED = 24;

    private static final double LOWEST_RATE = 64e3;
    private static final double HIGHEST_RATE = 100e6;
    private static final int RATES = 25;
    /** The device as it is, and busier. */
    private static final double[] LOADS = {1, 4};

    /**
     * Chooses.
     *
     * @param allowed candidates of all kinds that no constraint refuses
     * @param guessed cuts that come in only where the best chain of allowed ones has less than {@code count} points
     * @param count most points; 0 for no ladder
     */
    static LeastRegretLadder choose(
            List<CandidateCost> allowed, List<CandidateCost> guessed, LinkProfile link, int count) {
        List<CandidateCost> chain = List.of();
        if (count > 0) {
            chain = new Search(splits(allowed), link).extended(List.of(), count);
            if (chain.size() < count && !guessed.isEmpty()) {
                List<CandidateCost> all = new ArrayList<>(allowed);
                all.addAll(guessed);
                chain = new Search(splits(all), link).extended(chain, count);
            }
        }
        return new LeastRegretLadder(chain, count > 0 ? regret(chain, allowed, link) : Double.NaN);
    }

    private static List<CandidateCost> splits(List<CandidateCost> rows) {
        return rows.stream()
                .filter(row -> row.kind() == CandidateKind.SPLIT && row.cut() != null)
                .sorted(Comparator.comparingInt(row -> row.cut().size()))
                .toList();
    }

    private static double regret(List<CandidateCost> chain, List<CandidateCost> allowed, LinkProfile link) {
        double worst = 0;
        for (int i = 0; i < RATES; i++) {
            LinkProfile at = link.withUplink(rate(i));
            double best = Double.POSITIVE_INFINITY;
            double own = Double.POSITIVE_INFINITY;
            for (CandidateCost row : allowed) {
                double total = row.totalMillis(at);
                best = Math.min(best, total);
                if (row.kind() != CandidateKind.SPLIT || chain.contains(row)) {
                    own = Math.min(own, total);
                }
            }
            if (best < Double.POSITIVE_INFINITY && best > 0) {
                worst = Math.max(worst, own / best - 1);
            }
        }
        return worst;
    }

    private static double rate(int index) {
        return LOWEST_RATE * Math.pow(HIGHEST_RATE / LOWEST_RATE, index / (RATES - 1.0));
    }

    /** Chains of splits, and what each split costs in each scenario. */
    private static final class Search {
        private final List<CandidateCost> splits;
        /** Logarithm of the total, by split and scenario. */
        private final double[][] costs;

        private List<Integer> best = List.of();
        private double bestCost = Double.POSITIVE_INFINITY;

        Search(List<CandidateCost> splits, LinkProfile link) {
            this.splits = splits;
            this.costs = splits.stream().map(split -> scenarios(split, link)).toArray(double[][]::new);
        }

        private static double[] scenarios(CandidateCost split, LinkProfile link) {
            double[] costs = new double[RATES * LOADS.length];
            for (int i = 0; i < costs.length; i++) {
                double load = LOADS[i / RATES];
                double busier = (split.headMillis() + split.encodeMillis()) * (load - 1);
                costs[i] = Math.log(split.totalMillis(link.withUplink(rate(i % RATES))) + busier);
            }
            return costs;
        }

        /** The best chain that holds these points, if there are any, of {@code count} or as many as nest with each other. */
        List<CandidateCost> extended(List<CandidateCost> points, int count) {
            if (points.isEmpty() && !splits.isEmpty()) {
                double[] none = new double[RATES * LOADS.length];
                Arrays.fill(none, Double.POSITIVE_INFINITY);
                extend(new ArrayList<>(), none, 0, splits.size() > MOST_COMBINED ? 1 : Math.min(count, EXHAUSTIVE));
            }
            List<Integer> chain = new ArrayList<>(best);
            points.forEach(point -> chain.add(splits.indexOf(point)));
            while (!chain.isEmpty() && chain.size() < count && addBest(chain)) {
                // One more point, as long as one nests.
            }
            return chain.stream().sorted().map(splits::get).toList();
        }

        private void extend(List<Integer> chain, double[] cheapest, int from, int count) {
            double cost = sum(cheapest);
            boolean longer = chain.size() > best.size();
            if (!chain.isEmpty() && (cost < bestCost || cost == bestCost && longer)) {
                best = List.copyOf(chain);
                bestCost = cost;
            }
            if (chain.size() == count) {
                return;
            }
            for (int next = from; next < splits.size(); next++) {
                if (nests(next, chain)) {
                    chain.add(next);
                    extend(chain, minimum(cheapest, costs[next]), next + 1, count);
                    chain.remove(chain.size() - 1);
                }
            }
        }

        private boolean addBest(List<Integer> chain) {
            double[] cheapest = costs[chain.get(0)];
            for (int split : chain) {
                cheapest = minimum(cheapest, costs[split]);
            }
            int added = -1;
            double addedCost = Double.POSITIVE_INFINITY;
            for (int next = 0; next < splits.size(); next++) {
                double cost = chain.contains(next) || !nests(next, chain)
                        ? Double.POSITIVE_INFINITY
                        : sum(minimum(cheapest, costs[next]));
                if (cost < addedCost) {
                    added = next;
                    addedCost = cost;
                }
            }
            return added >= 0 && chain.add(added);
        }

        private boolean nests(int split, List<Integer> chain) {
            Cut cut = splits.get(split).cut();
            return chain.stream()
                    .map(other -> splits.get(other).cut())
                    .allMatch(other -> other.size() != cut.size() && (other.isWithin(cut) || cut.isWithin(other)));
        }

        private static double[] minimum(double[] one, double[] other) {
            double[] minimum = one.clone();
            for (int i = 0; i < minimum.length; i++) {
                minimum[i] = Math.min(minimum[i], other[i]);
            }
            return minimum;
        }

        private static double sum(double[] values) {
            double sum = 0;
            for (double value : values) {
                sum += value;
            }
            return sum;
        }
    }
}
