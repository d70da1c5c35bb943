package dev.cleave.partition.edge;

import dev.cleave.answer.Agreement;
import dev.cleave.answer.Proportion;
import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.Budget;
import dev.cleave.partition.calibrate.Shares;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.CutTimer;
import dev.cleave.partition.profile.CutTimes;
import dev.cleave.partition.profile.TimingLimits;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.QuantizeReport;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantized;
import dev.cleave.partition.quantize.Quantizer;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.scratch.ScratchFolder;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Decides between a float model and its integers: quantises it, holds it against the accuracy budget, and times both in
 * turn. One thread.
 */
public final class EdgeChooser {
    private final Engine engine;
    private final SessionOptions options;
    private final TimingLimits limits;
    private final LongSupplier nanoTime;
    private final Progress progress;

    /** @param engine stays the caller's */
    public EdgeChooser(
            Engine engine, SessionOptions options, TimingLimits limits, LongSupplier nanoTime, Progress progress) {
        this.engine = engine;
        this.options = options;
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.progress = progress;
    }

    /**
     * Decides for a model.
     *
     * @param summary of the float model, without state
     * @param samples at least one, of which those that report ({@link Shares}) are not looked at; or null: then
     *     nothing is known of ranges, and devices run floats
     * @param maxDisagreement share of inputs that may get another answer once boundaries are coded, too; integers get half of it
     * @throws ModelException if integers were asked for in any case, and cannot be had; says why
     */
    public EdgeChoice choose(
            ModelSummary summary, EdgeMode mode, Samples samples, double maxDisagreement, ProbeSettings settings)
            throws IOException {
        if (mode == EdgeMode.NEVER || samples == null && mode == EdgeMode.AUTO) {
            return EdgeChoice.FLOAT;
        }
        ProbedModel floats = summary.model();
        if (samples == null) {
            throw new ModelException("model " + floats.graph().model().file()
                    + " in INT8: ranges are found from sample inputs, and there are none; expected some");
        }
        EdgeChoice choice;
        try {
            choice = quantized(summary, mode, Shares.unreported(samples), maxDisagreement, settings);
        } catch (ModelException refused) {
            choice = EdgeChoice.floatBecause(refused.getMessage());
        } catch (EngineException failure) {
            choice = EdgeChoice.floatBecause(
                    "the engine fails: " + failure.getMessage().strip().replaceAll("\\s*\n\\s*", " "));
        }
        if (mode == EdgeMode.ALWAYS && choice.model() == null) {
            throw new ModelException("model " + floats.graph().model().file() + " in INT8: " + choice.reason());
        }
        return mode == EdgeMode.AUTO && choice.pace() >= 1 ? choice.inFloat(slower(choice)) : choice;
    }

    private static String slower(EdgeChoice choice) {
        return choice.model() == null
                ? choice.reason()
                : String.format(
                        Locale.ROOT,
                        "in INT8 the whole takes %.2f ms here, and %.2f ms in float",
                        choice.integerMillis(),
                        choice.floatMillis());
    }

    private EdgeChoice quantized(
            ModelSummary summary, EdgeMode mode, Samples samples, double maxDisagreement, ProbeSettings settings)
            throws IOException, EngineException {
        ProbedModel floats = summary.model();
        QuantizeSettings budget = QuantizeSettings.defaults()
                .withMaxDisagreement(Budget.ofIntegers(maxDisagreement))
                .withThorough(mode == EdgeMode.ALWAYS);
        Quantized quantized = new Quantizer(engine, budget).quantize(floats, samples, progress);
        QuantizeReport report = quantized.report();
        if (!report.untouched().isEmpty()) {
            return EdgeChoice.floatBecause(report.untouched());
        }
        if (report.integerProducts() == 0) {
            return EdgeChoice.floatBecause(
                    "the accuracy budget leaves no convolution or matrix product in integers: in INT8 the whole agrees on "
                            + report.all().agreeing() + " of " + report.all().inputs() + " inputs");
        }
        EdgeModel model = EdgeModel.of(floats, quantized, engine, settings);
        if (summary.cuts().all().stream().noneMatch(model::offers)) {
            return EdgeChoice.floatBecause("no cut of the float model is one in integers");
        }
        return compared(model, mode, samples, maxDisagreement);
    }

    /** Both wholes, on the same inputs. */
    private EdgeChoice compared(EdgeModel model, EdgeMode mode, Samples samples, double maxDisagreement)
            throws IOException, EngineException {
        ProbedModel floats = model.floats();
        try (ScratchFolder scratch = ScratchFolder.create("cleave-edge")) {
            CutGraphs gateway = new CutGraphs(floats.flow(), floats.facts(), scratch.file("float.bin"));
            SidedGraphs sides = model.beside(gateway, scratch.file("integers.bin"));
            // Asked for, integers are made as good as they get; whoever plans or verifies sees how good that is.
            String missed = mode == EdgeMode.AUTO ? missed(floats, sides, samples, maxDisagreement) : null;
            if (missed != null) {
                return EdgeChoice.floatBecause(missed);
            }
            CutTimes times = new CutTimer(engine, options, limits, nanoTime, progress)
                    .time(sides, List.of(), samples.get(0).inputs());
            return new EdgeChoice(model, "", times.wholeMillis(), times.deviceWholeMillis());
        }
    }

    /**
     * How the whole misses the budget, or null. Without LOCAL a device has no answer when its link is gone, so integers that
     * a plan would not run LOCAL are not chosen unasked.
     */
    private String missed(ProbedModel floats, SidedGraphs sides, Samples samples, double maxDisagreement)
            throws IOException, EngineException {
        Agreement metric = Agreement.forOutputs(floats.outputs());
        progress.begin("the whole in integers", samples.size());
        int alike = 0;
        try (Session wanted = whole(sides.gateway());
                Session made = whole(sides.device())) {
            for (int i = 0; i < samples.size(); i++) {
                Map<String, Tensor> inputs = samples.get(i).inputs();
                boolean same = metric.agrees(floats.outputs(), run(made, inputs), run(wanted, inputs));
                alike += same ? 1 : 0;
                progress.step();
            }
        }
        return new Proportion(alike, samples.size()).misses(maxDisagreement)
                ? String.format(
                        Locale.ROOT,
                        "in INT8 the whole agrees on %d of %d inputs, and %.1f %% are wanted",
                        alike,
                        samples.size(),
                        (1 - maxDisagreement) * 100)
                : null;
    }

    private Session whole(CutGraphs graphs) throws EngineException {
        return engine.load(graphs.source(graphs.whole()), options);
    }

    private static Map<String, Tensor> run(Session session, Map<String, Tensor> inputs) throws EngineException {
        Map<String, Tensor> read = new LinkedHashMap<>();
        session.inputs().forEach(spec -> read.put(spec.name(), inputs.get(spec.name())));
        return session.run(read);
    }
}
