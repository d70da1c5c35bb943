package dev.cleave.partition.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.partition.ModelBuilder;
import dev.cleave.tensor.ElementType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphTest {
    @TempDir
    Path folder;

    @Test
    void refusesBrokenWiringByName() {
        assertRefused(input().node("Add", "x ghost", "y").output("y"), "reads tensor \"ghost\"");
        assertRefused(input().node("Relu", "x", "y").output("y", "nothing"), "output \"nothing\"");
        assertRefused(input().node("Relu", "x", "y").node("Exp", "x", "y").output("y"), "\"y\" is made twice");
        assertRefused(input().node("Relu", "y", "x").output("x"), "\"x\" is made twice");
        assertRefused(input().node("Relu", "x", "y").output("y", "y"), "output \"y\" is there twice");
        assertRefused(input().node("Relu", "x", "y"), "has no output");
        assertRefused(input().node("Add", "x b", "a").node("Relu", "a", "b").output("b"), "cycle through");
        assertRefused(input().node("Relu", "x", "_").output("x"), "has no output");
    }

    @Test
    void refusesABodyThatReadsWhatIsNowhere() {
        ModelBuilder model = input().input("flag", ElementType.BOOL)
                .node("If", "flag", "y")
                .body("then_branch", then -> then.node("Relu", "ghost", "t").output("t"))
                .body("else_branch", other -> other.node("Relu", "x", "e").output("e"))
                .output("y");
        assertRefused(model, "reads tensor \"ghost\"");
    }

    @Test
    void refusesFunctionsThatCallEachOther() {
        ModelBuilder model = input().function("A", "p", "q", f -> f.node("local", "B", "p", "q"))
                .function("B", "p", "q", f -> f.node("local", "A", "p", "q"))
                .node("local", "A", "x", "y")
                .output("y");
        assertRefused(model, "calls itself");
    }

    @Test
    void refusesFunctionsThatExplode() {
        ModelBuilder model = input().function("F0", "p", "q", f -> f.node("Neg", "p", "q"));
        for (int i = 1; i < 64; i++) {
            String inner = "F" + (i - 1);
            model.function(
                    "F" + i, "p", "q", f -> f.node("local", inner, "p", "h").node("local", inner, "h", "q"));
        }
        assertRefused(model.node("local", "F63", "x", "y").output("y"), "expand to more than");
    }

    @Test
    void sortsNodesOnlyWhereTheFileDoesNot() throws Exception {
        Graph sorted = read(input().node("Exp", "b", "y")
                .node("Relu", "x", "a")
                .node("Neg", "a", "b")
                .output("y"));
        assertThat(sorted.nodes()).extracting(GraphNode::op).containsExactly("Relu", "Neg", "Exp");
        Graph kept = read(input().node("Relu", "x", "a")
                .node("Exp", "x", "b")
                .node("Add", "b a", "y")
                .output("y"));
        assertThat(kept.nodes()).extracting(GraphNode::op).containsExactly("Relu", "Exp", "Add");
    }

    @Test
    void takesInitializersAmongTheInputsForWeights() throws Exception {
        Graph graph = read(input().irVersion(3)
                .input("w", 4)
                .weights("w", 4)
                .node("Add", "x w", "y")
                .output("y"));
        assertThat(graph.inputs()).containsOnlyKeys("x");
        assertThat(graph.value("w").origin()).isEqualTo(Value.Origin.WEIGHT);
    }

    @Test
    void countsCapturesOfNestedBodiesAsReadsAndHidesWhatABodyDefines() throws Exception {
        Graph graph = read(input().input("flag", ElementType.BOOL)
                .weights("w", 1, 4)
                .node("Relu", "x", "a")
                .node("Neg", "x", "hidden")
                .node("If", "flag", "y")
                .body(
                        "then_branch",
                        then -> then.node("If", "flag", "t")
                                .body(
                                        "then_branch",
                                        deep -> deep.node("Add", "a w", "d").output("d"))
                                .body(
                                        "else_branch",
                                        deep -> deep.weights("hidden", 1, 4)
                                                .node("Exp", "hidden", "d")
                                                .output("d"))
                                .output("t"))
                .body("else_branch", other -> other.node("Identity", "a", "e").output("e"))
                .node("Exp", "hidden", "z")
                .output("y", "z"));
        assertThat(graph.node(2).captures()).containsExactlyInAnyOrder("flag", "a", "w");
        assertThat(graph.value("hidden").consumers()).containsExactly(3);
        assertThat(graph.value("a").consumers()).containsExactly(2);
    }

    @Test
    void tellsConstantsFromWhatRunsOnce() throws Exception {
        Graph graph = read(input().longs("shape", 1, 4)
                .node("ConstantOfShape", "shape", "zeros")
                .node("Exp", "zeros", "ones")
                .node("RandomNormalLike", "ones", "noise")
                .node("Add", "x ones", "a")
                .node("Add", "a noise", "y")
                .output("y"));
        assertThat(graph.nodes())
                .extracting(GraphNode::role)
                .containsExactly(
                        GraphNode.Role.CONSTANT,
                        GraphNode.Role.CONSTANT,
                        GraphNode.Role.ANCHORED,
                        GraphNode.Role.ANCHORED,
                        GraphNode.Role.ANCHORED);
    }

    @Test
    void looksThroughDequantisedTensorsToTheirIntegers() throws Exception {
        Graph graph = read(input().scalar("s", 0.1f)
                .bytes("z", ElementType.UINT8, new long[0], (byte) 0)
                .node("QuantizeLinear", "x s z", "q")
                .node("DequantizeLinear", "q s z", "d")
                .node("Relu", "d", "y")
                .node("Sqrt", "y", "dead")
                .output("y", "d"));
        Dataflow flow = new Dataflow(graph);
        assertThat(flow.carriers()).containsExactly("x", "q", "y");
        assertThat(List.of(flow.behind("d")[0], flow.reads(2)[0])).containsOnly(flow.carrier("q"));
        assertThat(flow.isLive(3)).isFalse();
        assertThat(flow.anchored().cardinality()).isEqualTo(2);
    }

    private static ModelBuilder input() {
        return new ModelBuilder().input("x", 1, 4);
    }

    private Graph read(ModelBuilder model) throws ModelException {
        return Graph.of(model.read(folder));
    }

    private void assertRefused(ModelBuilder model, String reason) {
        assertThatThrownBy(() -> read(model))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx")
                .hasMessageContaining(reason);
    }
}
