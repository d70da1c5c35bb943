package dev.cleave.partition.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.FileDigest;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.QualityLevel;
import dev.cleave.bundle.View;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.GraphProto;
import dev.cleave.onnx.TensorProto;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.calibrate.Shares;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.edge.EdgeMode;
import dev.cleave.partition.edge.RandomNetworks;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.profile.ClockedEngine;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.quantize.Networks;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.verify.Verifier;
import dev.cleave.partition.verify.VerifyReport;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Bundles whose heads run in integers. */
class IntegerSplitTest extends SplitFixture {
    private static final Samples PICTURES = Networks.pictures(24);

    private SplitRequest always(ModelBuilder model, String... points) {
        return splits.request(model, points)
                .withEdgeMode(EdgeMode.ALWAYS)
                .withMaxDisagreement(1)
                .withWantedAgreement(0.5);
    }

    @Test
    void theContractTellsWhatDevicesRunAndTheIntegersOfEachPoint() throws Exception {
        SplitResult result = splits.split(always(Networks.residual(), "p1", "p1+r2", "r3"), PICTURES);
        Contract contract = result.contract();
        assertThat(contract.precision()).isEqualTo("fp32");
        assertThat(contract.edgePrecision()).isEqualTo("int8");
        assertThat(result.edge().model()).isNotNull();
        assertThat(contract.points().get(0).boundary()).allMatch(tensor -> tensor.quantized() == null);
        for (LadderPoint point : contract.points().subList(1, 4)) {
            assertThat(point.boundary()).allSatisfy(tensor -> {
                assertThat(tensor.spec().type()).isEqualTo(ElementType.FLOAT32);
                assertThat(tensor.quantized())
                        .isEqualTo(
                                result.edge().model().forms().get(tensor.spec().name()));
            });
        }
        assertThat(result.measurements())
                .filteredOn(measured -> measured.level().equals(QualityLevel.DEFAULT))
                .hasSize(3)
                .allSatisfy(measured -> assertThat(measured.agreement()).isGreaterThanOrEqualTo(0.5));
        assertThat(Bundle.open(result.bundle()).contract()).isEqualTo(contract);
    }

    @Test
    void localIsMeasuredOnInputsThatDecidedNothing() throws Exception {
        SplitRequest request = always(Networks.residual(), "r3");
        SplitResult result = splits.split(request, PICTURES);
        VerifyReport report = new Verifier(
                        Bundle.open(result.bundle()), splits.engine(), SessionOptions.defaults(), null, Progress.NONE)
                .verify(Shares.reported(PICTURES), null, null, name -> null, false);
        VerifyReport.Point local = report.points().get(report.points().size() - 1);
        assertThat(local.kind()).isEqualTo("local");
        assertThat(result.local().of()).isEqualTo(6);
        assertThat(result.local()).isEqualTo(local.level().agreeing());
        assertThat(splits.split(request.withEdgeMode(EdgeMode.NEVER), PICTURES)
                        .local()
                        .of())
                .isZero();
    }

    @Test
    void whatWasDecidedBeforeIsNotDecidedAgain() throws Exception {
        SplitRequest always = always(Networks.residual(), "p1", "r3");
        SplitResult first = splits.split(always, PICTURES);
        SplitResult again = splits.split(always.withEdgeMode(EdgeMode.NEVER).withEdgeChoice(first.edge()), PICTURES);
        assertThat(again.edge()).isSameAs(first.edge());
        assertThat(again.contract()).isEqualTo(first.contract());
        SplitResult floats = splits.split(always.withEdgeChoice(EdgeChoice.FLOAT), PICTURES);
        assertThat(floats.contract().edgePrecision()).isEqualTo("fp32");
    }

    @Test
    void aDevicesViewHoldsIntegersAloneAndAGatewaysNone() throws Exception {
        Bundle full = Bundle.open(
                splits.split(always(Networks.residual(), "p1", "r3"), PICTURES).bundle());
        assertThat(precisions(full.contract())).contains("fp32", "int8");
        Bundle edge = view(full, View.EDGE, 2);
        assertThat(edge.id()).isEqualTo(full.id());
        assertThat(held(edge)).containsExactlyInAnyOrder("int8 segment-0", "int8 segment-1");
        assertThat(edge.offersLocal()).isFalse();
        Bundle whole = view(full, View.EDGE, 3);
        assertThat(held(whole)).contains("int8 segment-2", "int8 whole").noneMatch(graph -> graph.startsWith("fp32"));
        assertThat(whole.offersLocal()).isTrue();
        assertThat(held(view(full, View.CLOUD, 0)))
                .contains("fp32 segment-2", "fp32 tail-1", "fp32 tail-2", "fp32 whole")
                .noneMatch(graph -> graph.startsWith("int8"));
    }

    private Bundle view(Bundle full, View view, int through) throws IOException {
        var file = folder.resolve(view.jsonName() + through + ".cleave");
        BundleWriter.writeView(full, view, through, file);
        return Bundle.open(file);
    }

    private static List<String> precisions(Contract contract) {
        return contract.files().stream()
                .map(FileDigest::path)
                .filter(path -> path.startsWith("graphs/"))
                .map(path -> path.split("/")[1])
                .distinct()
                .toList();
    }

    /** The graphs of a view. */
    private static List<String> held(Bundle view) {
        return view.contract().files().stream()
                .map(file -> file.path().split("[/.]"))
                .filter(path -> path[0].equals("graphs") && view.hasGraph(path[1], path[2]))
                .map(path -> path[1] + " " + path[2])
                .toList();
    }

    @Test
    void aPlannedLadderIsOneThatIntegersHave() throws Exception {
        SplitRequest request = always(RandomNetworks.of(2)).withPlanned(true).withCount(3);
        SplitResult result = splits.split(request, PICTURES);
        assertThat(result.contract().edgePrecision()).isEqualTo("int8");
        assertThat(result.contract().splitPoints()).isEqualTo(3);
        for (LadderPoint point : result.contract().points().subList(1, 4)) {
            assertThat(point.boundary()).allMatch(tensor -> tensor.quantized() != null);
        }
    }

    @Test
    void theCutIsExactInFloatAndPointsAreMeasuredWithTheDevicesHeads() throws Exception {
        Bundle bundle = Bundle.open(splits.split(always(Networks.residual(), "p1", "p1+c3", "r3"), PICTURES)
                .bundle());
        VerifyReport report = new Verifier(bundle, splits.engine(), SessionOptions.defaults(), null, Progress.NONE)
                .verify(PICTURES, null, null, name -> null, false);
        assertThat(report.exact()).hasSize(4).allMatch(VerifyReport.Exact::withinBound);
        assertThat(report.points()).hasSize(5);
        VerifyReport.Point cloud = report.points().get(0);
        assertThat(cloud.level().maxRelError()).as("replies in halves").isLessThan(1e-3);
        for (VerifyReport.Point point : report.points().subList(1, 5)) {
            assertThat(point.level().maxRelError()).as(point.kind()).isGreaterThan(1e-3);
        }
    }

    /** Its output t is float, and what reads it reads integers of another name. */
    private static ModelBuilder outputHalfWay() {
        ModelBuilder model = new ModelBuilder().input("x", "N", 3, Networks.SIDE, Networks.SIDE);
        Networks.convolve(model, "x", "c1", 3, Networks.CHANNELS, 1);
        model.node("Relu", "c1", "r1");
        Networks.convolve(model, "r1", "t", Networks.CHANNELS, Networks.CHANNELS, 1);
        Networks.convolve(model, "t", "c2", Networks.CHANNELS, Networks.CHANNELS, 1);
        model.node("Relu", "c2", "r2");
        Networks.convolve(model, "r2", "y", Networks.CHANNELS, Networks.CHANNELS, 1);
        return model.output("t", "y");
    }

    @Test
    void aPointThatIntegersDoNotHaveIsServedInFloatOrRefusedByName() throws Exception {
        SplitRequest asked = always(outputHalfWay(), "r1", "t");
        assertThatThrownBy(() -> splits.split(asked, PICTURES))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("model.onnx in INT8: cut at t")
                .hasMessageContaining("t/quantized");
        SplitResult result = splits.split(asked.withEdgeMode(EdgeMode.AUTO), PICTURES);
        assertThat(result.contract().edgePrecision()).isEqualTo("fp32");
        assertThat(result.edge().model()).isNull();
        assertThat(result.edge().summary()).startsWith("heads in float: ");
        assertThat(precisions(result.contract())).containsExactly("fp32");
    }

    /** The point misses its budget although the whole keeps its own, which is wider here. */
    @Test
    void headsWhoseAnswersAreTooFarOffAreMadeInFloatAndThatIsSaid() throws Exception {
        assertThat(farOff(0.9, 48, (input, givesRanges) -> !givesRanges && input % 8 < 3))
                .startsWith("in INT8 1 of 1 points keep fewer than 98.0 % of the answers")
                .contains("closest is h");
    }

    /** The quantiser tries no more than 128 inputs; the whole is held against all that may be seen. */
    @Test
    void integersWhoseWholeIsTooFarOffAreNotTakenUnasked() throws Exception {
        assertThat(farOff(0.02, 400, (input, givesRanges) -> input >= 352))
                .matches("in INT8 the whole agrees on 2[67]\\d of 300 inputs, and 98\\.0 % are wanted");
    }

    /** Which inputs are all but ties. */
    private interface Ties {
        /** @param givesRanges whether the quantiser finds ranges from it */
        boolean has(int input, boolean givesRanges);
    }

    /** Why devices run floats, where integers are faster. */
    private String farOff(double maxDisagreement, int inputs, Ties ties) throws Exception {
        List<Sample> samples = new ArrayList<>();
        int seen = 0;
        for (int i = 0; i < inputs; i++) {
            boolean reports = (i + i / 4) % 4 == 3;
            boolean givesRanges = !reports && seen++ % 2 == 0;
            float[] values = {i % 48 * 20 - 480, (i % 3 == 0 ? 1 : -1) * (ties.has(i, givesRanges) ? 1 : 100)};
            samples.add(new Sample("s" + i, Map.of("x", Tensor.ofFloats(Shape.of(1, 2), values))));
        }
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 2)
                .initializer(matrix("a", 1, 0, 0, 1))
                .initializer(matrix("b", 1, 1, 1, -1))
                .node("MatMul", "x a", "h")
                .node("MatMul", "h b", "y")
                .output("y");
        SplitRequest request =
                splits.request(model, "h").withEdgeMode(EdgeMode.AUTO).withMaxDisagreement(maxDisagreement);
        try (ClockedEngine engine = ClockedEngine.costing(graph -> isInteger(graph) ? 3 : 4)) {
            SplitResult result = new ModelSplitter(
                            engine, SessionOptions.defaults(), "test", Progress.NONE, engine.clock())
                    .split(request, (probed, pictures) -> Samples.of(samples), folder.resolve("float.cleave"));
            assertThat(result.contract().edgePrecision()).isEqualTo("fp32");
            assertThat(result.edge().model()).isNull();
            return result.edge().reason();
        }
    }

    private static boolean isInteger(GraphProto graph) {
        return graph.getNodeList().stream().anyMatch(node -> node.getOpType().equals("DequantizeLinear"));
    }

    private static TensorProto matrix(String name, float... values) {
        TensorProto.Builder matrix = TensorProto.newBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT_VALUE)
                .addAllDims(List.of(2L, 2L));
        for (float value : values) {
            matrix.addFloatData(value);
        }
        return matrix.build();
    }

    @Test
    void anOutputThatTheHeadMadeStaysOnTheDevice() throws Exception {
        SplitResult result = splits.split(always(outputHalfWay(), "r2"), PICTURES);
        assertThat(result.contract().edgePrecision()).isEqualTo("int8");
        assertThat(result.contract().points().get(1).earlyOutputs()).containsExactly("t");
    }

    @Test
    void aPointThatIsNoneIsRefusedAsItIsWithoutIntegers() {
        assertThatThrownBy(() -> splits.split(always(Networks.residual(), "nowhere"), PICTURES))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("\"nowhere\"")
                .hasMessageContaining("no such tensor");
    }

    @Test
    void withoutSamplesIntegersAreRefused() {
        assertThatThrownBy(() -> splits.split(always(Networks.residual(), "p1"), null))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("ranges are found from sample inputs, and there are none");
    }
}
