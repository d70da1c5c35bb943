package dev.cleave.partition.edge;

import dev.cleave.codec.Quantization;
import dev.cleave.engine.Engine;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.extract.SidedGraphs;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.quantize.QuantizeReport;
import dev.cleave.partition.quantize.Quantized;
import dev.cleave.partition.quantize.QuantizedTensor;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What devices run in place of a float model: the same network in 8-bit integers, whose tensors have the same names.
 * Gateways go on in float from any of its points. Immutable; any thread.
 */
public final class EdgeModel {
    private static final int CHANNEL_AXIS = 1;

    private final ProbedModel floats;
    private final ModelSummary summary;
    private final Map<String, Quantization> forms;
    private final Set<String> rescaled;
    private final QuantizeReport report;
    /** Cuts that were asked for. Finding one walks the graph, and planning asks for all of them again and again. */
    private final Map<Crossing, Found> found = new ConcurrentHashMap<>();

    /** What tells one cut of the float model from another. */
    private record Crossing(List<String> boundary, List<String> earlyOutputs) {}

    /** A cut, or else why there is none. */
    private record Found(Cut cut, String refusal) {}

    EdgeModel(
            ProbedModel floats,
            ModelSummary summary,
            Map<String, Quantization> forms,
            Set<String> rescaled,
            QuantizeReport report) {
        this.floats = floats;
        this.summary = summary;
        this.forms = Collections.unmodifiableMap(new LinkedHashMap<>(forms));
        this.rescaled = Set.copyOf(rescaled);
        this.report = report;
    }

    /**
     * Looks into a model that was quantised.
     *
     * @param floats what it was made from
     * @throws ModelException if it cannot stand in for the float model, saying why
     */
    public static EdgeModel of(ProbedModel floats, Quantized quantized, Engine engine, ProbeSettings settings)
            throws ModelException {
        ProbedModel probed = new ShapeProbe(engine, settings).probe(quantized.model());
        if (floats.isBatched() && !probed.isBatched()) {
            throw new ModelException("model " + floats.graph().model().file()
                    + " in integers: its rows depend on each other (" + probed.batchReason()
                    + "); expected independent rows, as in float");
        }
        Map<String, Quantization> forms = new LinkedHashMap<>();
        quantized.tensors().forEach((name, tensor) -> {
            if (tensor.integers().equals(name)) {
                forms.put(name, form(tensor));
            }
        });
        return new EdgeModel(
                floats, ModelSummary.of(probed, List.of()), forms, quantized.rescaled(), quantized.report());
    }

    private static Quantization form(QuantizedTensor tensor) {
        List<Float> channels = tensor.channelScales();
        return channels.isEmpty()
                ? new Quantization(
                        ElementType.UINT8,
                        List.of(tensor.scale()),
                        List.of(tensor.zeroPoint()),
                        Quantization.PER_TENSOR)
                : new Quantization(
                        ElementType.UINT8,
                        channels,
                        Collections.nCopies(channels.size(), tensor.zeroPoint()),
                        CHANNEL_AXIS);
    }

    /** The float model. */
    public ProbedModel floats() {
        return floats;
    }

    /** Of the quantised model. */
    public ModelSummary summary() {
        return summary;
    }

    /** Of the tensors that are integers in it, by name. */
    public Map<String, Quantization> forms() {
        return forms;
    }

    /** Tensors that are floats in it, but not those of the float model. */
    public Set<String> rescaled() {
        return rescaled;
    }

    /** Of the quantisation. */
    public QuantizeReport report() {
        return report;
    }

    /** Why the device cannot stop at a cut of the float model and hand over the same tensors, in one line; or null. */
    public String whyNot(Cut cut) {
        return found(cut).refusal;
    }

    /**
     * The cut of the quantised model at which the same tensors cross.
     *
     * @param cut of the float model
     * @throws ModelException naming the cut, if there is none
     */
    public Cut at(Cut cut) throws ModelException {
        Found same = found(cut);
        if (same.refusal != null) {
            throw new ModelException(same.refusal);
        }
        return same.cut;
    }

    private Found found(Cut cut) {
        return found.computeIfAbsent(new Crossing(cut.boundary(), cut.earlyOutputs()), crossing -> {
            try {
                return new Found(find(cut), null);
            } catch (ModelException refused) {
                return new Found(null, refused.getMessage());
            }
        });
    }

    private Cut find(Cut cut) throws ModelException {
        Cut same = summary.cuts().at(cut.boundary());
        if (!new HashSet<>(same.boundary()).equals(new HashSet<>(cut.boundary()))
                || !new HashSet<>(same.earlyOutputs()).equals(new HashSet<>(cut.earlyOutputs()))) {
            throw new ModelException("cut at " + cut.shortPoint() + ": in integers " + same.boundary()
                    + " would cross; expected what crosses in float");
        }
        for (String tensor : cut.boundary()) {
            Quantization form = forms.get(tensor);
            ElementType expected =
                    form != null ? form.type() : floats.facts().spec(tensor).type();
            ElementType type = summary.model().facts().spec(tensor).type();
            if (type != expected || rescaled.contains(tensor)) {
                throw new ModelException("cut at " + cut.shortPoint() + ": tensor \"" + tensor + "\" is other "
                        + type.jsonName() + " values in the integer model; expected those of the float model");
            }
        }
        return same;
    }

    /** Whether the device can stop at a cut of the float model. */
    public boolean offers(Cut cut) {
        return whyNot(cut) == null;
    }

    /**
     * {@link #at} for a cut that the device has.
     *
     * @throws IllegalArgumentException if it does not
     */
    public Cut atOffered(Cut cut) {
        try {
            return at(cut);
        } catch (ModelException refused) {
            throw new IllegalArgumentException(refused.getMessage(), refused);
        }
    }

    /**
     * Heads of the quantised model, tails of the float model, at cuts that the device has.
     *
     * @param gateway graphs of the float model
     * @param weights file to write for those of the quantised model
     */
    public SidedGraphs beside(CutGraphs gateway, Path weights) throws IOException {
        ProbedModel integers = summary.model();
        return new SidedGraphs(new CutGraphs(integers.flow(), integers.facts(), weights), this::atOffered, gateway);
    }

    /** The same points in the quantised model. */
    public Ladder at(Ladder ladder) throws ModelException {
        List<Cut> cuts = new ArrayList<>();
        for (Cut cut : ladder.points()) {
            cuts.add(at(cut));
        }
        return Ladder.of(cuts);
    }
}
