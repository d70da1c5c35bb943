package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;
import dev.cleave.edge.policy.CostTable.LevelCost;
import dev.cleave.edge.policy.CostTable.PointCost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Made-up bundles, devices, links and requests; everything follows from the generator. */
final class RandomCosts {
    static final double MILLI = 1e6;

    private final Random random;

    RandomCosts(long seed) {
        random = new Random(seed);
    }

    /** Between two numbers, even in the logarithm. */
    double between(double low, double high) {
        return low * Math.pow(high / low, random.nextDouble());
    }

    int upTo(int most) {
        return random.nextInt(most + 1);
    }

    boolean sometimes() {
        return random.nextInt(3) == 0;
    }

    /** One to five points after CLOUD; boundaries shrink on the whole, and not always. */
    CostTable table() {
        int local = 2 + random.nextInt(5);
        double slowdown = between(1, 20);
        double[] device = new double[local];
        double[] gateway = new double[local];
        for (int segment = 0; segment < local; segment++) {
            gateway[segment] = between(0.2, 20) * MILLI;
            device[segment] = gateway[segment] * slowdown * between(0.7, 1.4);
        }
        List<PointCost> points = new ArrayList<>();
        double bytes = between(5e3, 200e3);
        for (int point = 0; point < local; point++) {
            double tail = Arrays.stream(gateway).skip(point).sum();
            List<LevelCost> levels = new ArrayList<>();
            levels.add(new LevelCost("default", bytes));
            if (sometimes()) {
                levels.add(new LevelCost("coarse", bytes * between(0.3, 0.9)));
            }
            levels.add(new LevelCost("raw", bytes * between(2, 6)));
            points.add(
                    new PointCost(between(0.05, 2) * MILLI, between(0.05, 2) * MILLI, tail, between(10, 4000), levels));
            bytes *= between(0.2, 1.2);
        }
        return new CostTable(points, device, 1 + random.nextInt(8));
    }

    /** All points are served and LOCAL is possible. */
    static Situation everything(CostTable table) {
        return new Situation(
                IntStream.range(0, table.local()).boxed().collect(Collectors.toList()), true, table.local());
    }

    /** At least one choice. */
    Situation situation(CostTable table) {
        List<Integer> points = new ArrayList<>();
        for (int point = 0; point < table.local(); point++) {
            if (!sometimes()) {
                points.add(point);
            }
        }
        boolean local = points.isEmpty() || !sometimes();
        return new Situation(points, !points.isEmpty(), local ? table.local() : Situation.UNAVAILABLE);
    }

    /** As the plan says, slower or faster by a factor, some segments never run. */
    DeviceTimes device(CostTable table) {
        double slowness = between(0.5, 3);
        double[] nanos = new double[table.local()];
        for (int segment = 0; segment < nanos.length; segment++) {
            nanos[segment] = sometimes() ? Double.NaN : table.segmentNanos(segment) * slowness * between(0.9, 1.1);
        }
        return new DeviceTimes(nanos);
    }

    LinkConditions link() {
        return new LinkConditions(
                nanosPerByte(between(100e3, 200e6)),
                sometimes() ? Double.NaN : nanosPerByte(between(100e3, 200e6)),
                between(0.02, 0.9),
                (long) (between(0.5, 150) * MILLI),
                (long) (between(0.1, 20) * MILLI),
                (long) (between(0.01, 50) * MILLI),
                sometimes() ? Double.NaN : between(0.5, 3));
    }

    static double nanosPerByte(double bitsPerSecond) {
        return 8e9 / bitsPerSecond;
    }

    /** The logarithm of a factor around 1. */
    double noise(double deviation) {
        return deviation * random.nextGaussian();
    }
}
