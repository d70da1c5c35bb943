package dev.cleave.partition.plan;

import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.profile.CutTime;
import dev.cleave.partition.profile.DeviceProfile;
import dev.cleave.partition.profile.DeviceProfile.SpotCheck;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How long heads and tails of one model take on one machine: those that were run as they were, others by the sum of their
 * nodes. Immutable.
 *
 * <p>Sums miss what an engine gains by running nodes together, and what is lost where it cannot. How much they miss was
 * seen at the cuts that were run, so a sum is corrected by what lies between its neighbours among those.
 */
final class MachineTimes {
    private final double[] nodeMillis;
    private final double wholeMillis;
    private final Map<List<String>, double[]> ran;
    /** Of those that were run: with another model than these times are of, so only their errors are of use. */
    private final Set<List<String>> ranOther;

    private final List<Cut> known;
    /** Sum of a head's or tail's nodes -> measured minus sum. */
    private final TreeMap<Double, Double> headError = new TreeMap<>();

    private final TreeMap<Double, Double> tailError = new TreeMap<>();

    private MachineTimes(
            double[] nodeMillis,
            double wholeMillis,
            Map<List<String>, double[]> ran,
            Set<List<String>> ranOther,
            List<Cut> known) {
        this.nodeMillis = nodeMillis;
        this.wholeMillis = wholeMillis;
        this.ran = ran;
        this.ranOther = ranOther;
        this.known = known;
        learn();
    }

    /**
     * @param nodeMillis by node index; together the whole's median
     * @param cuts those that were looked at, to find the spot checks among them
     */
    static MachineTimes of(DeviceProfile profile, double[] nodeMillis, List<Cut> cuts) {
        Map<List<String>, double[]> ran = new LinkedHashMap<>();
        for (SpotCheck check : profile.spotChecks()) {
            ran.put(check.boundary(), new double[] {check.headMillis(), check.tailMillis()});
        }
        return new MachineTimes(nodeMillis, profile.whole().medianMillis(), ran, Set.of(), cuts);
    }

    /**
     * These times with cuts that were run since. The machine counts as it was then: what is known from before is scaled
     * to the whole's new time.
     *
     * @param wholeNow median of what this machine runs of the uncut model
     */
    MachineTimes with(double wholeNow, List<CutTime> cutTimes) {
        double pace = wholeMillis == 0 ? 1 : wholeNow / wholeMillis;
        Map<List<String>, double[]> now = new LinkedHashMap<>();
        ran.forEach((boundary, millis) -> now.put(boundary, new double[] {millis[0] * pace, millis[1] * pace}));
        cutTimes.forEach(time -> now.put(time.cut().boundary(), new double[] {time.headMillis(), time.tailMillis()}));
        Set<List<String>> other = new HashSet<>(ranOther);
        cutTimes.forEach(time -> other.remove(time.cut().boundary()));
        List<Cut> cuts = new ArrayList<>(known);
        cutTimes.forEach(time -> cuts.add(time.cut()));
        double[] nodes = Arrays.stream(nodeMillis).map(millis -> millis * pace).toArray();
        return new MachineTimes(nodes, wholeNow, now, other, cuts);
    }

    /** The same machine running another model of the same cuts, that takes {@code pace} times as long; none of its cuts was run. */
    MachineTimes at(double pace) {
        MachineTimes scaled = with(wholeMillis * pace, List.of());
        return new MachineTimes(scaled.nodeMillis, scaled.wholeMillis, scaled.ran, ran.keySet(), known);
    }

    private void learn() {
        headError.put(0.0, 0.0);
        headError.put(wholeMillis, 0.0);
        tailError.putAll(headError);
        for (Cut cut : known) {
            double[] measured = ran.get(cut.boundary());
            if (measured != null) {
                double before = sumBefore(cut);
                headError.put(before, measured[0] - before);
                tailError.put(wholeMillis - before, measured[1] - (wholeMillis - before));
            }
        }
    }

    double wholeMillis() {
        return wholeMillis;
    }

    double nodeMillis(int node) {
        return nodeMillis[node];
    }

    /** Whether the times of a cut are those of running it, not sums. */
    boolean ran(Cut cut) {
        return ran.containsKey(cut.boundary()) && !ranOther.contains(cut.boundary());
    }

    double headMillis(Cut cut) {
        return ran(cut) ? ran.get(cut.boundary())[0] : corrected(sumBefore(cut), headError);
    }

    double tailMillis(Cut cut) {
        return ran(cut) ? ran.get(cut.boundary())[1] : corrected(wholeMillis - sumBefore(cut), tailError);
    }

    private double sumBefore(Cut cut) {
        double sum = 0;
        for (int node : cut.head().stream().toArray()) {
            sum += nodeMillis[node];
        }
        return Math.min(sum, wholeMillis);
    }

    private static double corrected(double sum, TreeMap<Double, Double> errors) {
        Map.Entry<Double, Double> below = errors.floorEntry(sum);
        Map.Entry<Double, Double> above = errors.ceilingEntry(sum);
        if (below == null || above == null) {
            return sum;
        }
        double width = above.getKey() - below.getKey();
        double share = width == 0 ? 0 : (sum - below.getKey()) / width;
        // Less than half of the sum would say more about noise than about the nodes.
        return Math.max(sum / 2, sum + below.getValue() + share * (above.getValue() - below.getValue()));
    }
}
