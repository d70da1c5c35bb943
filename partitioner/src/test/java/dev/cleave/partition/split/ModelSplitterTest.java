package dev.cleave.partition.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.CalibrationRecord;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.Manifest.PointMeasurement;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.codec.CodecParams;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.reduce.Reduction;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ModelSplitterTest extends SplitFixture {
    @Test
    void pointsThatAreNamedMakeTheLadderInTheOrderOfTheirHeads() throws Exception {
        Contract contract = contract(splits.request(layers(), "h3", "h1"));
        assertThat(contract.splitPoints()).isEqualTo(2);
        assertThat(boundary(contract, 1)).containsExactly("h1");
        assertThat(boundary(contract, 2)).containsExactly("h3");
        assertThat(contract.modelName()).isEqualTo("model");
        assertThat(contract.maxBatch()).isGreaterThan(1);
    }

    @Test
    void pointsThatAreNotNestedAreRefusedByName() {
        ModelBuilder branches = new ModelBuilder()
                .input("x", "N", 8)
                .weights("wl", 8, 8)
                .weights("wr", 8, 8)
                .node("MatMul", "x wl", "left")
                .node("MatMul", "x wr", "right")
                .node("Sub", "left right", "y")
                .output("y");
        assertThatThrownBy(() -> contract(splits.request(branches, "left", "right")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("left")
                .hasMessageContaining("right")
                .hasMessageContaining("are not nested");
        assertThatThrownBy(() -> contract(splits.request(branches, "middle")))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("\"middle\"");
    }

    @Test
    void nothingBeforeThePrivacyFloorIsOffered() throws Exception {
        SplitRequest request = splits.request(layers()).withNotBefore("h2");
        Contract automatic = contract(request.withCount(4));
        assertThat(automatic.privacyFloor()).isEqualTo(1);
        assertThat(boundary(automatic, 1)).isNotEqualTo(List.of("h1"));
        Contract named = contract(request.withAt(List.of(List.of("h1"), List.of("h2"), List.of("h3"))));
        assertThat(named.privacyFloor()).isEqualTo(2);
        assertThatThrownBy(() -> contract(request.withAt(List.of(List.of("h1")))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("\"h2\"");
    }

    @Test
    void aPlannedLadderHasAsManyPointsAsNestAndItsTableHasARowForEach() throws Exception {
        SplitRequest request = splits.request(layers()).withPlanned(true);
        for (int count = 1; count <= 3; count++) {
            Bundle bundle = splits.bundle(request.withCount(count));
            assertThat(bundle.contract().splitPoints()).isEqualTo(count);
            assertThat(planned(bundle)).hasSize(count + 2);
        }
        Bundle all = splits.bundle(request.withCount(9));
        assertThat(all.contract().splitPoints())
                .as("four layers have three borders")
                .isEqualTo(3);
        Bundle named = splits.bundle(request.withAt(List.of(List.of("h2"))));
        assertThat(planned(named)).containsExactly(0, 1, 2);
        assertThat(named.manifest().plan().rows())
                .allSatisfy(row -> assertThat(row.measured()).isTrue());
    }

    private static List<Integer> planned(Bundle bundle) {
        return bundle.manifest().plan().rows().stream().map(row -> row.point()).toList();
    }

    @Test
    void withoutSamplesFloatsCrossAsHalvesAndNothingIsMeasured() throws Exception {
        SplitResult result = splits.split(splits.request(layers(), "h1"), null);
        assertThat(result.measurements()).isEmpty();
        assertThat(result.contract().points().get(1).levels().get(0).codecs()).containsExactly(new CodecParams.Fp16());
        assertThat(result.contract().points().get(1).levels().get(1).codecs()).containsExactly(new CodecParams.Raw());
    }

    @Test
    void withSamplesEveryPointIsMeasured() throws Exception {
        SplitResult result = splits.split(
                splits.request(layers(), "h1", "h2"),
                Splits.samples(
                        40,
                        random -> Tensor.ofFloats(Shape.of(1, 8), new float[] {
                            (float) random.nextGaussian(), 1, -1, (float) random.nextGaussian(), 0, 2, 3, 4
                        })));
        assertThat(result.metric()).isEqualTo("top-1");
        assertThat(result.measurements()).allSatisfy(measured -> {
            boolean coarse = measured.level().equals(QualityLevel.COARSE);
            assertThat(measured.agreement()).isGreaterThanOrEqualTo(coarse ? 0.9 : 0.99);
            assertThat(measured.inputs()).isEqualTo(10);
            assertThat(measured.wireBytesMean()).isPositive();
            assertThat(measured.elements()).isEqualTo(8);
        });
        assertThat(result.measurements())
                .extracting(PointMeasurement::point)
                .contains(1, 2)
                .isSorted();
        Bundle written = Bundle.open(result.bundle());
        assertThat(written.id()).isEqualTo(result.id());
        assertThat(written.manifest().measurements()).isEqualTo(result.measurements());
        for (LadderPoint point : written.contract().points().subList(1, 3)) {
            List<String> measured = result.measurements().stream()
                    .filter(any -> any.point() == point.index())
                    .map(PointMeasurement::level)
                    .collect(Collectors.toList());
            measured.add(QualityLevel.RAW);
            assertThat(point.levels()).extracting(QualityLevel::name).isEqualTo(measured);
        }
        CalibrationRecord calibration = written.manifest().calibration();
        assertThat(calibration).isEqualTo(result.calibration());
        assertThat(calibration.apart()).isTrue();
        assertThat(List.of(calibration.learn(), calibration.choose(), calibration.report()))
                .containsExactly(10, 20, 10);
        assertThat(calibration.inputs()).hasSize(40).doesNotHaveDuplicates();
        assertThat(calibration.curves())
                .hasSize(2)
                .allSatisfy(curve -> assertThat(curve.tried()).hasSizeGreaterThan(4));
    }

    /** Answers that are partly thrown dice agree with themselves only now and then: no coding keeps such a budget. */
    @Test
    void aBudgetThatNoPointCanKeepIsRefusedBeforeAnythingIsWritten() throws Exception {
        ModelBuilder dice = new ModelBuilder()
                .input("x", "N", 8)
                .weights("w1", 8, 8)
                .node("MatMul", "x w1", "h1")
                .node("Tanh", "h1", "h2")
                .node("RandomNormalLike", "h2", "noise")
                .node("Add", "h2 noise", "y")
                .output("y", ElementType.FLOAT32, "N", 8);
        SplitRequest request = splits.request(dice, "h1", "h2");
        assertThatThrownBy(() -> splits.split(request, Splits.vectors(40, 8)))
                .isInstanceOf(UnmetBudgetException.class)
                .hasMessageContaining("2 of 2 points keep fewer than 98.0 % of the answers however they are coded;")
                .hasMessageContaining("closest is h")
                .hasMessageContaining("bytes (raw)");
        assertThat(folder.resolve("model.cleave")).doesNotExist();
    }

    @Test
    void aReducedOutputIsMadeByTheLastSegment() throws Exception {
        Contract contract = contract(splits.request(layers(), "h1").withReductions(List.of(new Reduction("y", 0))));
        assertThat(contract.outputs())
                .extracting(TensorSpec::name, TensorSpec::type)
                .containsExactly(tuple("y.argmax", ElementType.INT64), tuple("y.max", ElementType.FLOAT32));
        assertThatThrownBy(() ->
                        contract(splits.request(layers(), "h1").withReductions(List.of(new Reduction("scores", 0)))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx: the model has no output \"scores\"");
    }

    private Contract contract(SplitRequest request) throws Exception {
        return splits.split(request, null).contract();
    }

    private static List<String> boundary(Contract contract, int point) {
        return contract.points().get(point).specs().stream()
                .map(TensorSpec::name)
                .toList();
    }

    /** x, h1, h2, h3, y: four layers of eight. */
    private static ModelBuilder layers() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 8);
        String last = "x";
        for (int layer = 1; layer <= 4; layer++) {
            String made = layer == 4 ? "y" : "h" + layer;
            model.weights("w" + layer, 8, 8)
                    .node("MatMul", last + " w" + layer, "m" + layer)
                    .node("Tanh", "m" + layer, made);
            last = made;
        }
        return model.output("y", ElementType.FLOAT32, "N", 8);
    }
}
