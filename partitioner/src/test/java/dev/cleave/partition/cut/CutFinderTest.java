package dev.cleave.partition.cut;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.TensorFacts;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CutFinderTest {
    @TempDir
    Path folder;

    @Test
    void putsSkippedTensorsAndTailOnlyInputsIntoTheBoundary() throws Exception {
        Cuts cuts = find(new ModelBuilder()
                .input("x", 4)
                .input("late", 4)
                .node("Exp", "x", "a")
                .node("Sin", "a", "b")
                .node("Cos", "b", "c")
                .node("Sum", "c a late x", "y")
                .output("y", "b"));
        assertThat(cuts.all())
                .extracting(Cut::boundary)
                .containsExactly(
                        List.of("x", "late", "a"), List.of("x", "late", "a", "b"), List.of("x", "late", "a", "c"));
        assertThat(cuts.all()).extracting(Cut::earlyOutputs).containsExactly(List.of(), List.of("b"), List.of("b"));
        assertThat(cuts.all()).extracting(Cut::lateOutputs).containsOnly(List.of("y", "b"), List.of("y"));
    }

    @Test
    void offersNoCutInsideAFusedBlock() throws Exception {
        Cuts cuts = find(new ModelBuilder()
                .input("x", 1, 3, 8, 8)
                .weights("w", 3, 3, 3, 3)
                .floats("g", 1, 1, 1)
                .node("Conv", "x w", "c1")
                .node("BatchNormalization", "c1 g g g g", "n1")
                .node("Relu", "n1", "r1")
                .node("Conv", "r1 w", "c2")
                .node("Sigmoid", "c2", "s2")
                .node("Mul", "c2 s2", "silu")
                .node("Conv", "silu w", "c3")
                .node("Add", "c3 r1", "sum")
                .node("Relu", "sum", "r3")
                .node("MaxPool", "r3", "y")
                .with("kernel_shape", 2L, 2L)
                .output("y"));
        assertThat(cuts.all())
                .extracting(Cut::boundary)
                .containsExactly(List.of("r1"), List.of("r1", "silu"), List.of("r1", "c3"), List.of("r3"));
        assertThat(cuts.refusals())
                .filteredOn(refusal -> refusal.point().equals("n1"))
                .extracting(Refusal::reason)
                .containsExactly("it separates Conv \"Conv_c1\" from Relu \"Relu_r1\", which run as one");
        assertThat(cuts.at(List.of("n1")).boundary()).containsExactly("n1");
    }

    @Test
    void cutsQuantisedGraphsAtTheIntegers() throws Exception {
        Cuts cuts = find(new ModelBuilder()
                .input("x", 4)
                .weights("w", 4, 4)
                .scalar("s", 0.1f)
                .bytes("z", ElementType.UINT8, new long[0], (byte) 0)
                .node("QuantizeLinear", "x s z", "xq")
                .node("DequantizeLinear", "xq s z", "xd")
                .node("MatMul", "xd w", "m1")
                .node("QuantizeLinear", "m1 s z", "q1")
                .node("DequantizeLinear", "q1 s z", "d1")
                .node("MatMul", "d1 w", "m2")
                .node("QuantizeLinear", "m2 s z", "q2")
                .node("DequantizeLinear", "q2 s z", "y")
                .output("y"));
        assertThat(cuts.all()).extracting(Cut::boundary).containsExactly(List.of("q1"));
        assertThat(cuts.at(List.of("d1")).boundary()).containsExactly("q1");
    }

    @Test
    void offersNoCutInsideALayerNormalisationThatIsSpelledOut() throws Exception {
        Cuts cuts = find(new ModelBuilder()
                .input("x", 4, 8)
                .weights("w", 8, 8)
                .weights("scale", 8)
                .weights("shift", 8)
                .scalar("two", 2)
                .scalar("e", 1e-5f)
                .node("MatMul", "x w", "a")
                .node("ReduceMean", "a", "mean")
                .node("Sub", "a mean", "d")
                .node("Pow", "d two", "square")
                .node("ReduceMean", "square", "variance")
                .node("Add", "variance e", "positive")
                .node("Sqrt", "positive", "deviation")
                .node("Div", "d deviation", "normal")
                .node("Mul", "normal scale", "scaled")
                .node("Add", "scaled shift", "shifted")
                .node("MatMul", "shifted w", "b")
                .node("Add", "b a", "y")
                .output("y"));
        assertThat(cuts.all())
                .extracting(Cut::boundary)
                .containsExactly(List.of("a"), List.of("a", "shifted"), List.of("a", "b"));
    }

    /** Engines keep one of the two roundings; a cut at either tensor would do both. */
    @Test
    void offersNoCutWhereATensorIsQuantisedTwiceInARow() throws Exception {
        assertThat(find(quantisedTwice("z")).all()).extracting(Cut::boundary).containsExactly(List.of("a"));
        assertThat(find(quantisedTwice("signed")).all())
                .as("of two types, which engines keep apart")
                .extracting(Cut::boundary)
                .containsExactly(List.of("a"), List.of("q1"), List.of("q2"));
    }

    private static ModelBuilder quantisedTwice(String secondZeroPoint) {
        return new ModelBuilder()
                .input("x", 4)
                .weights("w", 4, 4)
                .scalar("s", 0.1f)
                .scalar("t", 0.2f)
                .bytes("z", ElementType.UINT8, new long[0], (byte) 3)
                .bytes("signed", ElementType.INT8, new long[0], (byte) 3)
                .node("Exp", "x", "a")
                .node("Neg", "a", "b")
                .node("QuantizeLinear", "b s z", "q1")
                .node("DequantizeLinear", "q1 s z", "d1")
                .node("QuantizeLinear", "d1 t " + secondZeroPoint, "q2")
                .node("DequantizeLinear", "q2 t " + secondZeroPoint, "d2")
                .node("MatMul", "d2 w", "y")
                .output("y");
    }

    @Test
    void refusesPointsThatAreNone() throws Exception {
        Cuts cuts = find(new ModelBuilder()
                .input("x", 4)
                .weights("w", 4)
                .node("Exp", "x", "a")
                .node("Add", "a w", "b")
                .node("Sin", "b", "y")
                .node("Cos", "a", "dead")
                .output("y"));
        assertRefused(cuts, "nowhere", "no such tensor");
        assertRefused(cuts, "w", "depends on no input");
        assertRefused(cuts, "x", "point 0");
        assertRefused(cuts, "y", "every output is made before it");
        assertThatThrownBy(() -> cuts.at(List.of("a", "b")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("cut at \"a\": nothing after the point uses it");
    }

    @Test
    void refusesToShipStateByName() throws Exception {
        ModelBuilder model = new ModelBuilder()
                .input("x", 4)
                .input("state", 4)
                .node("Exp", "x", "a")
                .node("Add", "a state", "b")
                .node("Tanh", "b", "stateN")
                .node("Sin", "stateN", "y")
                .node("Cos", "y", "z")
                .output("z", "stateN");
        Graph graph = Graph.of(model.read(folder));
        List<StatePair> state = StatePair.detect(graph);
        assertThat(state).containsExactly(new StatePair("state", "stateN"));
        Cuts cuts = CutFinder.find(new Dataflow(graph), facts(graph), state);
        assertThat(cuts.all()).extracting(Cut::point).containsExactly("a", "stateN", "y");
        assertThat(cuts.at(List.of("a")).earlyOutputs()).as("the gateway's").isEmpty();
        assertThat(cuts.at(List.of("y")).earlyOutputs()).as("the device's").containsExactly("stateN");
        assertRefused(cuts, "b", "it would ship state: \"stateN\" (fed back to \"state\") is made after it");
        assertThatThrownBy(() ->
                        CutFinder.find(new Dataflow(graph), facts(graph), List.of(new StatePair("state", "nothing"))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("state pair \"state\", \"nothing\"");
    }

    /** A gate reads the state beside the sum that makes the next one. */
    @Test
    void completesAHeadByWhatItsStateNeeds() throws Exception {
        Graph graph = Graph.of(new ModelBuilder()
                .input("x", 4)
                .input("state", 4)
                .node("Exp", "x", "a")
                .node("Mul", "a state", "gated")
                .node("Add", "a state", "stateN")
                .node("Sin", "gated", "y")
                .node("Cos", "y", "z")
                .output("z", "stateN")
                .read(folder));
        Cuts cuts = CutFinder.find(new Dataflow(graph), facts(graph), List.of(new StatePair("state", "stateN")));
        Cut gated = cuts.at(List.of("gated"));
        assertThat(gated.boundary()).containsExactly("gated");
        assertThat(gated.earlyOutputs()).containsExactly("stateN");
        Cut before = cuts.at(List.of("a"));
        assertThat(before.boundary()).as("state stays").containsExactly("a");
        assertThat(before.lateOutputs()).containsExactly("z", "stateN");
        assertThat(cuts.all()).extracting(Cut::point).containsExactly("a", "gated", "y");
    }

    @Test
    void findsStateByTheUsualNamesOnly() throws Exception {
        Graph graph = Graph.of(new ModelBuilder()
                .input("past_key_values.0.key", ElementType.FLOAT32, 1, 2)
                .input("h_in", 1, 2)
                .input("input", 1, 2)
                .node("Exp", "past_key_values.0.key", "present_key_values.0.key")
                .node("Sin", "h_in", "h_out")
                .node("Cos", "input", "output")
                .output("present_key_values.0.key", ElementType.FLOAT32, 1, 2)
                .output("h_out", ElementType.FLOAT32, 1, 2)
                .output("output", ElementType.FLOAT32, 1, 2)
                .read(folder));
        assertThat(StatePair.detect(graph))
                .containsExactly(
                        new StatePair("past_key_values.0.key", "present_key_values.0.key"),
                        new StatePair("h_in", "h_out"));
    }

    @Test
    void ordersALadderAndRefusesPointsThatDoNotNest() throws Exception {
        Cuts cuts = find(new ModelBuilder()
                .input("x", 4)
                .node("Exp", "x", "a")
                .node("Sin", "a", "left")
                .node("Cos", "a", "right")
                .node("Add", "left right", "b")
                .node("Neg", "b", "y")
                .output("y"));
        Cut a = cuts.at(List.of("a"));
        Cut b = cuts.at(List.of("b"));
        Cut left = cuts.at(List.of("left"));
        Cut right = cuts.at(List.of("right"));
        assertThat(Ladder.of(List.of(b, left, a)).points()).containsExactly(a, left, b);
        assertThatThrownBy(() -> Ladder.of(List.of(left, right)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("points \"a+left\" and \"a+right\" are not nested");
        assertThatThrownBy(() -> Ladder.of(List.of(a, a)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("are the same");
    }

    @Test
    void spreadsTheNarrowestPointsOverTheWork() throws Exception {
        ModelBuilder model = new ModelBuilder().input("v0", 4);
        for (int i = 0; i < 40; i++) {
            model.node("Sin", "v" + i, "v" + (i + 1));
        }
        Cuts cuts = find(model.output("v40"));
        NarrowestLadder narrowest = new NarrowestLadder(
                cut -> cut.size() % 10 == 5 ? 1 : 100, cut -> cut.size() / 40.0, cut -> cut.size() != 15);
        assertThat(narrowest.choose(cuts.all(), 4).points())
                .extracting(Cut::size)
                .containsExactly(5, 10, 25, 35);
        assertThat(narrowest.choose(cuts.all(), 100).size()).isEqualTo(39);
    }

    private Cuts find(ModelBuilder model) throws ModelException {
        Graph graph = Graph.of(model.read(folder));
        return CutFinder.find(new Dataflow(graph), facts(graph), List.of());
    }

    /** Says of every tensor that it is one float. */
    private static TensorFacts facts(Graph graph) {
        Map<String, TensorSpec> specs = new LinkedHashMap<>();
        Map<String, Shape> seen = new LinkedHashMap<>();
        graph.values().forEach(value -> {
            specs.put(value.name(), new TensorSpec(value.name(), ElementType.FLOAT32, Shape.of(1)));
            seen.put(value.name(), Shape.of(1));
        });
        return new TensorFacts(specs, seen, Map.of());
    }

    private static void assertRefused(Cuts cuts, String tensor, String reason) {
        assertThatThrownBy(() -> cuts.at(List.of(tensor)))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("cut at \"" + tensor + "\"")
                .hasMessageContaining(reason);
    }
}
