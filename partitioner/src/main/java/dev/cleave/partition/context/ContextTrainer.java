package dev.cleave.partition.context;

import dev.cleave.codec.context.ContextModel;
import dev.cleave.codec.context.ContextModel.Channel;
import dev.cleave.codec.context.Planes;
import dev.cleave.codec.context.SymbolTable;
import dev.cleave.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Learns a {@link ContextModel} from the symbols of one tensor over several inputs. One thread, used once.
 *
 * <p>Weights are each channel's least squares ({@link NeighbourRegression}); groups are channels of similar error; tables are
 * counted per group and bin, and those that hardly differ are joined ({@link TableMerger}). docs/CODING.md says what else
 * was tried.
 */
public final class ContextTrainer {
    /** Symbols that are learned from; more would not change a table. */
    private static final long MAX_SYMBOLS = 16 << 20;

    private static final int GROUPS = 8;
    private static final int UNIT = 1 << ContextModel.PREDICTION_BITS;

    private final int axis;
    private final int levels;
    private final List<Observed> observed = new ArrayList<>();
    private long symbols;
    private int channels = 1;

    private record Observed(Planes planes, byte[] planar) {}

    /**
     * @param axis of the channels, or {@link ContextModel#NO_CHANNELS}
     * @param levels number of symbols
     */
    public ContextTrainer(int axis, int levels) {
        this.axis = axis;
        this.levels = levels;
    }

    /**
     * Takes in one tensor's symbols.
     *
     * @param memory in memory order; copied
     */
    public void observe(byte[] memory, Shape shape) {
        if (symbols + shape.elements() > MAX_SYMBOLS && symbols > 0) {
            return;
        }
        Planes planes = new Planes(shape, axis);
        byte[] planar = new byte[(int) shape.elements()];
        planes.gather(memory, planar);
        observed.add(new Observed(planes, planar));
        symbols += planar.length;
        channels = axis == ContextModel.NO_CHANNELS ? 1 : (int) shape.dim(axis);
    }

    /** What was learned; null if no symbol was seen. */
    public ContextModel model() {
        if (symbols == 0) {
            return null;
        }
        int bins = Math.min(ContextModel.MAX_BINS, 2 * (levels - 1) + 1);
        double binsPerSymbol = (double) (bins - 1) / (levels - 1);
        NeighbourRegression[] fits = fits();
        int[] groups = groups(fits);
        List<Channel> learned = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            learned.add(channel(fits[c], groups[c], binsPerSymbol));
        }
        int[][] counts = counts(learned, bins, Arrays.stream(groups).max().getAsInt() + 1);
        TableMerger merger = new TableMerger(counts, bins);
        List<SymbolTable> tables = new ArrayList<>();
        for (int[] merged : merger.tables()) {
            tables.add(TableScaler.scaled(merged));
        }
        return new ContextModel(axis, learned, bins, merger.tableOf(), tables);
    }

    private NeighbourRegression[] fits() {
        long[] sums = new long[channels];
        long[] counts = new long[channels];
        for (Observed tensor : observed) {
            int area = tensor.planes.area();
            for (int plane = 0; plane < tensor.planes.count(); plane++) {
                int channel = tensor.planes.channel(plane);
                counts[channel] += area;
                for (int i = plane * area; i < (plane + 1) * area; i++) {
                    sums[channel] += tensor.planar[i] & 0xff;
                }
            }
        }
        NeighbourRegression[] fits = new NeighbourRegression[channels];
        for (int c = 0; c < channels; c++) {
            fits[c] = new NeighbourRegression(counts[c] == 0 ? 0 : (int) ((sums[c] + counts[c] / 2) / counts[c]));
        }
        walk(start -> fits[start].start(), (channel, symbol, neighbours) -> fits[channel].observe(symbol, neighbours));
        for (NeighbourRegression fit : fits) {
            fit.solve();
        }
        return fits;
    }

    /** Group of each channel: those that are predicted best first, as many channels in each. */
    private int[] groups(NeighbourRegression[] fits) {
        int count = Math.min(GROUPS, channels);
        int[] groups = new int[channels];
        List<Integer> byError = IntStream.range(0, channels)
                .boxed()
                .sorted(Comparator.comparingDouble(c -> fits[c].meanSquareError()))
                .toList();
        for (int i = 0; i < channels; i++) {
            groups[byError.get(i)] = (int) ((long) i * count / channels);
        }
        return groups;
    }

    private static Channel channel(NeighbourRegression fit, int group, double binsPerSymbol) {
        double unit = binsPerSymbol * UNIT;
        return new Channel(
                fit.start(),
                group,
                bounded(fit.weight(0) * unit + UNIT / 2.0, ContextModel.MAX_BIAS),
                bounded(fit.weight(1) * unit, ContextModel.MAX_WEIGHT),
                bounded(fit.weight(2) * unit, ContextModel.MAX_WEIGHT),
                bounded(fit.weight(3) * unit, ContextModel.MAX_WEIGHT),
                bounded(fit.weight(4) * unit, ContextModel.MAX_WEIGHT));
    }

    private static int bounded(double value, int limit) {
        return (int) Math.max(-limit, Math.min(limit, Math.round(value)));
    }

    private int[][] counts(List<Channel> learned, int bins, int groups) {
        int[][] counts = new int[groups * bins][levels];
        walk(c -> learned.get(c).start(), (c, symbol, neighbours) -> {
            Channel channel = learned.get(c);
            int sum = channel.bias()
                    + channel.west() * neighbours[0]
                    + channel.north() * neighbours[1]
                    + channel.northWest() * neighbours[2]
                    + channel.northEast() * neighbours[3];
            int bin = Math.max(0, Math.min(bins - 1, sum >> ContextModel.PREDICTION_BITS));
            counts[channel.group() * bins + bin][symbol]++;
        });
        return counts;
    }

    /** Told of every symbol with its neighbours W, N, NW, NE. */
    private interface Visitor {
        void visit(int channel, int symbol, int[] neighbours);
    }

    private interface Starts {
        int of(int channel);
    }

    private void walk(Starts starts, Visitor visitor) {
        int[] neighbours = new int[4];
        for (Observed tensor : observed) {
            Planes planes = tensor.planes;
            for (int plane = 0; plane < planes.count(); plane++) {
                int channel = planes.channel(plane);
                int start = starts.of(channel);
                for (int i = 0; i < planes.area(); i++) {
                    int at = plane * planes.area() + i;
                    neighbours(tensor.planar, at, i % planes.width(), i / planes.width(), planes, start, neighbours);
                    visitor.visit(channel, tensor.planar[at] & 0xff, neighbours);
                }
            }
        }
    }

    private static void neighbours(byte[] planar, int at, int x, int y, Planes planes, int start, int[] into) {
        int above = at - planes.width();
        int north = y == 0 ? start : planar[above] & 0xff;
        into[0] = x == 0 ? north : planar[at - 1] & 0xff;
        into[1] = north;
        into[2] = x == 0 || y == 0 ? north : planar[above - 1] & 0xff;
        into[3] = x == planes.width() - 1 || y == 0 ? north : planar[above + 1] & 0xff;
    }
}
