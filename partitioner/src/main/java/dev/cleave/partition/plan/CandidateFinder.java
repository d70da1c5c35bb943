package dev.cleave.partition.plan;

import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.placement.LinkSweep;
import dev.cleave.partition.placement.PlacementProblem;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Finds the cuts that can be best for some link: minimum cuts over all uplinks, which may leave the graph through several
 * tensors at once, and those of the legal cuts on offer that no other cut beats in everything.
 */
final class CandidateFinder {
    /** Uplinks of the sweep: quarter-decades from a bad mobile link to a wire. */
    private static final double LOWEST_RATE = 32e3;

    private static final double HIGHEST_RATE = 1e9;
    private static final int RATES = 19;

    private final ModelSummary summary;
    private final DeviceModel device;
    private final AdditiveModel model;

    CandidateFinder(ModelSummary summary, DeviceModel device, AdditiveModel model) {
        this.summary = summary;
        this.device = device;
        this.model = model;
    }

    /**
     * Cuts that are worth a look, smallest head first.
     *
     * @param link its round trip, and the ratio of its rates, go for the whole sweep
     * @param floor the earliest cut allowed, or null
     */
    List<Cut> find(LinkProfile link, Cut floor) {
        Map<List<String>, Cut> found = new LinkedHashMap<>();
        for (Cut cut : minimumCuts(link, floor)) {
            found.putIfAbsent(cut.boundary(), cut);
        }
        for (Cut cut : summary.cuts().all()) {
            found.putIfAbsent(cut.boundary(), cut);
        }
        List<Cut> runnable = found.values().stream().filter(device::offers).toList();
        List<Cut> between = betweenLayers(summary.usable(runnable, floor));
        return unbeaten(summary.work().onePerLayer(between, model::wireBytes));
    }

    /**
     * Cuts with layers on either side, if there are such. With all layers before it a cut saves the device nothing, and with
     * none it saves the link nothing; sums of nodes see neither, as little things add up to something.
     */
    private List<Cut> betweenLayers(List<Cut> cuts) {
        List<Cut> between =
                cuts.stream().filter(summary.work()::isBetweenLayers).toList();
        return between.isEmpty() ? cuts : between;
    }

    private List<Cut> minimumCuts(LinkProfile link, Cut floor) {
        List<Cut> cuts = new ArrayList<>();
        for (boolean interior : new boolean[] {false, true}) {
            PlacementProblem problem = model.problem(link, floor, interior);
            if (problem != null) {
                for (BitSet head : LinkSweep.cheapestHeads(problem, slowness(link))) {
                    summary.cuts().after(nodes(head)).ifPresent(cuts::add);
                }
            }
        }
        return cuts;
    }

    /** How many times as slow as the link each rate of the sweep is, and 1 for the link itself; rising. */
    private static double[] slowness(LinkProfile link) {
        return IntStream.rangeClosed(0, RATES)
                .mapToDouble(i -> i == RATES
                        ? 1
                        : link.uplinkBitsPerSecond()
                                / (LOWEST_RATE * Math.pow(HIGHEST_RATE / LOWEST_RATE, i / (RATES - 1.0))))
                .sorted()
                .toArray();
    }

    /** From positions among the anchored nodes to nodes. */
    private BitSet nodes(BitSet positions) {
        Dataflow flow = summary.model().flow();
        int[] anchored = flow.anchored().stream().toArray();
        BitSet nodes = new BitSet();
        positions.stream().forEach(position -> nodes.set(anchored[position]));
        return nodes;
    }

    /** A cut is beaten by one that sends less, either way, with no more to do on either side. */
    private List<Cut> unbeaten(List<Cut> cuts) {
        record Point(Cut cut, double head, double tail, double up, double down) {
            boolean beats(Point other) {
                return up <= other.up
                        && down <= other.down
                        && head <= other.head
                        && tail <= other.tail
                        && (up < other.up || down < other.down || head < other.head || tail < other.tail);
            }
        }
        List<Point> points = cuts.stream()
                .map(cut -> new Point(
                        cut, model.headMillis(cut), model.tailMillis(cut), model.wireBytes(cut), model.replyBytes(cut)))
                .toList();
        return points.stream()
                .filter(point -> points.stream().noneMatch(other -> other.beats(point)))
                .map(Point::cut)
                .sorted(Comparator.comparingInt(Cut::size))
                .toList();
    }
}
