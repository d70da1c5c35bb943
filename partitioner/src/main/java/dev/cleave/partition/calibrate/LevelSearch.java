package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.answer.Agreement;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The search for the fewest levels at one point. Keeps what it tried; used once. */
final class LevelSearch {
    /** A tensor with less than this share of a boundary's floats is not worth a loss. */
    private static final double SMALL_SHARE = 1 / 64.0;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final int point;
    private final double wanted;
    private final List<Integer> levels;
    private final Map<String, ChannelRanges> ranges;
    private final Map<String, Integer> axes = new LinkedHashMap<>();
    private final Boundaries boundaries;
    private final List<Map<String, Tensor>> expected;
    private final Progress progress;
    private final List<CodecCurve.Level> tried = new ArrayList<>();

    /**
     * @param levels to search among, rising
     * @param ranges of the boundary's floating tensors
     * @param expected outputs of the unsplit model, by sample
     */
    LevelSearch(
            Contract contract,
            RoundTrip roundTrip,
            int point,
            double wanted,
            List<Integer> levels,
            Map<String, ChannelRanges> ranges,
            Boundaries boundaries,
            List<Map<String, Tensor>> expected,
            Progress progress) {
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.point = point;
        this.wanted = wanted;
        this.levels = levels;
        this.ranges = worthwhile(ranges);
        this.boundaries = boundaries;
        this.expected = expected;
        this.progress = progress;
        this.ranges.forEach((name, range) -> axes.put(name, range.channelAxis()));
    }

    private static Map<String, ChannelRanges> worthwhile(Map<String, ChannelRanges> ranges) {
        long all = ranges.values().stream().mapToLong(ChannelRanges::observed).sum();
        Map<String, ChannelRanges> worthwhile = new LinkedHashMap<>(ranges);
        worthwhile.values().removeIf(range -> range.observed() == 0 || range.observed() < all * SMALL_SHARE);
        return worthwhile;
    }

    Calibrated search() throws EngineException, SampleException, CodecException {
        Tried best = ranges.isEmpty() ? measured(params(CodecParams.Raw::new)) : fewestLevels();
        return new Calibrated(
                best.params,
                new CodecCurve(tried),
                new PointMeasurement(
                        point, QualityLevel.DEFAULT, best.level.wireBytes(), best.level.agreement(), expected.size()));
    }

    private Tried fewestLevels() throws EngineException, SampleException, CodecException {
        Tried best = null;
        int below = -1;
        int above = levels.size();
        while (above - below > 1) {
            int middle = (below + above) >>> 1;
            Tried probe = measured(quant(levels.get(middle)));
            if (probe.level.agreement() >= wanted) {
                best = probe;
                above = middle;
            } else {
                below = middle;
            }
        }
        return best != null ? best : withoutQuantisation();
    }

    private Tried withoutQuantisation() throws EngineException, SampleException, CodecException {
        Tried half = measured(params(CodecParams.Fp16::new));
        return half.level.agreement() >= wanted ? half : measured(params(CodecParams.Raw::new));
    }

    private List<CodecParams> quant(int levels) {
        List<CodecParams> params = new ArrayList<>();
        for (TensorSpec spec : contract.points().get(point).specs()) {
            ChannelRanges range = ranges.get(spec.name());
            params.add(range == null ? new CodecParams.Raw() : range.quant(levels, axes.get(spec.name())));
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

    private Tried measured(List<CodecParams> params) throws EngineException, SampleException, CodecException {
        Agreement metric = Agreement.forOutputs(contract.outputs());
        ActivationCodec codec = roundTrip.codec(point, params, Entropy.ZSTD);
        int agreeing = 0;
        long bytes = 0;
        for (int i = 0; i < expected.size(); i++) {
            Map<String, Tensor> live = boundaries.at(point, i);
            ByteBuffer payload = codec.encode(live, Map.of());
            bytes += payload.remaining();
            Map<String, Tensor> outputs = roundTrip.tail(point, roundTrip.decode(point, codec, payload), live);
            if (metric.agrees(contract.outputs(), outputs, expected.get(i))) {
                agreeing++;
            }
            progress.step();
        }
        double count = expected.size();
        CodecCurve.Level level = new CodecCurve.Level(CodecLabel.of(params), bytes / count, agreeing / count);
        tried.add(level);
        return new Tried(params, level);
    }

    private record Tried(List<CodecParams> params, CodecCurve.Level level) {}
}
