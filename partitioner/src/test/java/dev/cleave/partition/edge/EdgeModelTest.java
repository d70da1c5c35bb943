package dev.cleave.partition.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.answer.Values;
import dev.cleave.codec.BoundaryTensor;
import dev.cleave.codec.Quantization;
import dev.cleave.engine.Session;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.extract.CutGraphs;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.quantize.QuantizeSettings;
import dev.cleave.partition.quantize.Quantized;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.shape.ShapeProbe;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a device that runs integers can stop, and what it then hands over. */
class EdgeModelTest extends SplitFixture {
    private static final Samples PICTURES = Networks.pictures(1);

    private Edges edges(ModelBuilder model, QuantizeSettings settings) throws Exception {
        return Edges.of(model, folder, splits.engine(), settings);
    }

    private Edges edges(ModelBuilder model) throws Exception {
        return edges(model, Edges.LAX);
    }

    @Test
    void atEveryCutOfTheFloatModelTheSameTensorsCross() throws Exception {
        Edges edges = edges(Networks.residual());
        List<Cut> cuts = edges.floats().cuts().all();
        assertThat(cuts).extracting(Cut::point).contains("p1", "p1+r2", "r3", "c4+r5", "j");
        assertThat(cuts).allSatisfy(cut -> {
            Cut same = edges.edge().at(cut);
            assertThat(edges.edge().whyNot(cut)).isNull();
            assertThat(same.boundary()).hasSameElementsAs(cut.boundary());
            assertThat(edges.edge().forms().keySet()).containsAll(cut.boundary());
        });
    }

    /** The planner asks for each cut many times. */
    @Test
    void aCutIsLookedForOnce() throws Exception {
        Edges edges = edges(Networks.residual());
        Cut cut = edges.floats().at(List.of(List.of("p1"))).points().get(0);
        Cut again = edges.floats().at(List.of(List.of("p1"))).points().get(0);
        assertThat(again).isNotSameAs(cut);
        assertThat(edges.edge().at(again)).isSameAs(edges.edge().at(cut));
    }

    @Test
    void laddersKeepTheirPoints() throws Exception {
        Edges edges = edges(Networks.residual());
        Ladder floats = edges.floats().at(List.of(List.of("r3"), List.of("p1"), List.of("j")));
        Ladder integers = edges.edge().at(floats);
        assertThat(integers.points())
                .extracting(Cut::boundary)
                .containsExactly(List.of("p1"), List.of("r3"), List.of("j"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void integersStandForTheFloatModelsValues(long seed) throws Exception {
        assertStandsForFloats(edges(RandomNetworks.of(seed)));
    }

    @Test
    void integersOfEqualisedChannelsStandForTheFloatModelsValues() throws Exception {
        Edges edges = edges(Networks.uneven());
        Quantization form = edges.edge().forms().get("r1");
        assertThat(form.axis()).isEqualTo(1);
        assertThat(form.scale()).hasSize(Networks.CHANNELS).isSortedAccordingTo(Comparator.reverseOrder());
        assertStandsForFloats(edges);
    }

    /** On average less than a step apart. */
    private void assertStandsForFloats(Edges edges) throws Exception {
        EdgeModel edge = edges.edge();
        CutGraphs floats = graphs(edges.floats().model(), "float.bin");
        CutGraphs integers = graphs(edge.summary().model(), "integers.bin");
        List<Cut> cuts =
                edges.floats().cuts().all().stream().filter(edge::offers).toList();
        assertThat(cuts).hasSizeGreaterThan(1);
        for (Cut cut : cuts) {
            Map<String, Tensor> expected = head(floats, cut);
            Map<String, Tensor> actual = head(integers, edge.at(cut));
            for (String name : cut.boundary()) {
                if (edge.forms().containsKey(name)) {
                    TensorSpec spec = edge.floats().facts().spec(name);
                    Quantization form = edge.forms().get(name);
                    assertThat(actual.get(name).type()).isEqualTo(ElementType.UINT8);
                    Tensor real = new BoundaryTensor(spec, form).real(actual.get(name));
                    assertThat(spec.mismatch(real)).isNull();
                    assertThat(meanDistance(real, expected.get(name)))
                            .as("%s of the cut at %s", name, cut.point())
                            .isLessThan(
                                    form.scale().stream().max(Float::compare).orElseThrow());
                    assertThat(Values.relativeL2(real, expected.get(name))).isLessThan(0.05);
                }
            }
        }
    }

    private static double meanDistance(Tensor one, Tensor other) {
        FloatBuffer left = one.data().asFloatBuffer();
        FloatBuffer right = other.data().asFloatBuffer();
        double sum = 0;
        while (left.hasRemaining()) {
            sum += Math.abs(left.get() - right.get());
        }
        return sum / one.elements();
    }

    private CutGraphs graphs(ProbedModel model, String weights) throws Exception {
        return new CutGraphs(model.flow(), model.facts(), folder.resolve(weights));
    }

    private Map<String, Tensor> head(CutGraphs graphs, Cut cut) throws Exception {
        try (Session session = splits.engine().load(graphs.source(graphs.head(cut)), SessionOptions.defaults())) {
            Map<String, Tensor> made = new LinkedHashMap<>(PICTURES.get(0).inputs());
            made.putAll(session.run(PICTURES.get(0).inputs()));
            return made;
        }
    }

    @Test
    void aTensorThatIsFloatInTheIntegerModelCrossesAsItIs() throws Exception {
        Edges edges = edges(Networks.residual(), Edges.LAX.withKeptInFloat(Set.of("c4", "c5", "y")));
        Cut cut = edges.floats().cuts().at(List.of("r3"));
        assertThat(edges.edge().at(cut).boundary()).containsExactly("r3");
        assertThat(edges.quantized().report().floatNodes()).isNotEmpty();
    }

    @Test
    void refusesACutWhereIntegersHaveAnotherForm() throws Exception {
        Edges edges = edges(Networks.residual());
        Map<String, Quantization> forms = new LinkedHashMap<>(edges.edge().forms());
        forms.remove("p1");
        EdgeModel lacking = with(edges.edge(), forms, Set.of());
        assertRefused(edges, lacking, "p1", "tensor \"p1\" is other uint8 values in the integer model");
        assertThat(lacking.offers(edges.floats().cuts().at(List.of("r3")))).isTrue();
    }

    @Test
    void refusesACutWhereFloatsHaveOtherValues() throws Exception {
        Edges edges = edges(Networks.uneven(), Edges.LAX.withKeptInFloat(Set.of("c1", "c2", "c3", "r1", "r2", "y")));
        assertThat(edges.edge().forms()).isEmpty();
        EdgeModel equalised = with(edges.edge(), Map.of(), Set.of("r1"));
        assertRefused(edges, equalised, "r1", "tensor \"r1\" is other float32 values in the integer model");
        assertThat(equalised.offers(edges.floats().cuts().at(List.of("r2")))).isTrue();
    }

    /** The convolution stays in float with the weights that bring its channels to like sizes. */
    @Test
    void refusesACutBetweenAProductAndItsActivationWhereChannelsWereScaled() throws Exception {
        Edges edges = edges(Networks.uneven(), Edges.LAX.withKeptInFloat(Set.of("r1")));
        assertThat(edges.quantized().report().isEqualized()).isTrue();
        assertThat(edges.quantized().rescaled()).contains("c1");
        assertRefused(edges, edges.edge(), "c1", "tensor \"c1\" is other float32 values in the integer model");
    }

    private static EdgeModel with(EdgeModel edge, Map<String, Quantization> forms, Set<String> rescaled) {
        return new EdgeModel(edge.floats(), edge.summary(), forms, rescaled, edge.report());
    }

    /** The output t stays float, beside integers of another name that the rest reads. */
    @Test
    void refusesACutWhereOtherTensorsWouldCross() throws Exception {
        Edges edges = edges(outputHalfWay());
        assertRefused(edges, edges.edge(), "t", "in integers [t/quantized] would cross");
    }

    @Test
    void refusesACutThatTheIntegerModelDoesNotHave() throws Exception {
        Edges edges = edges(Networks.residual());
        assertRefused(edges, edges.edge(), "n2", "no such tensor");
    }

    @Test
    void anOutputThatTheHeadMakesStaysFloatBesideTheIntegers() throws Exception {
        Edges edges = edges(outputHalfWay());
        Cut later = edges.floats().cuts().at(List.of("r2"));
        assertThat(later.earlyOutputs()).containsExactly("t");
        Cut same = edges.edge().at(later);
        assertThat(same.earlyOutputs()).containsExactly("t");
        assertThat(edges.edge().summary().model().facts().spec("t").type()).isEqualTo(ElementType.FLOAT32);
        assertThat(edges.edge().forms()).containsKey("r2").doesNotContainKey("t");
    }

    @Test
    void refusesACutWhoseEarlyOutputsAreOthers() throws Exception {
        ProbedModel floats = edges(outputHalfWay()).floats().model();
        ModelBuilder later = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(later, "x", "r2", 3, Networks.CHANNELS, 1);
        later.node("Relu", "r2", "t");
        Networks.convolve(later, "r2", "y", Networks.CHANNELS, Networks.CHANNELS, 1);
        Quantized other = new Quantized(later.output("t", "y").read(folder), Map.of(), Set.of(), null);
        EdgeModel edge = EdgeModel.of(floats, other, splits.engine(), ProbeSettings.defaults());
        Cut cut = ModelSummary.of(floats, List.of()).cuts().at(List.of("r2"));
        assertThat(edge.summary().cuts().at(List.of("r2")).boundary()).isEqualTo(cut.boundary());
        assertThat(edge.whyNot(cut)).contains("cut at r2");
    }

    private static ModelBuilder outputHalfWay() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "t", 3, Networks.CHANNELS, 1);
        Networks.convolve(model, "t", "c2", Networks.CHANNELS, Networks.CHANNELS, 1);
        model.node("Relu", "c2", "r2");
        Networks.convolve(model, "r2", "y", Networks.CHANNELS, Networks.CHANNELS, 1);
        return model.output("t", "y");
    }

    private static void assertRefused(Edges edges, EdgeModel edge, String point, String reason) throws Exception {
        Cut cut = edges.floats().cuts().at(List.of(point.split("\\+")));
        assertThat(edge.offers(cut)).isFalse();
        assertThat(edge.whyNot(cut)).contains("cut at", reason).doesNotContain("\n");
        assertThatThrownBy(() -> edge.at(cut))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void refusesIntegersWhoseRowsDependOnEachOther() throws Exception {
        ProbedModel floats = edges(Networks.residual()).floats().model();
        ModelBuilder joint = new ModelBuilder()
                .input("x", "N", 3, Networks.SIDE, Networks.SIDE)
                .node("Softmax", "x", "y")
                .with("axis", 0L)
                .output("y");
        Quantized dependent = new Quantized(joint.read(folder), Map.of(), Set.of(), null);
        assertThat(new ShapeProbe(splits.engine(), ProbeSettings.defaults())
                        .probe(dependent.model())
                        .isBatched())
                .isFalse();
        assertThatThrownBy(() -> EdgeModel.of(floats, dependent, splits.engine(), ProbeSettings.defaults()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx in integers: its rows depend on each other")
                .hasMessageContaining("expected independent rows, as in float");
    }
}
