package dev.cleave.partition;

import dev.cleave.engine.Engine;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.CutFinder;
import dev.cleave.partition.cut.Cuts;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.cut.NarrowestLadder;
import dev.cleave.partition.cut.StatePair;
import dev.cleave.partition.cut.WorkEstimate;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What there is to know of a model before anything is cut: its operators, what running it showed, and the points at
 * which it can be cut. Immutable.
 *
 * @param model as it was probed
 * @param state tensors that loop back
 * @param cuts the legal points
 * @param work how the computation is spread
 */
public record ModelSummary(ProbedModel model, List<StatePair> state, Cuts cuts, WorkEstimate work) {
    /** Reads, probes and searches a model; state is found by its names. */
    public static ModelSummary of(OnnxModel model, Engine engine, ProbeSettings settings) throws ModelException {
        ProbedModel probed = new ShapeProbe(engine, settings).probe(model);
        return of(probed, StatePair.detect(probed.graph()));
    }

    /** Searches a probed model with the given state. */
    public static ModelSummary of(ProbedModel probed, List<StatePair> state) throws ModelException {
        return new ModelSummary(
                probed,
                List.copyOf(state),
                CutFinder.find(probed.flow(), probed.facts(), state),
                new WorkEstimate(probed.flow(), probed.facts()));
    }

    /** Number of nodes, those that no output needs included. */
    public int nodes() {
        return model.graph().nodes().size();
    }

    /** Number of nodes for each operator, most frequent first. */
    public Map<String, Integer> operators() {
        return model.graph().operators();
    }

    /**
     * A point with its figures.
     *
     * @param boundary declarations of the tensors that cross
     * @param bytes that cross for one row, as they are
     * @param workBefore share of all work that lies before the point, 0..1
     */
    public record Point(Cut cut, List<TensorSpec> boundary, long bytes, double workBefore) {
        /** Whether requests may be joined here. */
        public boolean isBatched() {
            return boundary.stream().allMatch(spec -> spec.shape().isBatched());
        }
    }

    /** Figures of any cut of this model. */
    public Point point(Cut cut) {
        return new Point(
                cut,
                cut.boundary().stream().map(name -> model.facts().spec(name)).toList(),
                cut.boundary().stream().mapToLong(model.facts()::bytes).sum(),
                work.shareBefore(cut));
    }

    /** All points on offer, smallest head first. */
    public List<Point> points() {
        return cuts.all().stream().map(this::point).toList();
    }

    /** @throws ModelException saying why there is no legal point, if there is none */
    public void requireCut() throws ModelException {
        if (cuts.noneBecause() != null) {
            throw new ModelException("model " + model.graph().model().file() + ": " + cuts.noneBecause());
        }
    }

    /**
     * Refuses state, where runs of the model are measured one by one.
     *
     * @throws ModelException naming the tensors that loop back, if there are some
     */
    public void requireStateless() throws ModelException {
        if (!state.isEmpty()) {
            throw new ModelException("model " + model.graph().model().file() + ": output \""
                    + state.get(0).output() + "\" is fed back as input \""
                    + state.get(0).input()
                    + "\"; expected a model without state, others are not planned (split --at names their points)");
        }
    }

    /**
     * Refuses state that cannot be carried from one run to the next: a stream begins with zeros, and what a run leaves the next one takes.
     *
     * @throws ModelException naming the state, its shape and the expectation
     */
    public void requireCarriedState() throws ModelException {
        for (StatePair pair : state) {
            TensorSpec input = model.facts().spec(pair.input());
            TensorSpec output = model.facts().spec(pair.output());
            if (input == null || !input.shape().withRows(1).isStatic()) {
                throw refusedState(pair.input(), input, "a fixed one, so that a stream can begin with zeros");
            }
            if (output == null
                    || output.type() != input.type()
                    || !output.shape().equals(input.shape())) {
                throw refusedState(pair.output(), output, "that of the input " + input + ", which it becomes");
            }
        }
        if (state.size() == model.outputs().size()) {
            throw new ModelException("model " + model.graph().model().file()
                    + ": every output is state; expected at least one that is an answer");
        }
    }

    private ModelException refusedState(String name, TensorSpec spec, String expected) {
        return new ModelException("model " + model.graph().model().file() + ": state \"" + name + "\" has shape "
                + (spec == null ? "unknown" : spec.type().jsonName() + spec.shape()) + "; expected " + expected);
    }

    /** {@link #narrowest(int, Cut)} without a floor. */
    public Ladder narrowest(int count) throws ModelException {
        return narrowest(count, null);
    }

    /**
     * At most {@code count} points: the narrowest ones between layers (anywhere, if there are none such), spread over
     * the work, different layers between any two of them if there are enough such. Points at which requests may be
     * joined, and less crosses than the inputs are, come before others.
     *
     * @param floor the earliest cut that may be used, or null
     * @throws ModelException saying why there is no legal point, if there is none
     */
    public Ladder narrowest(int count, Cut floor) throws ModelException {
        return narrowest(List.of(), count, floor);
    }

    /**
     * {@link #narrowest(int, Cut)} with points that are chosen already, at or after the floor.
     *
     * @param given nested; all are in the ladder
     */
    public Ladder narrowest(List<Cut> given, int count, Cut floor) throws ModelException {
        requireCut();
        List<BitSet> layers = given.stream().map(work::layersBefore).toList();
        List<Cut> usable = usable(cuts.all(), floor).stream()
                .filter(cut -> given.isEmpty() || !layers.contains(work.layersBefore(cut)))
                .toList();
        Map<Cut, Point> points = new IdentityHashMap<>();
        usable.forEach(cut -> points.put(cut, point(cut)));
        given.forEach(cut -> points.put(cut, point(cut)));
        long inputBytes = model.inputs().stream()
                .mapToLong(input -> model.facts().bytes(input.name()))
                .sum();
        NarrowestLadder narrowest = new NarrowestLadder(
                cut -> points.get(cut).bytes(),
                cut -> points.get(cut).workBefore(),
                cut -> points.get(cut).isBatched() && points.get(cut).bytes() < inputBytes);
        List<Cut> between = usable.stream().filter(work::isBetweenLayers).toList();
        if (between.isEmpty()) {
            return narrowest.choose(given, usable, count);
        }
        Ladder ladder = narrowest.choose(
                given, work.onePerLayer(between, cut -> points.get(cut).bytes()), count);
        return ladder.size() == count ? ladder : narrowest.choose(given, between, count);
    }

    /**
     * Those at or after the floor, and not such that all inputs cross anyway, where CLOUD sends less; if others are left.
     *
     * @param floor the earliest cut that may be used, or null
     */
    public List<Cut> usable(Collection<Cut> some, Cut floor) {
        List<Cut> allowed = some.stream()
                .filter(cut -> floor == null || floor.isWithin(cut))
                .toList();
        Set<String> inputs = new HashSet<>(model.graph().inputs().keySet());
        state.forEach(pair -> inputs.remove(pair.input()));
        List<Cut> useful = allowed.stream()
                .filter(cut -> !cut.boundary().containsAll(inputs))
                .toList();
        return useful.isEmpty() ? allowed : useful;
    }

    /**
     * The ladder of points that are named by their tensors.
     *
     * @throws ModelException naming a point that is not legal, or two that are not nested
     */
    public Ladder at(List<List<String>> points) throws ModelException {
        List<Cut> chosen = new ArrayList<>();
        for (List<String> tensors : points) {
            chosen.add(cuts.at(tensors));
        }
        return Ladder.of(chosen);
    }

    /**
     * This summary with the rows of a ladder's boundaries checked by running; a tensor whose rows turn out to depend on
     * each other loses its batch dimension.
     */
    public ModelSummary confirmRows(Ladder ladder, Engine engine, ProbeSettings settings) throws ModelException {
        List<String> tensors =
                ladder.points().stream().flatMap(cut -> cut.boundary().stream()).toList();
        ProbedModel confirmed = new ShapeProbe(engine, settings).confirmRows(model, tensors);
        return new ModelSummary(confirmed, state, cuts, work);
    }
}
