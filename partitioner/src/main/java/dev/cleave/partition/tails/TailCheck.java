package dev.cleave.partition.tails;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.answer.Values;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the tails that a bundle has in a precision beside its own, at every point. Behind a boundary that was coded at the
 * default quality level the answers are compared with the unsplit model's; behind one that was not coded at all the numbers
 * are compared with those of the tail in the bundle's own precision. Both sides run on the engine that is given; another device rounds and sums in its own way.
 */
public final class TailCheck {
    private final Bundle bundle;
    private final String precision;
    private final Contract contract;
    private final RoundTrip roundTrip;
    private final Engine engine;
    private final SessionOptions options;
    private final Agreement metric;

    /**
     * One point.
     *
     * @param agreement share of answers that are those of the unsplit model
     * @param maxRelativeError of any output made after the point, without coding: {@code max|a-b| / max(max|b|, 1e-6)};
     *     infinite where numbers were lost
     * @param inputs that this rests on
     */
    public record Row(int point, double agreement, double maxRelativeError, int inputs) {
        /** Inputs with the unsplit model's answer. */
        public Proportion agreeing() {
            return Proportion.ofShare(agreement, inputs);
        }
    }

    /**
     * @param precision whose tails are checked
     * @param contract the bundle's, or one that differs from it in quality levels alone
     * @param roundTrip over the bundle's own precision; stays the caller's
     */
    public TailCheck(
            Bundle bundle,
            String precision,
            Contract contract,
            RoundTrip roundTrip,
            Engine engine,
            SessionOptions options) {
        this.bundle = bundle;
        this.precision = precision;
        this.contract = contract;
        this.roundTrip = roundTrip;
        this.engine = engine;
        this.options = options;
        this.metric = Agreement.forOutputs(contract.outputsWithoutState());
    }

    /** Whether a bundle has tails of a precision beside its own. */
    public static boolean isOfferedBy(Bundle bundle, String precision) {
        return !bundle.contract().precision().equals(precision) && bundle.hasGraph(precision, "tail-0");
    }

    /** Checks points 0..k, one after another: tails are large, and each has its own copy of the weights. */
    public List<Row> measure(Samples samples, Progress progress) throws IOException, EngineException, CodecException {
        progress.begin(precision + " reference", samples.size());
        List<Map<String, Tensor>> expected = new ArrayList<>();
        for (int i = 0; i < samples.size(); i++) {
            expected.add(roundTrip.reference(samples.get(i).inputs()));
            progress.step();
        }
        List<Row> rows = new ArrayList<>();
        for (int point = 0; point < contract.local(); point++) {
            progress.begin(precision + " tail " + point, samples.size());
            rows.add(measure(point, samples, expected, progress));
        }
        return rows;
    }

    private Row measure(int point, Samples samples, List<Map<String, Tensor>> expected, Progress progress)
            throws IOException, EngineException, CodecException {
        List<CodecParams> params = contract.points().get(point).levels().get(0).codecs();
        ActivationCodec codec = roundTrip.codec(point, params, Entropy.NONE);
        int agreeing = 0;
        double worst = 0;
        try (Session tail = engine.load(bundle.graph(precision, "tail-" + point), options)) {
            for (int i = 0; i < samples.size(); i++) {
                Sample sample = samples.get(i);
                Map<String, Tensor> live = roundTrip.head(point, sample.inputs());
                Map<String, Tensor> decoded = roundTrip.decode(
                        point, codec, roundTrip.encode(point, codec, params, live, sample, PictureForm.RGB8));
                Map<String, Tensor> answers = outputs(tail, decoded, live);
                agreeing += metric.agrees(contract.outputsWithoutState(), answers, expected.get(i)) ? 1 : 0;
                Map<String, Tensor> uncoded = roundTrip.floats(point, live);
                worst = Math.max(worst, error(outputs(tail, uncoded, live), roundTrip.tail(point, uncoded, live)));
                progress.step();
            }
        }
        return new Row(point, (double) agreeing / samples.size(), worst, samples.size());
    }

    /** What the tail makes, and what the head made before. */
    private Map<String, Tensor> outputs(Session tail, Map<String, Tensor> boundary, Map<String, Tensor> head)
            throws EngineException {
        Map<String, Tensor> given = new LinkedHashMap<>();
        tail.inputs().forEach(input -> given.put(input.name(), boundary.get(input.name())));
        Map<String, Tensor> late = tail.run(given);
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        for (TensorSpec output : contract.outputsWithoutState()) {
            Tensor made = late.get(output.name());
            outputs.put(output.name(), made == null ? head.get(output.name()) : made);
        }
        return outputs;
    }

    private double error(Map<String, Tensor> actual, Map<String, Tensor> wanted) {
        double worst = 0;
        for (TensorSpec output : contract.outputsWithoutState()) {
            worst = Math.max(
                    worst,
                    Values.difference(actual.get(output.name()), wanted.get(output.name()))
                            .relative());
        }
        return worst;
    }
}
