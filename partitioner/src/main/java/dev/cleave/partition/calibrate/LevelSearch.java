package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.CodecParams.Quant;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The search for the fewest bytes at one point. Keeps what it tried; used once. */
final class LevelSearch {
    /** A tensor with less than this share of a boundary's floats is not worth a loss. */
    private static final double SMALL_SHARE = 1 / 64.0;

    private final Contract contract;
    private final int point;
    private final double wanted;
    private final CodecChoices choices;
    private final Map<String, ChannelRanges> ranges;
    private final Map<String, Integer> axes = new LinkedHashMap<>();
    private final Probe probe;
    private final List<CodecCurve.Level> tried = new ArrayList<>();

    /**
     * @param choices to search among
     * @param ranges of the boundary's floating tensors
     * @param expected outputs of the unsplit model, by sample
     */
    LevelSearch(
            Contract contract,
            RoundTrip roundTrip,
            int point,
            double wanted,
            CodecChoices choices,
            Map<String, ChannelRanges> ranges,
            Boundaries boundaries,
            List<Map<String, Tensor>> expected,
            Progress progress) {
        this.contract = contract;
        this.point = point;
        this.wanted = wanted;
        this.choices = choices;
        this.ranges = worthwhile(ranges);
        this.ranges.forEach((name, range) -> axes.put(name, range.channelAxis()));
        this.probe = new Probe(contract, roundTrip, point, boundaries, expected, axes, progress);
    }

    private static Map<String, ChannelRanges> worthwhile(Map<String, ChannelRanges> ranges) {
        long all = ranges.values().stream().mapToLong(ChannelRanges::observed).sum();
        Map<String, ChannelRanges> worthwhile = new LinkedHashMap<>(ranges);
        worthwhile.values().removeIf(range -> range.observed() == 0 || range.observed() < all * SMALL_SHARE);
        return worthwhile;
    }

    Calibrated search() throws EngineException, SampleException, CodecException {
        Probe.Result best = ranges.isEmpty() ? measured(params(CodecParams.Raw::new)) : fewestBytes();
        return new Calibrated(
                best.params(),
                new CodecCurve(tried),
                new PointMeasurement(
                        point,
                        QualityLevel.DEFAULT,
                        best.level().wireBytes(),
                        best.level().agreement(),
                        probe.inputs()));
    }

    private Probe.Result fewestBytes() throws EngineException, SampleException, CodecException {
        Probe.Result best = fewestLevels(axes);
        if (choices.commonRange() && axes.values().stream().anyMatch(axis -> axis != Quant.PER_TENSOR)) {
            Map<String, Integer> common = new LinkedHashMap<>();
            axes.keySet().forEach(name -> common.put(name, Quant.PER_TENSOR));
            Probe.Result other = fewestLevels(common);
            best = best == null
                            || other != null
                                    && other.level().wireBytes() < best.level().wireBytes()
                    ? other
                    : best;
        }
        return best != null ? best : withoutQuantisation();
    }

    /** @return null if no number of levels will do */
    private Probe.Result fewestLevels(Map<String, Integer> rangeAxes)
            throws EngineException, SampleException, CodecException {
        Probe.Result best = null;
        int below = -1;
        int above = choices.levels().size();
        while (above - below > 1) {
            int middle = (below + above) >>> 1;
            Probe.Result probed = measured(quant(choices.levels().get(middle), rangeAxes));
            if (probed.level().agreement() >= wanted) {
                best = probed;
                above = middle;
            } else {
                below = middle;
            }
        }
        return best;
    }

    private Probe.Result withoutQuantisation() throws EngineException, SampleException, CodecException {
        Probe.Result half = measured(params(CodecParams.Fp16::new));
        return half.level().agreement() >= wanted ? half : measured(params(CodecParams.Raw::new));
    }

    private Probe.Result measured(List<CodecParams> params) throws EngineException, SampleException, CodecException {
        Probe.Result result = probe.measure(params);
        tried.add(result.level());
        return result;
    }

    private List<CodecParams> quant(int levels, Map<String, Integer> rangeAxes) {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec spec : contract.points().get(point).specs()) {
            ChannelRanges range = ranges.get(spec.name());
            params.add(range == null ? new CodecParams.Raw() : range.quant(levels, rangeAxes.get(spec.name())));
        }
        return params;
    }

    private List<CodecParams> params(Supplier<CodecParams> floating) {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec spec : contract.points().get(point).specs()) {
            params.add(ranges.containsKey(spec.name()) ? floating.get() : new CodecParams.Raw());
        }
        return params;
    }
}
