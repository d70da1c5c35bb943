package dev.cleave.partition.calibrate;

import dev.cleave.answer.Proportion;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.calibrate.Calibrated.Quality;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The search for the qualities of one point. Keeps what it tried; used once. */
final class PointSearch {
    /** Two qualities differ if the smaller takes at least this share fewer bytes. */
    private static final double WORTHWHILE = 0.1;
    /** {@code fine} has at least twice the levels of {@code default}, which halves the step. */
    private static final int FINER = 2;

    private final List<TensorSpec> specs;
    private final double wanted;
    private final CodecChoices choices;
    private final int inputs;
    private final Map<String, ChannelRanges> ranges;
    private final Map<String, Integer> axes;
    private final Probe probe;
    private final List<Probe.Result> tried = new ArrayList<>();

    /**
     * @param specs the boundary
     * @param choices to search among
     * @param inputs that candidates are measured on
     * @param ranges of the tensors that may be quantised
     * @param axes of their channels
     */
    PointSearch(
            List<TensorSpec> specs,
            double wanted,
            CodecChoices choices,
            int inputs,
            Map<String, ChannelRanges> ranges,
            Map<String, Integer> axes,
            Probe probe) {
        this.specs = specs;
        this.wanted = wanted;
        this.choices = choices;
        this.inputs = inputs;
        this.ranges = ranges;
        this.axes = axes;
        this.probe = probe;
    }

    /** A quality with the one for twice the disagreement, and the next finer one if there is any. */
    private record Found(Probe.Result result, Probe.Result coarser, Probe.Result finer) {}

    Calibrated search() throws EngineException, SampleException, CodecException {
        Probe.Result raw = measured(params(CodecParams.Raw::new));
        Budget budget = Budget.of(wanted, Proportion.ofShare(raw.level().agreement(), inputs));
        if (ranges.isEmpty() || !budget.canBeMet()) {
            return calibrated(Map.of(QualityLevel.DEFAULT, raw), budget);
        }
        Found best = fewestBytes(budget);
        if (best == null) {
            Probe.Result half = measured(params(CodecParams.Fp16::new));
            best = new Found(budget.passes(half.level().agreement()) ? half : raw, null, null);
        }
        Map<String, Probe.Result> qualities = new LinkedHashMap<>();
        qualities.put(QualityLevel.DEFAULT, best.result);
        if (best.coarser != null && isWorthwhile(best.coarser, best.result)) {
            qualities.put(QualityLevel.COARSE, best.coarser);
        }
        if (best.finer != null && isWorthwhile(best.result, best.finer)) {
            qualities.put(QualityLevel.FINE, best.finer);
        }
        return calibrated(qualities, budget);
    }

    private Calibrated calibrated(Map<String, Probe.Result> found, Budget budget)
            throws EngineException, SampleException, CodecException {
        List<Quality> qualities = new ArrayList<>();
        for (Map.Entry<String, Probe.Result> entry : found.entrySet()) {
            Probe.Result result = entry.getValue();
            qualities.add(new Quality(result.params(), result.level(), probe.report(entry.getKey(), result.params())));
        }
        List<CodecCurve.Level> levels = tried.stream().map(Probe.Result::level).toList();
        return new Calibrated(qualities, new CodecCurve(levels), budget.canBeMet());
    }

    /** With a range per channel or with a common one; null if no number of levels will do. */
    private Found fewestBytes(Budget budget) throws EngineException, SampleException, CodecException {
        Found own = fewestLevels(axes, budget);
        if (!choices.commonRange() || axes.values().stream().allMatch(axis -> axis == Quant.PER_TENSOR)) {
            return own;
        }
        Map<String, Integer> common = new LinkedHashMap<>();
        axes.keySet().forEach(name -> common.put(name, Quant.PER_TENSOR));
        Found other = fewestLevels(common, budget);
        return own == null || other != null && bytes(other.result) < bytes(own.result) ? other : own;
    }

    private Found fewestLevels(Map<String, Integer> rangeAxes, Budget budget)
            throws EngineException, SampleException, CodecException {
        List<Integer> levels = choices.levels();
        LevelSearch search = new LevelSearch(levels, inputs, count -> measured(quant(count, rangeAxes)));
        int index = search.fewest(budget);
        if (index == levels.size()) {
            return null;
        }
        int finer = index + 1;
        while (finer < levels.size() && levels.get(finer) < FINER * levels.get(index)) {
            finer++;
        }
        return new Found(
                search.at(index),
                search.at(search.fewest(budget.doubled())),
                finer < levels.size() ? search.at(finer) : null);
    }

    private static boolean isWorthwhile(Probe.Result smaller, Probe.Result larger) {
        return bytes(smaller) <= (1 - WORTHWHILE) * bytes(larger);
    }

    private static double bytes(Probe.Result result) {
        return result.level().wireBytes();
    }

    private Probe.Result measured(List<CodecParams> params) throws EngineException, SampleException, CodecException {
        Probe.Result result = probe.measure(params);
        tried.add(result);
        return result;
    }

    private List<CodecParams> quant(int levels, Map<String, Integer> rangeAxes) {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec spec : specs) {
            ChannelRanges range = ranges.get(spec.name());
            params.add(range == null ? new CodecParams.Raw() : range.quant(levels, rangeAxes.get(spec.name())));
        }
        return params;
    }

    private List<CodecParams> params(Supplier<CodecParams> floating) {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec spec : specs) {
            params.add(ranges.containsKey(spec.name()) ? floating.get() : new CodecParams.Raw());
        }
        return params;
    }
}
