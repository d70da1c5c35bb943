package dev.cleave.partition.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Reference;
import dev.cleave.bundle.ValueHistogram;
import dev.cleave.codec.CodecParams;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.split.SplitRequest;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReferenceProbeTest extends SplitFixture {
    private static final int INPUTS = 40;

    @Test
    void everyBoundaryTensorAndOutputIsCounted() throws Exception {
        Reference reference = reference(splits.request(layers(), "h1", "h2"), Splits.vectors(INPUTS, 8));
        assertThat(reference.inputs()).isEqualTo(INPUTS);
        assertThat(reference.boundaries())
                .extracting(
                        Reference.Boundary::point,
                        Reference.Boundary::tensor,
                        boundary -> boundary.values().total())
                .containsExactly(tuple(0, "x", INPUTS * 8L), tuple(1, "h1", INPUTS * 6L), tuple(2, "h2", INPUTS * 5L));
        assertThat(reference.outputs())
                .extracting(Reference.Output::tensor, output -> output.values().total())
                .containsExactly(tuple("y", INPUTS * 4L));
        ValueHistogram rectified = reference.boundaries().get(1).values();
        assertThat(rectified.edges().get(0)).isZero();
        assertThat(rectified.zeros()).isBetween(INPUTS * 1L, INPUTS * 5L);
    }

    @Test
    void boundariesAreCountedAsTheGatewayGetsThem() throws Exception {
        Bundle bundle = split(splits.request(layers(), "h1").withWantedAgreement(0), Splits.vectors(INPUTS, 8));
        CodecParams.Quant coarse = (CodecParams.Quant)
                bundle.contract().points().get(1).levels().get(0).codecs().get(0);
        assertThat(coarse.levels()).isEqualTo(CodecParams.Quant.MIN_LEVELS);
        ValueHistogram decoded =
                bundle.manifest().reference().boundaries().get(1).values();
        // So few levels leave few different numbers; the tensor itself has hundreds.
        long used = decoded.counts().stream().filter(count -> count > 0).count();
        assertThat(used).isBetween(2L, 13L);
    }

    @Test
    void classesAndMarginsAreThoseOfTheAnswers() throws Exception {
        ModelBuilder identity = new ModelBuilder()
                .input("x", "N", 3)
                .node("Tanh", "x", "h")
                .node("Tanh", "h", "y")
                .output("y");
        Samples samples = Splits.samples(INPUTS, random -> {
            float[] scores = {0, 0, 0};
            scores[random.nextInt(10) == 0 ? 2 : 1] = 5;
            return Tensor.ofFloats(Shape.of(1, 3), scores);
        });
        Reference.Classes classes =
                reference(splits.request(identity, "h"), samples).classes();
        assertThat(classes.counts()).extracting(Reference.ClassCount::label).containsExactly(1L, 2L);
        assertThat(classes.counts().get(0).count() + classes.counts().get(1).count())
                .isEqualTo(INPUTS);
        assertThat(classes.others()).isZero();
        assertThat(classes.margin().total()).isEqualTo(INPUTS);
        assertThat(classes.margin().mean()).isBetween(0.74, 0.77);
    }

    @Test
    void aReducedOutputIsTheClassItself() throws Exception {
        SplitRequest request = splits.request(layers(), "h1").withReductions(List.of(new Reduction("y", 0)));
        Reference.Classes classes =
                reference(request, Splits.vectors(INPUTS, 8)).classes();
        assertThat(classes.counts().stream()
                        .mapToLong(Reference.ClassCount::count)
                        .sum())
                .isEqualTo(INPUTS);
        assertThat(classes.margin()).isNull();
    }

    @Test
    void ofMoreClassesThanTheFormatHoldsTheMostFrequentStay() {
        ClassCounts counts =
                ClassCounts.forOutputs(List.of(new TensorSpec("y", ElementType.INT64, Shape.of(Shape.BATCH))));
        for (long label = 0; label < 1500; label++) {
            for (long times = label < 500 ? 1 : 2; times > 0; times--) {
                counts.add(label(label));
            }
        }
        Reference.Classes classes = counts.classes();
        assertThat(classes.counts())
                .hasSize(1000)
                .allSatisfy(each -> assertThat(each.label()).isGreaterThanOrEqualTo(500));
        assertThat(classes.others()).isEqualTo(500);
    }

    private static Tensor label(long label) {
        Tensor tensor = Tensor.allocate(ElementType.INT64, Shape.of(1));
        tensor.data().putLong(0, label);
        return tensor;
    }

    @Test
    void aModelThatNamesNoClassHasNone() throws Exception {
        ModelBuilder map = new ModelBuilder()
                .input("x", "N", 2, 3, 3)
                .node("Tanh", "x", "h")
                .node("Sigmoid", "h", "y")
                .output("y");
        Samples samples = Splits.samples(9, random -> Tensor.ofFloats(Shape.of(1, 2, 3, 3), new float[18]));
        assertThat(reference(splits.request(map, "h"), samples).classes()).isNull();
    }

    @Test
    void withoutSamplesThereIsNone() throws Exception {
        assertThat(splits.bundle(layers(), "h1").manifest().reference()).isNull();
    }

    private Reference reference(SplitRequest request, Samples samples) throws Exception {
        return split(request, samples).manifest().reference();
    }

    private Bundle split(SplitRequest request, Samples samples) throws Exception {
        return Bundle.open(splits.split(request, samples).bundle());
    }

    private static ModelBuilder layers() {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("a", 8, 6)
                .weights("b", 6, 5)
                .weights("c", 5, 4)
                .node("MatMul", "x a", "m1")
                .node("Relu", "m1", "h1")
                .node("MatMul", "h1 b", "m2")
                .node("Relu", "m2", "h2")
                .node("MatMul", "h2 c", "y")
                .output("y", ElementType.FLOAT32, "N", 4);
    }
}
