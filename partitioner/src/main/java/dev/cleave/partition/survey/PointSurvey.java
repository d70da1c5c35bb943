package dev.cleave.partition.survey;

import dev.cleave.bundle.Contract;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.Calibrator;
import dev.cleave.partition.calibrate.CloudCalibrator.CalibratedCloud;
import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.leakage.Leakage;
import dev.cleave.partition.leakage.TensorDistances;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Measures the points of one draft, once it is known how their boundaries are coded. */
final class PointSurvey {
    /** Boundaries on which codecs are timed. */
    static final int TIMED = 4;

    private final Contract contract;
    private final RoundTrip roundTrip;
    private final Samples samples;
    private final MemoryBudget budget;
    private final WarmTimer timer;
    private final Progress progress;

    PointSurvey(DraftRun run, Samples samples, MemoryBudget budget, WarmTimer timer, Progress progress) {
        this.contract = run.contract();
        this.roundTrip = run.roundTrip();
        this.samples = samples;
        this.budget = budget;
        this.timer = timer;
        this.progress = progress;
    }

    /** A boundary to encode: all that is alive at the point, and the sample it comes from. */
    private record Live(Map<String, Tensor> tensors, Sample sample) {}

    /** Median times, and mean sizes. */
    private record Costs(double encodeMillis, double decodeMillis, double wireBytes, double replyBytes) {}

    /** @param inputs distances between the first samples */
    Surveyed calibrated(Calibrated calibrated, TensorDistances inputs)
            throws IOException, EngineException, CodecException {
        int point = calibrated.measurement().point();
        List<Live> timed = new ArrayList<>();
        Leakage leakage = leakage(point, inputs, timed);
        Costs costs = costs(point, calibrated.params(), Entropy.ZSTD, PictureForm.RGB8, timed);
        return new Surveyed(
                calibrated.params(),
                calibrated.curve(),
                CodecLabel.of(calibrated.params()),
                calibrated.chosenBy().wireBytes(),
                costs.replyBytes,
                calibrated.chosenBy().agreement(),
                costs.encodeMillis,
                costs.decodeMillis,
                leakage.value(),
                Calibrator.choosing(samples.size()),
                leakage.samples(),
                calibrated);
    }

    /** A point coded as the draft has it, on samples that mean nothing. */
    Surveyed careful(int point) throws IOException, EngineException, CodecException {
        List<CodecParams> params = contract.points().get(point).levels().get(0).codecs();
        Costs costs = costs(point, params, Entropy.ZSTD, PictureForm.RGB8, live(point));
        String label = CodecLabel.of(params);
        return new Surveyed(
                params,
                CodecCurve.of(label, costs.wireBytes, Double.NaN),
                label,
                costs.wireBytes,
                costs.replyBytes,
                Double.NaN,
                costs.encodeMillis,
                costs.decodeMillis,
                Leakage.UNKNOWN.value(),
                0,
                0,
                null);
    }

    /** @param inputs number of samples that mean something */
    Surveyed cloud(CalibratedCloud cloud, int inputs) throws IOException, EngineException, CodecException {
        List<CodecParams> params = contract.points().get(0).levels().get(0).codecs();
        Costs costs = costs(0, params, cloud.entropy(), cloud.form(), live(0));
        return new Surveyed(
                params,
                cloud.curve(),
                cloud.label(),
                cloud.wireBytes(),
                costs.replyBytes,
                cloud.agreement(),
                costs.encodeMillis,
                costs.decodeMillis,
                Leakage.ALL.value(),
                inputs,
                Leakage.ALL.samples(),
                null);
    }

    private List<Live> live(int point) throws IOException, EngineException {
        List<Live> live = new ArrayList<>();
        for (int i = 0; i < Math.min(TIMED, samples.size()); i++) {
            live.add(new Live(roundTrip.head(point, samples.get(i).inputs()), samples.get(i)));
        }
        return live;
    }

    /** Runs the heads of the first samples once, and keeps what is alive at the point for the first few. */
    private Leakage leakage(int point, TensorDistances inputs, List<Live> timed) throws IOException, EngineException {
        int wanted = Math.max(inputs.samples(), Math.min(TIMED, samples.size()));
        progress.begin("leakage of point " + point, wanted);
        try (TensorDistances distances =
                new TensorDistances(contract.points().get(point).specs(), budget)) {
            boolean room = true;
            for (int i = 0; i < wanted && (room || i < TIMED); i++) {
                Sample sample = samples.get(i);
                Map<String, Tensor> live = roundTrip.head(point, sample.inputs());
                if (i < TIMED) {
                    timed.add(new Live(live, sample));
                }
                room = room && distances.add(roundTrip.floats(point, live));
                progress.step();
            }
            return Leakage.between(inputs, distances);
        }
    }

    private Costs costs(int point, List<CodecParams> params, Entropy entropy, PictureForm form, List<Live> boundaries)
            throws IOException, EngineException, CodecException {
        ActivationCodec codec = roundTrip.codec(point, params, entropy);
        double wireBytes = 0;
        double replyBytes = 0;
        for (Live live : boundaries) {
            ByteBuffer payload = roundTrip.encode(point, codec, params, live.tensors, live.sample, form);
            wireBytes += payload.remaining();
            Map<String, Tensor> decoded = roundTrip.decode(point, codec, payload);
            replyBytes += roundTrip
                    .reply(point, roundTrip.tail(point, decoded, live.tensors))
                    .remaining();
        }
        double[] millis = timer.medianMillis(
                boundaries, (live, clock) -> encodeAndDecode(point, codec, params, form, live, clock));
        return new Costs(millis[0], millis[1], wireBytes / boundaries.size(), replyBytes / boundaries.size());
    }

    /** The gateway decodes into a batch that is there already, so making room for it is not timed. */
    private long[] encodeAndDecode(
            int point,
            ActivationCodec codec,
            List<CodecParams> params,
            PictureForm form,
            Live live,
            LongSupplier nanoClock)
            throws IOException, CodecException {
        long started = nanoClock.getAsLong();
        ByteBuffer payload = roundTrip.encode(point, codec, params, live.tensors, live.sample, form);
        long encoded = nanoClock.getAsLong();
        Map<String, Tensor> room = roundTrip.room(point, codec, payload);
        long ready = nanoClock.getAsLong();
        codec.decode(payload, room);
        return new long[] {encoded - started, nanoClock.getAsLong() - ready};
    }
}
