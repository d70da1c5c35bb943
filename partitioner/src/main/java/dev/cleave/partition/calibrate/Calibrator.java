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
 * <p>One pass over the inputs finds the ranges of all boundaries. Then each point is searched by bisection over
 * {@link CodecChoices#levels}, with a range per channel and with a common one: agreement grows with the number of levels but for
 * noise, and where it does not, the level that was measured last is the one that is kept, so the promise holds for what was
 * measured. Of both the one with fewer bytes is taken, coded by contexts where that is shorter than zstd ({@link Probe}). If even 256 levels disagree too
 * often the point falls back to {@code fp16}, then to {@code raw}. Integers always cross raw, and so does a floating
 * tensor that is small beside the others: an attention mask, say, whose -3.4e38 leaves no uniform step for its zeros.
 *
 * <p>Boundaries are kept between probes as far as the budget goes, else inputs are loaded and run again for each.
 */
public final class Calibrator {
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
     * @param wanted the agreement to reach on the calibration inputs, 0.99 say
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
        List<Map<String, Tensor>> expected = new ArrayList<>();
        Boundaries boundaries = new Boundaries(roundTrip, samples, budget, contract.splitPoints());
        Map<Integer, Map<String, ChannelRanges>> ranges = observe(points, samples, boundaries, expected, progress);
        List<Calibrated> calibrated = new ArrayList<>();
        for (int point : points) {
            progress.begin("calibrate point " + point, (long) samples.size() * probes());
            LevelSearch search = new LevelSearch(
                    contract, roundTrip, point, wanted, choices, ranges.get(point), boundaries, expected, progress);
            calibrated.add(search.search());
            boundaries.forget(point);
        }
        return calibrated;
    }

    private int probes() {
        return (32 - Integer.numberOfLeadingZeros(choices.levels().size())) * (choices.commonRange() ? 2 : 1);
    }

    private Map<Integer, Map<String, ChannelRanges>> observe(
            List<Integer> points,
            Samples samples,
            Boundaries boundaries,
            List<Map<String, Tensor>> expected,
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
                Map<String, Tensor> floats = roundTrip.floats(point, live);
                for (Map.Entry<String, ChannelRanges> range : ranges.get(point).entrySet()) {
                    range.getValue().observe(floats.get(range.getKey()));
                }
                at = point;
            }
            expected.add(roundTrip.reference(inputs));
            progress.step();
        }
        long pass = System.nanoTime() - started;
        progress.expectTime(Duration.ofNanos(pass * points.size() * probes()));
        return ranges;
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
