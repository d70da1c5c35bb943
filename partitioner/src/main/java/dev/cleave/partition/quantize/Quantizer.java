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
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Static quantisation of a float model to 8 bits: symmetric weights by output channel, unsigned activations with ranges
 * from sample inputs, 32-bit biases.
 *
 * <p>Two samples of three give the ranges, the third is held out: on these the way of finding ranges is chosen whose
 * answers agree most with the float model's, and on these the budget is checked. Where it does not hold, the fewest
 * nodes are left in float with which it does ({@link Sensitivity}). The result is for engines that fuse
 * QuantizeLinear/DequantizeLinear pairs; how many integer kernels came of it is told by {@link KernelCount}.
 */
public final class Quantizer {
    private static final int HELD_OUT_OF = 3;
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
        return new Quantized(model, Map.of(), QuantizeReport.untouched(reason, storedBytes(model)));
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
        private Dataflow prepared;
        private UnitFinder.Found found;
        private final Samples samples;
        private final Progress progress;
        private final Set<Integer> asked = new LinkedHashSet<>();
        private final List<Integer> calibrated = new ArrayList<>();
        private final List<Integer> heldOut = new ArrayList<>();
        private final Map<String, float[]> factors = new HashMap<>();
        private Trials trials;
        private Calibration calibration;
        private OperatorWeights weights;

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
            List<Integer> tried = heldOut.isEmpty() ? calibrated : heldOut;
            try (Runner floats = runner(original)) {
                trials = new Trials(
                        floats,
                        probed.outputs(),
                        samples,
                        tried.subList(0, Math.min(tried.size(), settings.mostTrialInputs())));
            }
            try (Runner ready = runner(prepared.graph().model())) {
                double error = trials.of(ready).relativeError();
                if (!(error <= MOST_PREPARATION_ERROR)) {
                    return untouched(
                            original, "folding its constants changes its outputs by " + error + " of their size");
                }
            }
            equalize();
            calibrate();
            return choose();
        }

        private void equalize() throws IOException, EngineException {
            List<String> tensors =
                    Equalization.candidates(prepared, found.units().values());
            if (tensors.isEmpty() || !settings.isEqualized()) {
                return;
            }
            try (Runner ready = Runner.watching(
                    prepared.graph().model(), tensors, engine, settings.options(), settings.runLimit())) {
                Calibration sizes = Calibration.run(ready, tensors, samples, calibrated, progress);
                Equalization.Equalized equalized =
                        Equalization.of(prepared, found.units().values(), sizes::sizes);
                prepared = new Dataflow(Graph.of(equalized.model()));
                found = UnitFinder.find(prepared, probed.facts());
                factors.putAll(equalized.factors());
            }
        }

        private void calibrate() throws IOException, EngineException {
            Set<String> watched = new IntegerPlan(prepared, found.units(), asked).quantized();
            try (Runner ready = Runner.watching(
                    prepared.graph().model(), watched, engine, settings.options(), settings.runLimit())) {
                calibration = Calibration.run(ready, watched, samples, calibrated, progress);
                weights = new OperatorWeights(prepared.graph(), calibration::means);
            }
        }

        private Quantized choose() throws IOException, EngineException {
            Map<RangeMethod, Quality> qualities = new LinkedHashMap<>();
            RangeMethod best = null;
            progress.begin("ways of finding ranges", settings.methods().size());
            for (RangeMethod method : settings.methods()) {
                qualities.put(method, quality(calibration.ranges(method), asked));
                if (best == null || qualities.get(method).isBetterThan(qualities.get(best), settings)) {
                    best = method;
                }
                progress.step();
            }
            Map<String, Range> ranges = calibration.ranges(best);
            Set<Integer> kept = new LinkedHashSet<>(asked);
            if (!qualities.get(best).isWithin(settings)) {
                kept.addAll(search(ranges));
            }
            return result(best, qualities, ranges, kept);
        }

        private List<Integer> search(Map<String, Range> ranges) throws IOException, EngineException {
            List<Integer> candidates = new IntegerPlan(prepared, found.units(), asked)
                    .units().values().stream()
                            .filter(unit -> !unit.keepsScale())
                            .map(unit -> unit.node().index())
                            .toList();
            Sensitivity.Trial trial = kept -> {
                Set<Integer> all = new LinkedHashSet<>(asked);
                all.addAll(kept);
                return quality(ranges, all);
            };
            return new Sensitivity(trial, settings, progress).search(candidates);
        }

        private Quality quality(Map<String, Range> ranges, Collection<Integer> kept)
                throws IOException, EngineException {
            IntegerPlan plan = new IntegerPlan(prepared, found.units(), kept);
            try (Runner variant = runner(new QdqWriter(plan, ranges, weights).write())) {
                return trials.of(variant);
            }
        }

        private Quantized result(
                RangeMethod method, Map<RangeMethod, Quality> qualities, Map<String, Range> ranges, Set<Integer> kept)
                throws IOException, EngineException {
            IntegerPlan plan = new IntegerPlan(prepared, found.units(), kept);
            QdqWriter writer = new QdqWriter(plan, ranges, weights);
            OnnxModel model = writer.write();
            Quality quality;
            try (Runner runner = runner(model)) {
                quality = trials.of(runner);
            }
            QuantizeReport report = new QuantizeReport(
                    "",
                    method,
                    qualities,
                    quality,
                    calibrated.size(),
                    !heldOut.isEmpty(),
                    plan.units().values().stream().map(Unit::label).toList(),
                    floatNodes(plan, kept),
                    storedBytes(probed.graph().model()),
                    storedBytes(model));
            Map<String, QuantizedTensor> tensors = new LinkedHashMap<>(writer.tensors());
            factors.forEach((name, each) -> tensors.computeIfPresent(name, (key, tensor) -> tensor.dividedBy(each)));
            return new Quantized(model, tensors, report);
        }

        private Map<String, String> floatNodes(IntegerPlan plan, Set<Integer> kept) {
            Map<String, String> reasons = new LinkedHashMap<>();
            for (Unit unit : found.units().values()) {
                int index = unit.node().index();
                if (asked.contains(index)) {
                    reasons.put(unit.label(), "asked for");
                } else if (kept.contains(index)) {
                    reasons.put(unit.label(), "the budget does not hold with its integers");
                } else if (!plan.units().containsKey(index)) {
                    reasons.put(unit.label(), "what it reads is no integer");
                }
            }
            reasons.putAll(found.refused());
            return reasons;
        }

        private Runner runner(OnnxModel model) throws IOException, EngineException {
            return Runner.of(model, engine, settings.options(), settings.runLimit());
        }
    }
}
