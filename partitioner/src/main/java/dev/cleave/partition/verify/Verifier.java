package dev.cleave.partition.verify;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.answer.Values;
import dev.cleave.answer.Values.Difference;
import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.CodecLabel;
import dev.cleave.partition.leakage.Leakage;
import dev.cleave.partition.leakage.TensorDistances;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.roundtrip.CarriedState;
import dev.cleave.partition.roundtrip.PictureForm;
import dev.cleave.partition.roundtrip.RoundTrip;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleDigest;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.PictureCodec;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Runs a bundle at every point over sample inputs and compares with the unsplit model.
 *
 * <p>Two questions are asked. Is the cut right: with the raw codec, do head and tail give what the whole gives, by both
 * ways of running them? And is the wire right: at every quality level, how many bytes cross, and how often is the answer
 * still the same?
 *
 * <p>Samples of a model with state are frames of one stream, in their order: every way of running it carries the state that it made itself.
 */
public final class Verifier {
    private static final int[] JPEG_QUALITIES = {10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98};

    private final Bundle bundle;
    private final Engine engine;
    /** That runs what devices run; reads a form that the bundle need not have of every segment. */
    private final Engine headEngine;

    private final SessionOptions options;
    private final PictureCodec pictures;
    private final Progress progress;

    /** @param pictures may be null where {@code jpeg} is never asked for */
    public Verifier(Bundle bundle, Engine engine, SessionOptions options, PictureCodec pictures, Progress progress) {
        this(bundle, engine, engine, options, pictures, progress);
    }

    private Verifier(
            Bundle bundle,
            Engine engine,
            Engine headEngine,
            SessionOptions options,
            PictureCodec pictures,
            Progress progress) {
        this.bundle = bundle;
        this.engine = engine;
        this.headEngine = headEngine;
        this.options = options;
        this.pictures = pictures;
        this.progress = progress;
    }

    /**
     * The same verifier with devices' heads on another engine, in the form that it reads; points that have no such head are
     * left out, but for CLOUD. Whether the cut is exact is asked of ONNX graphs all the same.
     *
     * @param other stays the caller's
     */
    public Verifier withHeadsOn(Engine other) {
        return new Verifier(bundle, engine, other, options, pictures, progress);
    }

    /** The unsplit model that the bundle is compared with. */
    public interface Reference {
        /** All outputs of the bundle's contract, for one sample. */
        Map<String, Tensor> run(Map<String, Tensor> inputs) throws EngineException;
    }

    /**
     * @param model the model to compare with, or null for the bundle's own whole graph
     * @param modelDigest SHA-256 of that model, or null
     * @param labels the right class of a sample's name, or null where unknown
     * @param jpeg whether to measure JPEG too; needs samples with pictures
     */
    public VerifyReport verify(
            Samples samples, Reference model, String modelDigest, Function<String, Integer> labels, boolean jpeg)
            throws EngineException, IOException, CodecException {
        Contract contract = bundle.contract();
        try (SegmentChain chain =
                        SegmentChain.load(bundle, engine, options, contract.precision(), 0, contract.local());
                SegmentChain devices = devices();
                SplitGraphs whole = SplitGraphs.load(bundle, engine, options, contract.local())) {
            Reference reference = model != null ? model : whole::run;
            Run run = new Run(
                    contract,
                    new RoundTrip(contract, chain, pictures),
                    new RoundTrip(contract, devices == null ? chain : devices, chain, pictures),
                    samples,
                    labels);
            run.expect(reference);
            List<VerifyReport.Exact> exact = run.exact();
            List<VerifyReport.Point> points = run.points();
            return new VerifyReport(
                    samples.size(),
                    run.overlap(),
                    run.metric.label(),
                    new VerifyReport.Reference(
                            model != null ? "model" : "bundle",
                            model != null ? modelDigest : bundle.id(),
                            run.correct()),
                    points,
                    exact,
                    bound(contract),
                    jpeg ? run.jpeg() : List.of());
        }
    }

    /** What devices run, or null if that is what gateways run, or nothing. */
    private SegmentChain devices() throws EngineException, IOException {
        Contract contract = bundle.contract();
        boolean isAlike = contract.edgePrecision().equals(contract.precision()) && headEngine == engine;
        return isAlike || through() == 0
                ? null
                : SegmentChain.load(bundle, headEngine, options, contract.edgePrecision(), 0, through());
    }

    /** The last point whose head devices have on their engine. */
    private int through() {
        return bundle.edgeThrough(headEngine.format());
    }

    /**
     * The largest relative error that counts as exact for floating outputs; integer outputs must be equal. Where all that
     * crosses is integers of a quantised graph, both sides compute on the very numbers that the whole does, so nothing
     * may differ. A graph that quantises on the fly computes with floats between its integer products and is held to
     * what floats can promise.
     */
    static double bound(Contract contract) {
        boolean integers = contract.points().stream()
                .skip(1)
                .flatMap(point -> point.specs().stream())
                .noneMatch(spec -> spec.type().isFloating());
        return switch (contract.precision()) {
            case "fp16" -> 4e-3;
            case "int8" -> integers ? 0 : 1e-4;
            default -> 1e-4;
        };
    }

    /** One verification's data: the samples, what is expected of each, and the ways to run them. */
    private final class Run {
        private final Contract contract;
        /** Both sides in the precision that defines the answers. */
        private final RoundTrip alike;
        /** As it is served: the device in its own precision, on its own engine. */
        private final RoundTrip roundTrip;

        private final Samples samples;
        private final Function<String, Integer> labels;
        private final Agreement metric;
        private final List<Map<String, Tensor>> expected = new ArrayList<>();
        private final MemoryBudget budget = MemoryBudget.ofJvm();

        Run(
                Contract contract,
                RoundTrip alike,
                RoundTrip roundTrip,
                Samples samples,
                Function<String, Integer> labels) {
            this.contract = contract;
            this.alike = alike;
            this.roundTrip = roundTrip;
            this.samples = samples;
            this.labels = labels;
            this.metric = Agreement.forOutputs(contract.outputsWithoutState());
        }

        void expect(Reference reference) throws EngineException, IOException {
            progress.begin("reference", samples.size());
            CarriedState state = CarriedState.all(contract);
            for (int i = 0; i < samples.size(); i++) {
                expected.add(reference.run(state.with(samples.get(i).inputs())));
                state.keep(expected.get(i));
                progress.step();
            }
        }

        /** Null if the bundle does not say what it was calibrated on. */
        VerifyReport.Overlap overlap() throws IOException {
            CalibrationRecord record = bundle.manifest().calibration();
            if (record == null) {
                return null;
            }
            Set<String> known = new HashSet<>(record.inputs());
            int again = 0;
            for (int i = 0; i < samples.size(); i++) {
                String digest = SampleDigest.of(samples.get(i));
                again += known.contains(digest.substring(0, CalibrationRecord.DIGITS)) ? 1 : 0;
            }
            return new VerifyReport.Overlap(again, record.inputs().size(), record.total());
        }

        Proportion correct() throws IOException {
            Tally tally = new Tally(contract, metric, samples.size());
            for (int i = 0; i < samples.size(); i++) {
                tally.answer(
                        expected.get(i),
                        expected.get(i),
                        labels.apply(samples.get(i).name()));
            }
            return tally.correct();
        }

        /** Both ways of running a split, raw codec, against the reference, for the points 1..k+1. */
        List<VerifyReport.Exact> exact() throws EngineException, IOException, CodecException {
            List<VerifyReport.Exact> rows = new ArrayList<>();
            for (int point = 1; point <= contract.local(); point++) {
                progress.begin("exact " + point, samples.size());
                Worst worst = new Worst();
                CarriedState graphState = CarriedState.all(contract);
                CarriedState chainState = CarriedState.all(contract);
                try (SplitGraphs graphs = SplitGraphs.load(bundle, engine, options, point)) {
                    for (int i = 0; i < samples.size(); i++) {
                        Sample sample = samples.get(i);
                        Map<String, Tensor> byGraphs = graphs.run(graphState.with(sample.inputs()));
                        Map<String, Tensor> byChain = throughRawCodec(point, sample, chainState.with(sample.inputs()));
                        graphState.keep(byGraphs);
                        chainState.keep(byChain);
                        worst.take(byGraphs, expected.get(i));
                        worst.take(byChain, expected.get(i));
                        progress.step();
                    }
                }
                rows.add(new VerifyReport.Exact(point, worst.absolute, worst.relative, worst.within));
            }
            return rows;
        }

        private Map<String, Tensor> throughRawCodec(int point, Sample sample, Map<String, Tensor> inputs)
                throws EngineException, IOException, CodecException {
            Map<String, Tensor> live = alike.head(point, inputs);
            if (point == contract.local()) {
                return live;
            }
            List<CodecParams> raw = lossless(point);
            ActivationCodec codec = alike.codec(point, raw, Entropy.NONE);
            ByteBuffer payload = alike.encode(point, codec, raw, live, sample, PictureForm.RGB8);
            return alike.tail(point, alike.decode(point, codec, payload), live);
        }

        private List<CodecParams> lossless(int point) {
            List<CodecParams> raw = new ArrayList<>();
            contract.points().get(point).boundary().forEach(tensor -> raw.add(new CodecParams.Raw()));
            return raw;
        }

        /** The worst error of one point over all samples and outputs. */
        private final class Worst {
            private double absolute;
            private double relative;
            private boolean within = true;

            void take(Map<String, Tensor> actual, Map<String, Tensor> wanted) {
                for (TensorSpec output : contract.outputsWithoutState()) {
                    Difference difference = Values.difference(actual.get(output.name()), wanted.get(output.name()));
                    absolute = Math.max(absolute, difference.maxAbs());
                    relative = Math.max(relative, difference.relative());
                    double allowed = output.type().isFloating() ? bound(contract) : 0;
                    within &= difference.relative() <= allowed;
                }
            }
        }

        List<VerifyReport.Point> points() throws EngineException, IOException, CodecException {
            List<VerifyReport.Point> rows = new ArrayList<>();
            TensorDistances inputs = TensorDistances.ofInputs(samples, contract.inputsWithoutState(), budget);
            for (int point = 0; point <= Math.min(through(), contract.splitPoints()); point++) {
                rows.add(point(point, inputs));
            }
            if (through() == contract.local()) {
                rows.add(local());
            }
            return rows;
        }

        private VerifyReport.Point point(int point, TensorDistances inputs)
                throws EngineException, IOException, CodecException {
            progress.begin("measure point " + point, samples.size());
            List<QualityLevel> levels = contract.points().get(point).levels();
            List<Wire> wires = IntStream.range(0, levels.size())
                    .mapToObj(level -> wire(point, level, PictureForm.RGB8))
                    .toList();
            List<Tally> tallies = levels.stream()
                    .map(level -> new Tally(contract, metric, samples.size()))
                    .toList();
            try (TensorDistances boundary =
                    new TensorDistances(contract.points().get(point).specs(), budget)) {
                CarriedState device = new CarriedState(contract, contract.stateBefore(point));
                for (int i = 0; i < samples.size(); i++) {
                    Map<String, Tensor> live =
                            roundTrip.head(point, device.with(samples.get(i).inputs()));
                    device.keep(live);
                    if (point > 0) {
                        boundary.add(roundTrip.floats(point, live));
                    }
                    for (int level = 0; level < levels.size(); level++) {
                        measure(wires.get(level), live, i, tallies.get(level));
                    }
                    progress.step();
                }
                Leakage leakage = point == 0 ? Leakage.ALL : Leakage.between(inputs, boundary);
                List<VerifyReport.Level> rows = new ArrayList<>();
                for (int level = 0; level < levels.size(); level++) {
                    QualityLevel quality = levels.get(level);
                    rows.add(tallies.get(level).level(quality.name(), CodecLabel.of(quality.codecs())));
                }
                return new VerifyReport.Point(
                        point,
                        point == 0 ? "cloud" : "split",
                        contract.points().get(point).specs().stream()
                                .map(TensorSpec::name)
                                .toList(),
                        rows,
                        leakage.value(),
                        leakage.samples());
            }
        }

        /**
         * How the boundary of a point crosses, and the state behind it; {@code level} is an index, and says how the reply comes back.
         */
        private record Wire(
                int point,
                int level,
                List<CodecParams> params,
                ActivationCodec codec,
                PictureForm form,
                CarriedState gateway) {}

        private Wire wire(int point, int level, PictureForm form) {
            List<CodecParams> params =
                    contract.points().get(point).levels().get(level).codecs();
            CarriedState gateway = new CarriedState(contract, contract.stateAfter(point));
            return new Wire(point, level, params, roundTrip.codec(point, params, Entropy.ZSTD), form, gateway);
        }

        /** One boundary through the codec and the tail. */
        private void measure(Wire wire, Map<String, Tensor> live, int index, Tally tally)
                throws EngineException, IOException, CodecException {
            Sample sample = samples.get(index);
            long started = System.nanoTime();
            ByteBuffer payload = roundTrip.encode(wire.point, wire.codec, wire.params, live, sample, wire.form);
            long encoded = System.nanoTime();
            Map<String, Tensor> boundary = roundTrip.decode(wire.point, wire.codec, payload);
            long decoded = System.nanoTime();
            long elements =
                    boundary.values().stream().mapToLong(Tensor::elements).sum();
            tally.wire(payload.remaining(), elements, encoded - started, decoded - encoded);
            Map<String, Tensor> made = roundTrip.tail(wire.point, boundary, wire.gateway.with(live));
            wire.gateway.keep(made);
            ByteBuffer reply = roundTrip.reply(wire.point, wire.level, made);
            tally.reply(reply.remaining());
            tally.answer(roundTrip.received(wire.point, reply, live), expected.get(index), labels.apply(sample.name()));
        }

        private VerifyReport.Point local() throws EngineException, IOException {
            Tally tally = new Tally(contract, metric, samples.size());
            CarriedState state = CarriedState.all(contract);
            for (int i = 0; i < samples.size(); i++) {
                Sample sample = samples.get(i);
                Map<String, Tensor> made = roundTrip.head(contract.local(), state.with(sample.inputs()));
                state.keep(made);
                tally.wire(0, 0, 0, 0);
                tally.answer(made, expected.get(i), labels.apply(sample.name()));
            }
            return new VerifyReport.Point(
                    contract.local(),
                    "local",
                    List.of(),
                    List.of(tally.level(QualityLevel.DEFAULT, "")),
                    Leakage.NONE.value(),
                    Leakage.NONE.samples());
        }

        /** CLOUD with its pictures as JPEG. */
        List<VerifyReport.Jpeg> jpeg() throws EngineException, IOException, CodecException {
            List<VerifyReport.Jpeg> rows = new ArrayList<>();
            for (int quality : JPEG_QUALITIES) {
                progress.begin("jpeg " + quality, samples.size());
                Wire wire = wire(0, 0, PictureForm.jpeg(quality));
                Tally tally = new Tally(contract, metric, samples.size());
                for (int i = 0; i < samples.size(); i++) {
                    measure(wire, samples.get(i).inputs(), i, tally);
                    progress.step();
                }
                rows.add(new VerifyReport.Jpeg(quality, tally.bytesMean(), tally.agreeing(), tally.correct()));
            }
            return rows;
        }
    }
}
