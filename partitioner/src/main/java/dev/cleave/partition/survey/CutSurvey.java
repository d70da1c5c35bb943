package dev.cleave.partition.survey;

import dev.cleave.answer.Agreement;
import dev.cleave.bundle.Contract;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.CodecParams;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.calibrate.Calibrated;
import dev.cleave.partition.calibrate.Calibrator;
import dev.cleave.partition.calibrate.CloudCalibrator;
import dev.cleave.partition.calibrate.CloudCalibrator.CalibratedCloud;
import dev.cleave.partition.calibrate.CodecChoices;
import dev.cleave.partition.calibrate.Shares;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.NestedChains;
import dev.cleave.partition.draft.DraftBundle;
import dev.cleave.partition.draft.DraftRun;
import dev.cleave.partition.draft.ModelTitle;
import dev.cleave.partition.draft.PictureInput;
import dev.cleave.partition.edge.EdgeModel;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.leakage.TensorDistances;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.MemoryBudget;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Measures what it costs to send the boundary of any cut, in bytes, answers and time: nothing is chosen yet. One thread.
 *
 * <p>Cuts need not nest. They are grouped into as few ladders as will hold them, and a draft bundle is made of each, so
 * that along a ladder every head is run once for all of its points. What is measured there is what a bundle of the same
 * cuts would send; {@link Surveyed#calibrated} is taken over by it as it is.
 *
 * <p>Samples are read many times, so those that are slow to read are best given as {@link Samples#cached}.
 *
 * <p>Without samples (null) nothing is known of values: floats cross as {@code fp16}, CLOUD sends nothing lossy, sizes and times are
 * those of made-up inputs, and there is neither agreement nor leakage.
 */
public final class CutSurvey {
    private final ProbedModel probed;
    /** What devices run, or null: the model itself. */
    private final EdgeModel edge;

    private final Preprocessing preprocessing;
    private final Engine engine;
    private final SessionOptions options;
    private final double wantedAgreement;
    private final Progress progress;
    private final MemoryBudget budget;
    private final LongSupplier nanoClock;
    private final CodecChoices choices;
    private final List<CodecParams> replies;

    /**
     * @param probed a model without state
     * @param preprocessing of pictures, its input perhaps not named; or null
     * @param engine stays the caller's
     * @param wantedAgreement that a way of coding has to reach on the samples, 0..1
     * @throws ModelException if the preprocessing does not fit the model
     */
    public CutSurvey(
            ProbedModel probed,
            Preprocessing preprocessing,
            Engine engine,
            SessionOptions options,
            double wantedAgreement,
            Progress progress)
            throws ModelException {
        this(probed, preprocessing, engine, options, wantedAgreement, progress, CodecChoices.ALL);
    }

    /** The same, choosing among fewer codecs. */
    public CutSurvey(
            ProbedModel probed,
            Preprocessing preprocessing,
            Engine engine,
            SessionOptions options,
            double wantedAgreement,
            Progress progress,
            CodecChoices choices)
            throws ModelException {
        this(
                probed,
                null,
                preprocessing,
                engine,
                options,
                wantedAgreement,
                progress,
                choices,
                MemoryBudget.ofJvm(),
                System::nanoTime);
    }

    CutSurvey(
            ProbedModel probed,
            EdgeModel edge,
            Preprocessing preprocessing,
            Engine engine,
            SessionOptions options,
            double wantedAgreement,
            Progress progress,
            CodecChoices choices,
            MemoryBudget budget,
            LongSupplier nanoClock)
            throws ModelException {
        this(
                probed,
                edge,
                preprocessing,
                engine,
                options,
                wantedAgreement,
                progress,
                choices,
                budget,
                nanoClock,
                DraftBundle.rawReplies(probed));
    }

    private CutSurvey(
            ProbedModel probed,
            EdgeModel edge,
            Preprocessing preprocessing,
            Engine engine,
            SessionOptions options,
            double wantedAgreement,
            Progress progress,
            CodecChoices choices,
            MemoryBudget budget,
            LongSupplier nanoClock,
            List<CodecParams> replies)
            throws ModelException {
        this.probed = probed;
        this.edge = edge;
        this.preprocessing = PictureInput.bound(preprocessing, probed.inputs());
        this.engine = engine;
        this.options = options;
        this.wantedAgreement = wantedAgreement;
        this.progress = progress;
        this.choices = choices;
        this.budget = budget;
        this.nanoClock = nanoClock;
        this.replies = List.copyOf(replies);
    }

    /** The same, with outputs coded so on the way back instead of raw. */
    public CutSurvey withReplies(List<CodecParams> value) throws ModelException {
        return new CutSurvey(
                probed,
                edge,
                preprocessing,
                engine,
                options,
                wantedAgreement,
                progress,
                choices,
                budget,
                nanoClock,
                value);
    }

    /** The same with heads in integers, or, with null, as the model is. */
    public CutSurvey withEdge(EdgeModel integers) throws ModelException {
        return new CutSurvey(
                probed,
                integers,
                preprocessing,
                engine,
                options,
                wantedAgreement,
                progress,
                choices,
                budget,
                nanoClock,
                replies);
    }

    /**
     * What crosses at each cut and what it costs.
     *
     * @param cuts legal ones of this model, nested or not
     * @param samples at least one, or null
     * @return an entry for every cut, in their order
     */
    public Map<Cut, Surveyed> survey(List<Cut> cuts, Samples samples)
            throws IOException, EngineException, CodecException {
        cuts.forEach(this::requireKnown);
        Samples given = samples == null ? RandomProbes.of(probed, preprocessing) : samples;
        Map<Cut, Surveyed> found = new HashMap<>();
        TensorDistances inputs = samples == null ? null : TensorDistances.ofInputs(samples, probed.inputs(), budget);
        for (Ladder chain : NestedChains.of(cuts)) {
            found.putAll(survey(chain, given, inputs));
        }
        Map<Cut, Surveyed> inOrder = new LinkedHashMap<>();
        cuts.forEach(cut -> inOrder.put(cut, found.get(cut)));
        return inOrder;
    }

    private void requireKnown(Cut cut) {
        for (String tensor : cut.boundary()) {
            if (probed.facts().spec(tensor) == null) {
                throw new IllegalArgumentException("cut at " + cut.shortPoint() + " sends tensor \"" + tensor
                        + "\", of which type and shape are not known; expected a legal cut");
            }
        }
    }

    /** @param inputs distances between the samples' inputs; null if these were made up */
    private Map<Cut, Surveyed> survey(Ladder chain, Samples samples, TensorDistances inputs)
            throws IOException, EngineException, CodecException {
        try (ScratchFolder scratch = ScratchFolder.create("cleave-survey");
                DraftRun run = draft(chain, scratch).open(engine, options, scratch)) {
            PointSurvey points = new PointSurvey(run, samples, budget, new WarmTimer(nanoClock), progress);
            List<Calibrated> calibrated = inputs != null
                    ? new Calibrator(run.contract(), run.roundTrip(), wantedAgreement, budget, choices)
                            .calibrate(samples, progress)
                    : List.of();
            Map<Cut, Surveyed> surveyed = new LinkedHashMap<>();
            for (int point = 1; point <= chain.size(); point++) {
                surveyed.put(
                        chain.points().get(point - 1),
                        inputs != null ? points.calibrated(calibrated.get(point - 1), inputs) : points.careful(point));
            }
            return surveyed;
        }
    }

    private DraftBundle draft(Ladder chain, ScratchFolder scratch) throws IOException {
        return DraftBundle.extract(
                        ModelTitle.unnamed(),
                        probed,
                        preprocessing,
                        List.of(),
                        chain,
                        0,
                        replies,
                        scratch.file("weights.bin"))
                .withEdge(edge, scratch.file("device-weights.bin"));
    }

    /** The made-up inputs that stand in for samples, the same in every run. */
    public static Samples madeUp(ProbedModel probed, Preprocessing preprocessing) {
        return RandomProbes.of(probed, preprocessing);
    }

    /** CLOUD with nothing compressed: pictures as packed 8-bit pixels, other inputs as they are. */
    public Surveyed cloudRaw(Samples samples) throws IOException, EngineException, CodecException {
        return cloud(samples, CloudCalibrator::raw);
    }

    /**
     * CLOUD with pictures as the JPEG of lowest quality that reaches the wanted agreement, without loss if none does or there
     * are no samples; other inputs compressed without loss.
     */
    public Surveyed cloudCompressed(Samples samples) throws IOException, EngineException, CodecException {
        return cloud(
                samples,
                calibrator -> samples == null ? calibrator.lossless() : calibrator.compressed(wantedAgreement));
    }

    private Surveyed cloud(Samples samples, CloudChoice choice) throws IOException, EngineException, CodecException {
        Samples given = samples == null ? RandomProbes.of(probed, preprocessing) : samples;
        try (ScratchFolder scratch = ScratchFolder.create("cleave-survey");
                DraftRun run = draft(Ladder.of(List.of()), scratch).open(engine, options, scratch)) {
            CloudCalibrator calibrator = new CloudCalibrator(run.contract(), run.roundTrip(), given, progress, choices);
            PointSurvey points = new PointSurvey(run, given, budget, new WarmTimer(nanoClock), progress);
            return points.cloud(choice.among(calibrator), samples == null ? 0 : Calibrator.choosing(samples.size()));
        }
    }

    /** Which form the inputs take. */
    private interface CloudChoice {
        CalibratedCloud among(CloudCalibrator calibrator) throws IOException, EngineException, CodecException;
    }

    /**
     * How often the whole gives the same answer on the device as on the gateway: 1 where both run the same.
     *
     * @param samples or null: then it is NaN where they differ
     */
    public double localAgreement(Samples samples) throws IOException, EngineException {
        if (edge == null) {
            return 1;
        }
        if (samples == null) {
            return Double.NaN;
        }
        try (ScratchFolder scratch = ScratchFolder.create("cleave-survey");
                DraftRun run = draft(Ladder.of(List.of()), scratch).open(engine, options, scratch)) {
            Contract contract = run.contract();
            Agreement metric = Agreement.forOutputs(contract.outputs());
            Samples compared = Shares.unreported(samples);
            progress.begin("the whole on the device", compared.size());
            int agreeing = 0;
            for (int i = 0; i < compared.size(); i++) {
                Map<String, Tensor> inputs = compared.get(i).inputs();
                Map<String, Tensor> local = run.roundTrip().head(contract.local(), inputs);
                agreeing +=
                        metric.agrees(contract.outputs(), local, run.roundTrip().reference(inputs)) ? 1 : 0;
                progress.step();
            }
            return (double) agreeing / compared.size();
        }
    }

    /** How many of the samples {@link #localAgreement} is counted on; 0 without samples. */
    public static int localInputs(Samples samples) {
        return samples == null ? 0 : Shares.unreported(samples).size();
    }

    /**
     * What the device does to a picture before the network sees it: the median of normalising it into its tensor, in
     * milliseconds; 0 where no sample is a picture. Resizing what a camera gives is not in it: that depends on the camera, and
     * has to be done whatever crosses.
     */
    public double prepareMillis(Samples samples) throws IOException, CodecException {
        Samples given = samples == null ? RandomProbes.of(probed, preprocessing) : samples;
        List<Sample> pictured = new ArrayList<>();
        for (int i = 0; preprocessing != null && i < given.size() && pictured.size() < PointSurvey.TIMED; i++) {
            if (given.get(i).picture() != null) {
                pictured.add(given.get(i));
            }
        }
        if (pictured.isEmpty()) {
            return 0;
        }
        return new WarmTimer(nanoClock).medianMillis(pictured, this::normalise)[0];
    }

    private long[] normalise(Sample sample, LongSupplier clock) {
        Tensor input = sample.inputs().get(preprocessing.input());
        long started = clock.getAsLong();
        preprocessing.normalize(sample.picture(), Tensor.allocate(input.type(), input.shape()));
        return new long[] {clock.getAsLong() - started};
    }
}
