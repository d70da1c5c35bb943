package dev.cleave.cli.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.HeadMeasurement;
import dev.cleave.bundle.View;
import dev.cleave.cli.failure.CheckFailedException;
import dev.cleave.cli.failure.UserException;
import dev.cleave.cli.inputs.Labels;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.SampleOptions;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.half.HalfTails;
import dev.cleave.partition.heads.HeadCheck;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.partition.verify.ReferenceModel;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cleave verify}: is the cut right, is the wire right. */
@Command(
        name = "verify",
        description = "Compares a bundle with the unsplit model at every point.",
        footer = {"", "Example:", "  cleave verify model.cleave --against model.onnx --random 16"})
public final class VerifyCommand extends Verb {
    @Parameters(paramLabel = "BUNDLE", description = "A full bundle.")
    private Path file;

    @Option(
            names = "--against",
            paramLabel = "MODEL",
            description = "Compare with this model. Default: the bundle's own.")
    private Path against;

    @Option(names = "--jpeg", description = "Measure what JPEG would cost, too.")
    private boolean jpeg;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "The right classes: lines of file-name<TAB>class-index.")
    private Path labels;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "What runs the heads: onnxruntime, or tflite for their .tflite form. Default: onnxruntime.")
    private String engineName;

    @Mixin
    private SampleOptions sampleOptions;

    @Override
    protected void run(Terminal terminal) throws Exception {
        sampleOptions.requireGiven();
        if (labels != null && !sampleOptions.areFiles()) {
            throw usage("--labels " + labels + ": random inputs have no right class; expected --inputs DIR");
        }
        Bundle bundle = Bundle.open(file);
        if (bundle.manifest().view() != View.FULL) {
            throw new UserException(file + ": is the "
                    + bundle.manifest().view().jsonName() + " view of a bundle; expected the full one");
        }
        Samples samples = sampleOptions.open(bundle.contract()).cached(MemoryBudget.ofJvm());
        if (jpeg) {
            requirePictures(samples);
        }
        Function<String, Integer> classes = labels == null ? name -> null : classes(samples, bundle.contract());
        try (Engine engine = Engines.create(null);
                Engine headEngine = engineName == null ? null : Engines.create(engineName);
                BarProgress progress = new BarProgress(terminal);
                ReferenceModel model = against == null
                        ? null
                        : ReferenceModel.load(
                                OnnxModel.read(against), bundle.contract(), engine, SessionOptions.defaults())) {
            requireHeads(bundle, headEngine);
            Verifier verifier = new Verifier(bundle, engine, SessionOptions.defaults(), PictureCodecs.find(), progress);
            verifier = headEngine == null ? verifier : verifier.withHeadsOn(headEngine);
            VerifyReport report = verifier.verify(samples, model, model == null ? null : model.digest(), classes, jpeg);
            progress.end();
            List<TailCheck.Row> halves = halves(bundle, samples, engine, progress);
            progress.end();
            List<HeadMeasurement> heads = heads(bundle, samples, engine, headEngine, progress);
            progress.end();
            print(terminal, report, halves, heads);
            requireExact(report);
        }
    }

    /** Of a bundle without tails in 16-bit floats, none. */
    private static List<TailCheck.Row> halves(Bundle bundle, Samples samples, Engine engine, BarProgress progress)
            throws Exception {
        if (!TailCheck.isOfferedBy(bundle, HalfTails.PRECISION)) {
            return List.of();
        }
        SessionOptions options = SessionOptions.defaults();
        try (DraftRun run = DraftRun.load(bundle, engine, options)) {
            return new TailCheck(bundle, HalfTails.PRECISION, bundle.contract(), run.roundTrip(), engine, options)
                    .measure(samples, progress);
        }
    }

    private void requireHeads(Bundle bundle, Engine headEngine) {
        if (headEngine != null && bundle.edgeThrough(headEngine.format()) == 0) {
            throw new UserException("--engine " + engineName + ": " + file + " holds no ."
                    + headEngine.format().extension() + " heads; expected a bundle of split --tflite");
        }
    }

    /** Of heads in another form than ONNX against those in ONNX; none where they are run in ONNX. */
    private static List<HeadMeasurement> heads(
            Bundle bundle, Samples samples, Engine engine, Engine headEngine, BarProgress progress) throws Exception {
        if (headEngine == null || headEngine.format() == GraphFormat.ONNX) {
            return List.of();
        }
        SessionOptions options = SessionOptions.defaults();
        try (DraftRun run = DraftRun.load(bundle, engine, options)) {
            return new HeadCheck(bundle, bundle.contract(), run.roundTrip(), headEngine, options)
                    .measure(samples, progress);
        }
    }

    private void requirePictures(Samples samples) throws SampleException {
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            if (sample.picture() == null) {
                throw new UserException("--jpeg: input " + sample.name() + " is no picture; expected pictures only");
            }
        }
    }

    /** The right class of an input by name; null where it is not known. */
    private Function<String, Integer> classes(Samples samples, Contract contract) throws IOException {
        Labels known = Labels.read(labels);
        Shape scores = contract.outputsWithoutState().get(0).shape();
        long count = scores.rank() == 0 ? 1 : scores.dim(scores.rank() - 1);
        if (count > 1 && known.largestClass() >= count) {
            throw new UserException(labels + ": has class " + known.largestClass() + ", and the model has " + count
                    + " classes; expected 0 to " + (count - 1));
        }
        int labelled = 0;
        for (int i = 0; i < samples.size(); i++) {
            labelled += known.classOf(samples.get(i).name()).isPresent() ? 1 : 0;
        }
        if (labelled == 0) {
            throw new UserException(labels + ": names none of the " + samples.size()
                    + " inputs; expected lines that begin with their names, such as "
                    + samples.get(0).name());
        }
        return name ->
                known.classOf(name).isPresent() ? (Integer) known.classOf(name).getAsInt() : null;
    }

    private static void print(
            Terminal terminal, VerifyReport report, List<TailCheck.Row> halves, List<HeadMeasurement> heads) {
        if (terminal.isJson()) {
            terminal.json().document(VerifyDocument.of(report, halves, heads));
        } else {
            new VerifyText(terminal, report, halves, heads).print();
        }
    }

    private static void requireExact(VerifyReport report) {
        for (VerifyReport.Exact exact : report.exact()) {
            if (!exact.withinBound()) {
                throw new CheckFailedException(String.format(
                        Locale.ROOT,
                        "point %d is not exact: relative error %.2e against the unsplit model; expected at most %.0e",
                        exact.index(),
                        exact.maxRelativeError(),
                        report.exactBound()));
            }
        }
    }
}
