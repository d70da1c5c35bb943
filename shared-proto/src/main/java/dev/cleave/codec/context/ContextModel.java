package dev.cleave.codec.context;

import dev.cleave.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What symbol to expect, given those before it: the part of the contract that the entropy coder {@code context} needs.
 * Immutable.
 *
 * <p>A tensor of symbols is a set of planes, one per channel and row ({@link Planes}). A symbol is predicted from its four
 * neighbours that are coded already, by weights of its channel:
 *
 * <pre>
 *   NW N NE      bin   = clamp((bias + west * W + north * N + northWest * NW + northEast * NE) >> 8, 0, bins - 1)
 *   W  ?         table = tableOf[group * bins + bin]
 * </pre>
 *
 * The row above a plane's first is {@code start} throughout; left of the first column is N, right of the last NE is N. All
 * of it are integers, so both sides come to the same table on every machine. A <i>group</i> is a set of channels that are
 * equally well predicted, and several (group, bin) may share a table.
 */
public final class ContextModel {
    /** The {@link #axis()} where all elements are one channel. */
    public static final int NO_CHANNELS = -1;

    /** Fraction bits of a prediction. */
    public static final int PREDICTION_BITS = 8;

    public static final int MAX_CHANNELS = 65_536;
    public static final int MAX_BINS = 64;
    public static final int MAX_GROUPS = 16;
    public static final int MAX_TABLES = 64;
    /** Of a weight, either sign: no sum of five terms leaves 32 bits. */
    public static final int MAX_WEIGHT = 32_767;
    /** Of a bias, either sign. */
    public static final int MAX_BIAS = 1 << 24;

    /**
     * How one channel is predicted.
     *
     * @param start symbol that stands above the first row
     * @param group which tables it uses
     * @param bias in 256ths of a bin; weights in those per symbol
     */
    public record Channel(int start, int group, int bias, int west, int north, int northWest, int northEast) {
        public Channel {
            check("start", start, 0, SymbolTable.MAX_SYMBOLS - 1);
            check("group", group, 0, MAX_GROUPS - 1);
            check("bias", bias, -MAX_BIAS, MAX_BIAS);
            check("west", west, -MAX_WEIGHT, MAX_WEIGHT);
            check("north", north, -MAX_WEIGHT, MAX_WEIGHT);
            check("north-west", northWest, -MAX_WEIGHT, MAX_WEIGHT);
            check("north-east", northEast, -MAX_WEIGHT, MAX_WEIGHT);
        }
    }

    private final int axis;
    private final List<Channel> channels;
    private final int bins;
    private final List<Integer> tableOf;
    private final List<SymbolTable> tables;

    /**
     * @param axis of the channels, or {@link #NO_CHANNELS}
     * @param channels one for each index of the axis, or one
     * @param bins of the prediction
     * @param tableOf a table's index for each group and bin, the bins of a group together
     * @throws IllegalArgumentException naming what is out of its range
     */
    public ContextModel(int axis, List<Channel> channels, int bins, List<Integer> tableOf, List<SymbolTable> tables) {
        this.axis = axis;
        this.channels = Collections.unmodifiableList(new ArrayList<>(channels));
        this.bins = bins;
        this.tableOf = Collections.unmodifiableList(new ArrayList<>(tableOf));
        this.tables = Collections.unmodifiableList(new ArrayList<>(tables));
        check("axis", axis, NO_CHANNELS, Shape.MAX_RANK - 1);
        check("number of channels", channels.size(), 1, axis == NO_CHANNELS ? 1 : MAX_CHANNELS);
        check("number of bins", bins, 1, MAX_BINS);
        check("number of tables", tables.size(), 1, MAX_TABLES);
        int groups = tableOf.size() / bins;
        check("number of groups", groups, 1, MAX_GROUPS);
        check("number of table indices", tableOf.size(), groups * bins, groups * bins);
        for (Channel channel : channels) {
            check("group", channel.group(), 0, groups - 1);
        }
        for (int table : tableOf) {
            check("table index", table, 0, tables.size() - 1);
        }
    }

    private static void check(String what, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException("context model with " + what + " " + value + "; expected "
                    + (low == high ? "" + low : low + " to " + high));
        }
    }

    public int axis() {
        return axis;
    }

    public List<Channel> channels() {
        return channels;
    }

    public int bins() {
        return bins;
    }

    public List<Integer> tableOf() {
        return tableOf;
    }

    public List<SymbolTable> tables() {
        return tables;
    }

    /**
     * Whether it is made for such symbols.
     *
     * @param levels number of symbols
     * @return null, or one line that says what is in the way
     */
    public String misfit(Shape shape, int levels) {
        if (axis != NO_CHANNELS && (axis >= shape.rank() || shape.dim(axis) != channels.size())) {
            return "context model of " + channels.size() + " channels on axis " + axis + " of " + shape;
        }
        for (SymbolTable table : tables) {
            if (table.first() + table.size() > levels) {
                return "context model with " + table + " for " + levels + " levels";
            }
        }
        for (Channel channel : channels) {
            if (channel.start() >= levels) {
                return "context model with start " + channel.start() + " for " + levels + " levels";
            }
        }
        return null;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof ContextModel)) {
            return false;
        }
        ContextModel model = (ContextModel) other;
        return axis == model.axis
                && bins == model.bins
                && channels.equals(model.channels)
                && tableOf.equals(model.tableOf)
                && tables.equals(model.tables);
    }

    @Override
    public int hashCode() {
        return (channels.hashCode() * 31 + tableOf.hashCode()) * 31 + tables.hashCode();
    }

    @Override
    public String toString() {
        return "context model of " + channels.size() + " channels and " + tables.size() + " tables";
    }
}
