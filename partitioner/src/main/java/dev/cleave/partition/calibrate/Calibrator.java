package dev.cleave.partition.calibrate;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
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
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Finds, for every point of a ladder, the fewest quantisation levels with which the model still gives the same answers.
 *
 * <p>One pass over the inputs finds the ranges of all boundaries. Then each point is searched by bisection over
 * {@link #LEVELS}: agreement grows with the number of levels but for noise, and where it does not, the level that was
 * measured last is the one that is kept, so the promise holds for what was measured. If even 256 levels disagree too
 * often the point falls back to {@code fp16}, then to {@code raw}. Integers always cross raw, and so does a floating
 * tensor that is small beside the others: an attention mask, say, whose -3.4e38 leaves no uniform step for its zeros.
 *
 * <p>Boundaries are kept between probes as far as the budget goes, else inputs are loaded and run again for each.
 */
public final class Calibrator {
    static final int[] LEVELS = {2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256};

    /** A tensor with less than this share of a boundary's floats is not worth a loss. */
    private static final double SMALL_SHARE = 1 / 64.0;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final Agreement metric;
    private final double wanted;
    private final MemoryBudget budget;

    /**
     * @param contract its points' levels are not looked at
     * @param wanted the agreement to reach on the calibration inputs, 0.99 say
     * @param budget for boundaries; has no influence on the result
     */
    public Calibrator(Contract contract, RoundTrip roundTrip, double wanted, MemoryBudget budget) {
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.metric = Agreement.forOutputs(contract.outputs());
        this.wanted = wanted;
        this.budget = budget;
    }

    /**
     * The parameters of level {@code default} for one point, and what they measured.
     *
     * @param params in the boundary's order
     */
    public record Calibrated(List<CodecParams> params, PointMeasurement measurement) {}

    /**
     * Calibrates points 1..k.
     *
     * @return one entry per point, in order
     */
    public List<Calibrated> calibrate(Samples samples, Progress progress)
            throws EngineException, SampleException, CodecException {
        List<Map<String, Tensor>> expected = new ArrayList<>();
        Boundaries boundaries = new Boundaries(roundTrip, samples, budget, contract.splitPoints());
        List<Map<String, ChannelRanges>> ranges = observe(samples, boundaries, expected, progress);
        List<Calibrated> calibrated = new ArrayList<>();
        for (int point = 1; point <= contract.splitPoints(); point++) {
            progress.begin("calibrate point " + point, (long) samples.size() * probes());
            calibrated.add(new PointSearch(point, ranges.get(point), boundaries, expected, progress).search());
            boundaries.forget(point);
        }
        return calibrated;
    }

    private static int probes() {
        return 32 - Integer.numberOfLeadingZeros(LEVELS.length);
    }

    private List<Map<String, ChannelRanges>> observe(
            Samples samples, Boundaries boundaries, List<Map<String, Tensor>> expected, Progress progress)
            throws EngineException, SampleException {
        List<Map<String, ChannelRanges>> ranges = new ArrayList<>();
        for (LadderPoint point : contract.points()) {
            Map<String, ChannelRanges> ofPoint = new LinkedHashMap<>();
            for (TensorSpec spec : point.specs()) {
                if (spec.type().isFloating() && point.index() > 0) {
                    ofPoint.put(spec.name(), new ChannelRanges(spec));
                }
            }
            ranges.add(ofPoint);
        }
        progress.begin("observe ranges", samples.size());
        long started = System.nanoTime();
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Tensor> live = samples.get(i).inputs();
            for (int point = 1; point <= contract.splitPoints(); point++) {
                live = roundTrip.advance(point - 1, point, live);
                boundaries.offer(point, i, live);
                for (Map.Entry<String, ChannelRanges> range : ranges.get(point).entrySet()) {
                    range.getValue().observe(live.get(range.getKey()));
                }
            }
            expected.add(roundTrip.tail(contract.splitPoints(), live, live));
            progress.step();
        }
        long pass = System.nanoTime() - started;
        progress.expectTime(Duration.ofNanos(pass * contract.splitPoints() * probes()));
        return ranges;
    }

    /** The search at one point. */
    private final class PointSearch {
        private final int point;
        private final Map<String, ChannelRanges> ranges;
        private final Map<String, Integer> axes = new LinkedHashMap<>();
        private final Boundaries boundaries;
        private final List<Map<String, Tensor>> expected;
        private final Progress progress;

        PointSearch(
                int point,
                Map<String, ChannelRanges> ranges,
                Boundaries boundaries,
                List<Map<String, Tensor>> expected,
                Progress progress) {
            this.point = point;
            this.ranges = worthwhile(ranges);
            this.boundaries = boundaries;
            this.expected = expected;
            this.progress = progress;
            this.ranges.forEach((name, range) -> axes.put(name, range.channelAxis()));
        }

        private static Map<String, ChannelRanges> worthwhile(Map<String, ChannelRanges> ranges) {
            long all =
                    ranges.values().stream().mapToLong(ChannelRanges::observed).sum();
            Map<String, ChannelRanges> worthwhile = new LinkedHashMap<>(ranges);
            worthwhile.values().removeIf(range -> range.observed() == 0 || range.observed() < all * SMALL_SHARE);
            return worthwhile;
        }

        Calibrated search() throws EngineException, SampleException, CodecException {
            if (ranges.isEmpty()) {
                return measured(params(CodecParams.Raw::new));
            }
            Calibrated best = null;
            int below = -1;
            int above = LEVELS.length;
            while (above - below > 1) {
                int middle = (below + above) >>> 1;
                Calibrated tried = measured(quant(LEVELS[middle]));
                if (tried.measurement().agreement() >= wanted) {
                    best = tried;
                    above = middle;
                } else {
                    below = middle;
                }
            }
            return best != null ? best : withoutQuantisation();
        }

        private Calibrated withoutQuantisation() throws EngineException, SampleException, CodecException {
            Calibrated half = measured(params(CodecParams.Fp16::new));
            return half.measurement().agreement() >= wanted ? half : measured(params(CodecParams.Raw::new));
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

        private Calibrated measured(List<CodecParams> params) throws EngineException, SampleException, CodecException {
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
            int count = expected.size();
            return new Calibrated(
                    params,
                    new PointMeasurement(
                            point, QualityLevel.DEFAULT, (double) bytes / count, (double) agreeing / count, count));
        }
    }
}
