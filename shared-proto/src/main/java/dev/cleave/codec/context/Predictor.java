package dev.cleave.codec.context;

import java.util.List;

/** A {@link ContextModel}'s predictions over arrays. Immutable. */
final class Predictor {
    private final int[] start;
    private final int[] bias;
    private final int[] north;
    private final int[] northWest;
    private final int[] northEast;
    /** Per channel. */
    final int[] west;
    /** Index in {@link #tableOf} where a channel's bins begin. */
    final int[] firstBin;

    final int[] tableOf;
    final int lastBin;

    Predictor(ContextModel model) {
        List<ContextModel.Channel> channels = model.channels();
        int count = channels.size();
        start = new int[count];
        bias = new int[count];
        west = new int[count];
        north = new int[count];
        northWest = new int[count];
        northEast = new int[count];
        firstBin = new int[count];
        for (int i = 0; i < count; i++) {
            ContextModel.Channel channel = channels.get(i);
            start[i] = channel.start();
            bias[i] = channel.bias();
            west[i] = channel.west();
            north[i] = channel.north();
            northWest[i] = channel.northWest();
            northEast[i] = channel.northEast();
            firstBin[i] = channel.group() * model.bins();
        }
        tableOf = new int[model.tableOf().size()];
        for (int i = 0; i < tableOf.length; i++) {
            tableOf[i] = model.tableOf().get(i);
        }
        lastBin = model.bins() - 1;
    }

    /**
     * What is known of a row's predictions before the row is: all but the west terms.
     *
     * @param row index of its first symbol in {@code planar}
     * @param y 0 for a plane's first row
     * @param into one sum per column
     * @return the symbol that counts as west of the row's first
     */
    int north(byte[] planar, int row, int y, int width, int channel, int[] into) {
        int sum = bias[channel];
        if (y == 0) {
            sum += (north[channel] + northWest[channel] + northEast[channel]) * start[channel];
            for (int x = 0; x < width; x++) {
                into[x] = sum;
            }
            return start[channel];
        }
        int above = row - width;
        int weight = north[channel];
        int weightWest = northWest[channel];
        int weightEast = northEast[channel];
        int first = planar[above] & 0xff;
        int before = first;
        int here = first;
        for (int x = 0; x < width - 1; x++) {
            int after = planar[above + x + 1] & 0xff;
            into[x] = sum + weight * here + weightWest * before + weightEast * after;
            before = here;
            here = after;
        }
        into[width - 1] = sum + (weight + weightEast) * here + weightWest * before;
        return first;
    }

    /** The table of each symbol of a row, once all symbols are known. */
    void tables(byte[] planar, int row, int y, int width, int channel, byte[] into) {
        int sum = bias[channel];
        int weight = north[channel];
        int weightWest = northWest[channel];
        int weightEast = northEast[channel];
        int above = row - width;
        int here = start[channel];
        if (y > 0) {
            here = planar[above] & 0xff;
        } else {
            // A constant row is part of the sum; what is read in its place has no weight.
            sum += (weight + weightWest + weightEast) * here;
            weight = 0;
            weightWest = 0;
            weightEast = 0;
            above = row;
        }
        int weightLeft = west[channel];
        int bin = firstBin[channel];
        int left = here;
        int before = here;
        int last = width - 1;
        for (int x = 0; x < last; x++) {
            int after = planar[above + 1 + x] & 0xff;
            int north = sum + weight * here + weightWest * before + weightEast * after;
            into[row + x] = (byte) tableOf[bin + bin(north + weightLeft * left)];
            left = planar[row + x] & 0xff;
            before = here;
            here = after;
        }
        int north = sum + (weight + weightEast) * here + weightWest * before;
        into[row + last] = (byte) tableOf[bin + bin(north + weightLeft * left)];
    }

    /** Of a prediction, among its group's. */
    int bin(int prediction) {
        return Math.max(0, Math.min(lastBin, prediction >> ContextModel.PREDICTION_BITS));
    }
}
