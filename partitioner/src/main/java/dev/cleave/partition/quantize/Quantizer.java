package dev.cleave.partition.quantize;

import dev.cleave.engine.Engine;
import dev.cleave.engine.EngineException;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.graph.TensorWalk;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Static quantisation of a float model to 8 bits: symmetric weights by output channel, unsigned activations with ranges
 * from sample inputs, 32-bit biases.
 *
 * <p>Every second sample gives ranges, the others are held out: on these the way of finding ranges is chosen whose
 * answers agree most with the float model's, and on these the budget is checked. Where it does not hold, the fewest
 * nodes are left in float with which it does ({@link Sensitivity}), or all behind the longest head with which it does
 * ({@link LongestHead}); a head has to hold on the inputs that gave ranges, too, for few trials can afford more inputs,
 * and of a few dozen one that differs is chance. The result is for engines that fuse
 * QuantizeLinear/DequantizeLinear pairs; how many integer kernels came of it is told by {@link KernelCount}.
 */
public final class Quantizer {
    private static final int HELD_OUT_OF = 2;
    /** What preparing a float model may change in its outputs: orders of summation, no more. */
    private static final double MOST_PREPARATION_ERROR = 1e-3;

    private final Engine engine;
    private final QuantizeSettings settings;

    public Quantizer(Engine engine, QuantizeSettings settings) {
        this.engine = engine;
        this.settings = settings;
    }

    /**
     * Quantises a model.
     *
     * @param probed the float model; a model that is quantised already, or has nothing to quantise, comes back as it is
     * @param samples at least one; read twice
     * @throws ModelException if a sample does not run
     */
    public Quantized quantize(ProbedModel probed, Samples samples, Progress progress) throws IOException {
        OnnxModel model = probed.graph().model();
        if (samples.size() == 0) {
            throw new IllegalArgumentException("no samples to quantise with; expected at least one");
        }
        String reason = FloatModel.whyNot(probed.graph());
        if (reason != null) {
            return untouched(model, reason);
        }
        try {
            Dataflow prepared = FloatModel.prepare(probed, engine);
            UnitFinder.Found found = UnitFinder.find(prepared, probed.facts());
            if (found.units().values().stream().noneMatch(unit -> unit.kind() == Unit.Kind.LINEAR)) {
                return untouched(model, "it has no convolution or matrix product with stored float weights");
            }
            return new Job(probed, prepared, found, samples, progress).run();
        } catch (EngineException failure) {
            throw new ModelException("model " + failure.getMessage(), failure);
        }
    }

    private static Quantized untouched(OnnxModel model, String reason) throws IOException {
        return new Quantized(model, Map.of(), Set.of(), QuantizeReport.untouched(reason, storedBytes(model)));
    }

    private static long storedBytes(OnnxModel model) throws IOException {
        long[] bytes = {0};
        TensorWalk.graph(
                model.proto().getGraph(),
                tensor -> bytes[0] += model.data(tensor).length());
        return bytes[0];
    }

    /** One model being quantised. */
    private final class Job {
        private final ProbedModel probed;
        private final Dataflow prepared;
        private final UnitFinder.Found found;
        private final Samples samples;
        private final Progress progress;
        private final Set<Integer> asked = new LinkedHashSet<>();
        private final List<Integer> calibrated = new ArrayList<>();
        private final List<Integer> heldOut = new ArrayList<>();
        /** On held-out inputs. */
        private Trials trials;
        /** On the inputs that the budget has to hold on. */
        private Trials budget;

        Job(ProbedModel probed, Dataflow prepared, UnitFinder.Found found, Samples samples, Progress progress) {
            this.probed = probed;
            this.prepared = prepared;
            this.found = found;
            this.samples = samples;
            this.progress = progress;
            for (int i = 0; i < samples.size(); i++) {
                boolean isHeldOut = i % HELD_OUT_OF == HELD_OUT_OF - 1;
                (isHeldOut ? heldOut : calibrated).add(i);
            }
            for (Unit unit : found.units().values()) {
                if (unit.node().outputs().stream().anyMatch(settings.keptInFloat()::contains)
                        || settings.keptInFloat().contains(unit.output())) {
                    asked.add(unit.node().index());
                }
            }
        }

        Quantized run() throws IOException, EngineException {
            OnnxModel original = probed.graph().model();
            try (Runner floats = runner(original)) {
                trials = trials(floats, heldOut.isEmpty() ? calibrated : heldOut);
                budget = settings.isThorough()
                        ? trials
                        : trials(
                                floats,
                                Stream.concat(heldOut.stream(), calibrated.stream())
                                        .toList());
            }
            try (Runner ready = runner(prepared.graph().model())) {
                double error = trials.of(ready).relativeError();
                if (!(error <= MOST_PREPARATION_ERROR)) {
                    return untouched(
                            original, "folding its constants changes its outputs by " + error + " of their size");
                }
            }
            Variant best = best();
            Set<Integer> kept = new LinkedHashSet<>(asked);
            Quality all = all(best);
            if (!all.isWithin(settings)) {
                kept.addAll(search(best));
            }
            return result(best, all, kept);
        }

        private Trials trials(Runner floats, List<Integer> inputs) throws IOException, EngineException {
            int most = Math.min(inputs.size(), settings.mostTrialInputs());
            return new Trials(floats, probed.outputs(), samples, inputs.subList(0, most));
        }

        /** Of all in integers: on the held-out inputs where that is not enough already, else on all that the budget has to hold on. */
        private Quality all(Variant variant) throws IOException, EngineException {
            return budget == trials || !variant.quality().isWithin(settings)
                    ? variant.quality()
                    : quality(variant, variant.method(), asked, budget);
        }

        /** As prepared or equalised, whichever is better on the held-out inputs. */
        private Variant best() throws IOException, EngineException {
            Variant plain = judged(prepared, found, Map.of());
            if (!settings.isEqualized()) {
                return plain;
            }
            Equalization.Equalized equalized =
                    Equalization.of(prepared, found.units().values(), plain.calibration()::sizes);
            if (equalized.factors().isEmpty()) {
                return plain;
            }
            Dataflow flow = new Dataflow(Graph.of(equalized.model()));
            Variant other = judged(flow, UnitFinder.find(flow, probed.facts()), equalized.factors());
            return other.quality().isBetterThan(plain.quality(), settings) ? other : plain;
        }

        private Variant judged(Dataflow flow, UnitFinder.Found units, Map<String, float[]> factors)
                throws IOException, EngineException {
            Calibration calibration = calibrate(flow, units);
            OperatorWeights weights = new OperatorWeights(flow.graph(), calibration::means);
            Variant variant = new Variant(flow, units, factors, calibration, weights, Map.of(), null);
            Map<RangeMethod, Quality> qualities = new LinkedHashMap<>();
            RangeMethod best = null;
            progress.begin("ways of finding ranges", settings.methods().size());
            for (RangeMethod method : settings.methods()) {
                qualities.put(method, quality(variant, method, asked, trials));
                if (best == null || qualities.get(method).isBetterThan(qualities.get(best), settings)) {
                    best = method;
                }
                progress.step();
            }
            return variant.with(qualities, best);
        }

        private Calibration calibrate(Dataflow flow, UnitFinder.Found units) throws IOException, EngineException {
            Set<String> watched = new IntegerPlan(flow, units.units(), asked).quantized();
            try (Runner ready =
                    Runner.watching(flow.graph().model(), watched, engine, settings.options(), settings.runLimit())) {
                return Calibration.run(ready, watched, samples, calibrated, progress);
            }
        }

        private List<Integer> search(Variant variant) throws IOException, EngineException {
            List<Integer> candidates = variant.plan(asked).units().values().stream()
                    .filter(unit -> !unit.keepsScale())
                    .map(unit -> unit.node().index())
                    .toList();
            Sensitivity.Trial trial = kept -> {
                Set<Integer> all = new LinkedHashSet<>(asked);
                all.addAll(kept);
                return quality(variant, variant.method(), all, budget);
            };
            return settings.isThorough()
                    ? new Sensitivity(trial, settings, progress).search(candidates)
                    : new LongestHead(trial, settings, progress).search(candidates);
        }

        private Quality quality(Variant variant, RangeMethod method, Collection<Integer> kept, Trials inputs)
                throws IOException, EngineException {
            try (Runner runner = runner(variant.writer(method, kept).write())) {
                return inputs.of(runner);
            }
        }

        private Quantized result(Variant variant, Quality all, Set<Integer> kept) throws IOException, EngineException {
            QdqWriter writer = variant.writer(variant.method(), kept);
            OnnxModel model = writer.write();
            Quality quality;
            try (Runner runner = runner(model)) {
                quality = trials.of(runner);
            }
            IntegerPlan plan = variant.plan(kept);
            QuantizeReport report = new QuantizeReport(
                    "",
                    variant.method(),
                    variant.qualities(),
                    all,
                    !variant.factors().isEmpty(),
                    quality,
                    calibrated.size(),
                    !heldOut.isEmpty(),
                    plan.units().values().stream().map(Unit::label).toList(),
                    (int) plan.units().values().stream()
                            .filter(unit -> unit.kind() == Unit.Kind.LINEAR)
                            .count(),
                    floatNodes(variant.found(), plan, kept),
                    storedBytes(probed.graph().model()),
                    storedBytes(model));
            Map<String, QuantizedTensor> tensors = variant.tensors(writer);
            Set<String> rescaled = new LinkedHashSet<>(variant.factors().keySet());
            rescaled.removeAll(tensors.keySet());
            return new Quantized(model, tensors, rescaled, report);
        }

        private Map<String, String> floatNodes(UnitFinder.Found units, IntegerPlan plan, Set<Integer> kept) {
            Map<String, String> reasons = new LinkedHashMap<>();
            for (Unit unit : units.units().values()) {
                int index = unit.node().index();
                if (asked.contains(index)) {
                    reasons.put(unit.label(), "asked for");
                } else if (kept.contains(index)) {
                    reasons.put(unit.label(), "the budget does not hold with its integers");
                } else if (!plan.units().containsKey(index)) {
                    reasons.put(unit.label(), "what it reads is no integer");
                }
            }
            reasons.putAll(units.refused());
            return reasons;
        }

        private Runner runner(OnnxModel model) throws IOException, EngineException {
            return Runner.of(model, engine, settings.options(), settings.runLimit());
        }
    }
}
