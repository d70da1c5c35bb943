package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.CodecException;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds, for every point of a ladder, the quantisation with the fewest bytes with which the model still gives the same answers.
 *
 * <p>Inputs are divided into {@link Shares}. Those to learn from give the ranges of all boundaries and the context tables. Those to
 * choose by say of each candidate what it costs and how often it agrees: numbers of levels, with a range per channel and with
 * a common one ({@link LevelSearch}), coded by contexts where that is shorter than zstd ({@link Probe}). If even 256 levels disagree too
 * often the point falls back to {@code fp16}, then to {@code raw}. What was found is measured once more on those to report on.
 * Integers always cross raw, and so does a floating tensor that is small beside the others: an attention mask, say, whose
 * -3.4e38 leaves no uniform step for its zeros.
 *
 * <p>Beside {@code default}, the fewest bytes within the {@link Budget}, a point gets {@code fine}, half its step, and {@code coarse},
 * the fewest bytes for twice the bound, where they differ by a tenth of the bytes.
 *
 * <p>Boundaries are kept between probes as far as the budget goes, else inputs are loaded and run again for each.
 */
public final class Calibrator {
    /** A tensor with less than this share of a boundary's floats is not worth a loss. */
    private static final double SMALL_SHARE = 1 / 64.0;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final double wanted;
    private final MemoryBudget budget;
    private final CodecChoices choices;

    /** Chooses among {@link CodecChoices#ALL}. */
    public Calibrator(Contract contract, RoundTrip roundTrip, double wanted, MemoryBudget budget) {
        this(contract, roundTrip, wanted, budget, CodecChoices.ALL);
    }

    /**
     * @param contract its points' levels are not looked at
     * @param wanted the agreement to reach on the inputs that choose, 0.99 say; others may disagree twice as often
     * @param budget for boundaries; has no influence on the result
     */
    public Calibrator(
            Contract contract, RoundTrip roundTrip, double wanted, MemoryBudget budget, CodecChoices choices) {
        this.choices = choices;
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.wanted = wanted;
        this.budget = budget;
    }

    /** How many of so many samples choose, and are what bytes and agreement of a candidate rest on. */
    public static int choosing(int samples) {
        return Shares.of(samples).choose().size();
    }

    /**
     * Calibrates points 1..k.
     *
     * @return one entry per point, in order
     */
    public List<Calibrated> calibrate(Samples samples, Progress progress)
            throws EngineException, SampleException, CodecException {
        List<Integer> all = new ArrayList<>();
        for (int point = 1; point <= contract.splitPoints(); point++) {
            all.add(point);
        }
        return calibrate(all, samples, progress);
    }

    /**
     * Calibrates some points.
     *
     * @param points rising, within 1..k
     * @return one entry for each of them, in order
     */
    public List<Calibrated> calibrate(List<Integer> points, Samples samples, Progress progress)
            throws EngineException, SampleException, CodecException {
        return calibrate(points, samples, new Expected(roundTrip, samples), progress);
    }

    /** The same, against what is expected. */
    List<Calibrated> calibrate(List<Integer> points, Samples samples, Expected expected, Progress progress)
            throws EngineException, SampleException, CodecException {
        Shares shares = Shares.of(samples.size());
        Boundaries boundaries = new Boundaries(roundTrip, samples, budget, contract.splitPoints());
        Map<Integer, Map<String, ChannelRanges>> ranges =
                observe(points, samples, shares, boundaries, expected, progress);
        List<Calibrated> calibrated = new ArrayList<>();
        for (int point : points) {
            progress.begin("calibrate point " + point, (long) shares.choose().size() * probes());
            Map<String, ChannelRanges> quantised = worthwhile(ranges.get(point));
            Map<String, Integer> axes = new LinkedHashMap<>();
            quantised.forEach((name, range) -> axes.put(name, range.channelAxis()));
            Probe probe = new Probe(contract, roundTrip, point, boundaries, expected, shares, axes, progress);
            List<TensorSpec> specs = contract.points().get(point).specs();
            int inputs = shares.choose().size();
            calibrated.add(new PointSearch(specs, wanted, choices, inputs, quantised, axes, probe).search());
            boundaries.forget(point);
        }
        return calibrated;
    }

    private static Map<String, ChannelRanges> worthwhile(Map<String, ChannelRanges> ranges) {
        long all = ranges.values().stream().mapToLong(ChannelRanges::observed).sum();
        Map<String, ChannelRanges> worthwhile = new LinkedHashMap<>(ranges);
        worthwhile.values().removeIf(range -> range.observed() == 0 || range.observed() < all * SMALL_SHARE);
        return worthwhile;
    }

    /** About how many ways of coding are tried at a point. */
    private int probes() {
        return 2 * (32 - Integer.numberOfLeadingZeros(choices.levels().size())) * (choices.commonRange() ? 2 : 1);
    }

    private Map<Integer, Map<String, ChannelRanges>> observe(
            List<Integer> points,
            Samples samples,
            Shares shares,
            Boundaries boundaries,
            Expected expected,
            Progress progress)
            throws EngineException, SampleException {
        Map<Integer, Map<String, ChannelRanges>> ranges = new LinkedHashMap<>();
        points.forEach(point -> ranges.put(point, ranges(contract.points().get(point))));
        progress.begin("observe ranges", samples.size());
        long started = System.nanoTime();
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Tensor> inputs = samples.get(i).inputs();
            Map<String, Tensor> live = inputs;
            int at = 0;
            for (int point : points) {
                live = roundTrip.advance(at, point, live);
                boundaries.offer(point, i, live);
                if (shares.learn().contains(i)) {
                    observe(roundTrip.floats(point, live), ranges.get(point));
                }
                at = point;
            }
            expected.of(i, inputs);
            progress.step();
        }
        long pass = System.nanoTime() - started;
        progress.expectTime(
                Duration.ofNanos(pass / samples.size() * shares.choose().size() * points.size() * probes()));
        return ranges;
    }

    private static void observe(Map<String, Tensor> live, Map<String, ChannelRanges> ranges) {
        ranges.forEach((name, range) -> range.observe(live.get(name)));
    }

    private static Map<String, ChannelRanges> ranges(LadderPoint point) {
        Map<String, ChannelRanges> ranges = new LinkedHashMap<>();
        for (TensorSpec spec : point.specs()) {
            if (spec.type().isFloating()) {
                ranges.put(spec.name(), new ChannelRanges(spec));
            }
        }
        return ranges;
    }
}
