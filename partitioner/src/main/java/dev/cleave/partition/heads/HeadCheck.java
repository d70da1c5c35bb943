package dev.cleave.partition.heads;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Values;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.CarriedState;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs the heads that a bundle has in another form, and the same heads in ONNX, over samples: the tensors that they make
 * are compared as they are, the answers behind the boundary coded at the default quality level. The head of a point is
 * what the heads before it went on to, so what they lose adds up.
 *
 * <p>Samples of a model with state are frames of one stream in their order; each begins with the state of the unsplit
 * model.
 */
public final class HeadCheck {
    private final Bundle bundle;
    private final Contract contract;
    private final RoundTrip roundTrip;
    private final Engine engine;
    private final SessionOptions options;
    private final Agreement metric;

    /**
     * @param bundle a view with heads in the form that the engine reads
     * @param contract the bundle's, or one that differs from it in quality levels alone
     * @param roundTrip over heads in ONNX; stays the caller's
     * @param engine of the other form; stays the caller's
     */
    public HeadCheck(Bundle bundle, Contract contract, RoundTrip roundTrip, Engine engine, SessionOptions options) {
        this.bundle = bundle;
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.engine = engine;
        this.options = options;
        this.metric = Agreement.forOutputs(contract.outputsWithoutState());
    }

    /** Checks every point that has such a head; one row for each, by point. */
    public List<HeadMeasurement> measure(Samples samples, Progress progress)
            throws IOException, EngineException, CodecException {
        int through = bundle.edgeThrough(engine.format());
        if (through == 0) {
            return List.of();
        }
        progress.begin(engine.name() + " heads", samples.size());
        try (SegmentChain heads = SegmentChain.load(bundle, engine, options, contract.edgePrecision(), 0, through)) {
            List<Count> counts = new ArrayList<>();
            for (int point = 1; point <= through; point++) {
                counts.add(new Count(point));
            }
            CarriedState state = CarriedState.all(contract);
            for (int i = 0; i < samples.size(); i++) {
                Sample sample = samples.get(i);
                Map<String, Tensor> inputs = state.with(sample.inputs());
                Map<String, Tensor> expected = roundTrip.reference(inputs);
                state.keep(expected);
                compare(counts, heads, sample, inputs, expected);
                progress.step();
            }
            return counts.stream().map(count -> count.row(samples.size())).toList();
        }
    }

    private void compare(
            List<Count> counts,
            SegmentChain heads,
            Sample sample,
            Map<String, Tensor> inputs,
            Map<String, Tensor> expected)
            throws IOException, EngineException, CodecException {
        Map<String, Tensor> lite = inputs;
        Map<String, Tensor> onnx = inputs;
        int at = 0;
        for (Count count : counts) {
            lite = heads.run(at, count.point, lite, 0);
            onnx = roundTrip.advance(at, count.point, onnx);
            at = count.point;
            count.add(sample, lite, onnx, expected);
        }
    }

    /** What was counted at one point so far. */
    private final class Count {
        private final int point;
        /** Null at LOCAL, where nothing is coded. */
        private final ActivationCodec codec;

        private final List<CodecParams> params;
        private int agreeing;
        private int onnxAgreeing;
        private int alike;
        private double worst;

        Count(int point) {
            this.point = point;
            boolean isLocal = point == contract.local();
            this.params = isLocal
                    ? List.of()
                    : contract.points().get(point).levels().get(0).codecs();
            this.codec = isLocal ? null : roundTrip.codec(point, params, Entropy.NONE);
        }

        void add(Sample sample, Map<String, Tensor> lite, Map<String, Tensor> onnx, Map<String, Tensor> expected)
                throws IOException, EngineException, CodecException {
            worst = Math.max(worst, error(point, lite, onnx));
            Map<String, Tensor> made = answer(sample, lite);
            Map<String, Tensor> usual = answer(sample, onnx);
            List<TensorSpec> outputs = contract.outputsWithoutState();
            agreeing += metric.agrees(outputs, made, expected) ? 1 : 0;
            onnxAgreeing += metric.agrees(outputs, usual, expected) ? 1 : 0;
            alike += metric.agrees(outputs, made, usual) ? 1 : 0;
        }

        private Map<String, Tensor> answer(Sample sample, Map<String, Tensor> live)
                throws IOException, EngineException, CodecException {
            if (codec == null) {
                return live;
            }
            Map<String, Tensor> boundary = roundTrip.decode(
                    point, codec, roundTrip.encode(point, codec, params, live, sample, PictureForm.RGB8));
            return roundTrip.answer(point, boundary, live);
        }

        HeadMeasurement row(int inputs) {
            return new HeadMeasurement(
                    engine.format(),
                    engine.name() + " " + engine.version(),
                    point,
                    (double) agreeing / inputs,
                    (double) onnxAgreeing / inputs,
                    (double) alike / inputs,
                    worst,
                    inputs);
        }
    }

    /** Of what crosses a point, and of the outputs and the state made before it. */
    private double error(int point, Map<String, Tensor> actual, Map<String, Tensor> wanted) {
        boolean isLocal = point == contract.local();
        Map<String, Tensor> made = isLocal ? actual : roundTrip.floats(point, actual);
        Map<String, Tensor> expected = isLocal ? wanted : roundTrip.floats(point, wanted);
        double worst = 0;
        for (String name : compared(point)) {
            worst = Math.max(
                    worst, Values.difference(made.get(name), expected.get(name)).relative());
        }
        return worst;
    }

    private List<String> compared(int point) {
        if (point == contract.local()) {
            return contract.outputs().stream().map(TensorSpec::name).toList();
        }
        LadderPoint cut = contract.points().get(point);
        List<String> names = new ArrayList<>(cut.earlyOutputs());
        cut.specs().forEach(spec -> names.add(spec.name()));
        return names;
    }
}
