package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleave.bundle.BundlePath.Kind;
import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.engine.WeightsRegion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleWriterTest {
    @TempDir
    Path folder;

    private Bundle full;

    @BeforeEach
    void writeFull() throws IOException {
        full = Bundle.open(TinyBundle.writeTo(folder));
    }

    private Bundle view(Bundle of, View view, int through) throws IOException {
        Path target = folder.resolve(view.jsonName() + through + ".cleave");
        BundleWriter.writeView(of, view, through, target);
        return Bundle.open(target);
    }

    private static List<String> graphs(Bundle bundle) {
        return bundle.entries().stream()
                .map(ZipIndex.Entry::name)
                .filter(name -> name.startsWith("graphs/fp32/"))
                .toList();
    }

    private static byte[] weights(Bundle bundle, String precision) throws IOException {
        WeightsRegion region = bundle.graph(precision, "segment-0").weights().get(Bundle.weightsLocation(precision));
        byte[] file = Files.readAllBytes(region.file());
        return Arrays.copyOfRange(file, (int) region.offset(), (int) (region.offset() + region.length()));
    }

    @Test
    void fullViewHoldsEveryFileAndReadsBack() throws Exception {
        assertThat(full.contract()).isEqualTo(TinyBundle.contract());
        assertThat(full.manifest()).isEqualTo(TinyBundle.manifest());
        assertThat(full.id())
                .isEqualTo(TinyBundle.writer(TinyBundle.contract()).id())
                .isEqualTo(Sha256.hex(ContractJson.write(TinyBundle.contract())));
        assertThat(graphs(full)).containsExactlyInAnyOrderElementsOf(TinyBundle.graphs((kind, i) -> true));
        assertThat(full.offersLocal()).isTrue();
        for (String path : graphs(full)) {
            String graph = path.substring("graphs/fp32/".length(), path.length() - ".onnx".length());
            assertThat(full.hasGraph("fp32", graph)).isTrue();
            assertThat(full.graph("fp32", graph).graph())
                    .isEqualTo(TinyBundle.files().get(path));
        }
        assertThat(weights(full, "fp32")).isEqualTo(TinyBundle.files().get("weights/fp32.bin"));
        assertThat(weights(full, "int8")).isEqualTo(TinyBundle.files().get("weights/int8.bin"));
    }

    @Test
    void graphSourceNamesFileAndEntry() throws Exception {
        assertThat(full.graph("fp32", "tail-1").label()).isEqualTo(full.file() + "!/graphs/fp32/tail-1.onnx");
    }

    @Test
    void entriesComeInFixedOrderAndLargeOnesAreAligned() {
        List<String> names = new ArrayList<>();
        for (ZipIndex.Entry entry : full.entries()) {
            names.add(entry.name());
            assertThat(entry.size() <= 4096 || entry.dataOffset() % 4096 == 0)
                    .as(entry.name())
                    .isTrue();
        }
        assertThat(names.subList(0, 2)).containsExactly("contract.json", "manifest.json");
        assertThat(names.subList(2, names.size())).isSorted();
        assertThat(full.entries()).filteredOn(entry -> entry.size() > 4096).hasSizeGreaterThanOrEqualTo(2);
    }

    @Test
    void edgeViewHoldsSegmentsHeadsAndAPrefixOfTheWeights() throws Exception {
        Bundle edge = view(full, View.EDGE, 1);
        assertThat(edge.id()).isEqualTo(full.id());
        assertThat(edge.edgeThrough()).isEqualTo(1);
        assertThat(edge.offersLocal()).isFalse();
        assertThat(graphs(edge)).containsExactly("graphs/fp32/head-1.onnx", "graphs/fp32/segment-0.onnx");
        assertThat(weights(edge, "fp32"))
                .isEqualTo(Arrays.copyOf(TinyBundle.files().get("weights/fp32.bin"), 5000));
        assertThat(edge.hasGraph("fp32", "segment-1")).isFalse();
        assertThat(edge.hasGraph("int8", "segment-0")).isFalse();
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> edge.graph("fp32", "whole"))
                .withMessageContaining("holds no \"graphs/fp32/whole.onnx\": it is the edge view");
    }

    @Test
    void whereDevicesRunIntegersEachSideHasItsOwnPrecision() throws Exception {
        Path file = folder.resolve("integers.cleave");
        TinyBundle.writer(TinyBundle.contract(0, "int8")).write(TinyBundle.manifest(), file);
        Bundle integers = Bundle.open(file);
        Bundle edge = view(integers, View.EDGE, 2);
        assertThat(names(edge))
                .containsExactly("graphs/int8/segment-0.onnx", "graphs/int8/segment-1.onnx", "weights/int8.bin");
        assertThat(names(view(integers, View.EDGE, 3)))
                .containsExactly(
                        "graphs/int8/segment-0.onnx",
                        "graphs/int8/segment-1.onnx",
                        "graphs/int8/segment-2.onnx",
                        "graphs/int8/whole.onnx",
                        "weights/int8.bin");
        assertThat(names(view(integers, View.CLOUD, 0)))
                .contains("graphs/fp32/whole.onnx", "weights/fp32.bin")
                .noneMatch(name -> name.contains("int8"));
    }

    @Test
    void refusesADevicePrecisionThatTheFormatDoesNotHave() {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> TinyBundle.writer(TinyBundle.contract(0, "fp16"))
                        .write(TinyBundle.manifest(), folder.resolve("halves.cleave")))
                .withMessageContaining("edgePrecision is \"fp16\"; expected fp32 or int8");
    }

    private static List<String> names(Bundle bundle) {
        return bundle.entries().stream()
                .map(ZipIndex.Entry::name)
                .filter(name -> !name.endsWith(".json"))
                .toList();
    }

    @Test
    void edgeViewThroughLocalCanFinishAlone() throws Exception {
        Bundle edge = view(full, View.EDGE, 3);
        assertThat(edge.offersLocal()).isTrue();
        assertThat(graphs(edge)).containsExactlyInAnyOrderElementsOf(TinyBundle.graphs((kind, i) -> kind != Kind.TAIL));
        assertThat(weights(edge, "fp32")).isEqualTo(TinyBundle.files().get("weights/fp32.bin"));
    }

    @Test
    void cloudViewHoldsSegmentsTailsAndTheWhole() throws Exception {
        Bundle cloud = view(full, View.CLOUD, 0);
        assertThat(cloud.id()).isEqualTo(full.id());
        assertThat(cloud.edgeThrough()).isZero();
        assertThat(cloud.offersLocal()).isFalse();
        assertThat(graphs(cloud))
                .containsExactlyInAnyOrderElementsOf(TinyBundle.graphs((kind, i) -> kind != Kind.HEAD));
    }

    @Test
    void cloudViewOfAPrivateModelHoldsNothingBeforeTheFloor() throws Exception {
        Path file = folder.resolve("private.cleave");
        TinyBundle.writer(TinyBundle.contract(1)).write(TinyBundle.manifest(), file);
        Bundle cloud = view(Bundle.open(file), View.CLOUD, 0);
        assertThat(graphs(cloud))
                .containsExactlyInAnyOrderElementsOf(
                        TinyBundle.graphs((kind, i) -> (kind == Kind.SEGMENT || kind == Kind.TAIL) && i >= 1));
    }

    @Test
    void refusesAnEdgeViewThatCouldRunNothing() throws Exception {
        Path file = folder.resolve("private.cleave");
        TinyBundle.writer(TinyBundle.contract(2)).write(TinyBundle.manifest(), file);
        Bundle floored = Bundle.open(file);
        for (int through : new int[] {-1, 0, 1, 4}) {
            assertThatExceptionOfType(BundleException.class)
                    .isThrownBy(() -> view(floored, View.EDGE, through))
                    .withMessageContaining("edgeThrough of the edge view is " + through + "; expected 2 to 3");
        }
    }

    @Test
    void makesViewsOfFullBundlesOnly() throws Exception {
        Bundle edge = view(full, View.EDGE, 3);
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> view(edge, View.CLOUD, 0))
                .withMessageContaining("is the edge view of a bundle; expected the full one");
    }

    @Test
    void equalContentGivesEqualBytes() throws Exception {
        Path again = folder.resolve("again.cleave");
        BundleWriter.writeView(full, View.FULL, 0, again);
        assertThat(again).hasSameBinaryContentAs(full.file());
        Path direct = folder.resolve("direct.cleave");
        TinyBundle.writer(TinyBundle.contract()).write(TinyBundle.manifest().withView(View.EDGE, 2), direct);
        assertThat(view(full, View.EDGE, 2).file()).hasSameBinaryContentAs(direct);
    }

    @Test
    void readsFilesFromDisk() throws Exception {
        BundleWriter writer = TinyBundle.writer(TinyBundle.contract());
        byte[] weights = TinyBundle.files().get("weights/fp32.bin");
        writer.file("weights/fp32.bin", Files.write(folder.resolve("w.bin"), weights));
        Path target = folder.resolve("disk.cleave");
        writer.write(TinyBundle.manifest(), target);
        assertThat(target).hasSameBinaryContentAs(full.file());
    }

    @Test
    void refusesContentThatIsNotTheContracts() throws Exception {
        byte[] before = Files.readAllBytes(full.file());
        byte[] changed = TinyBundle.files().get("weights/fp32.bin");
        changed[5500] ^= 1;
        assertNotWritten(TinyBundle.writer(TinyBundle.contract()).file("weights/fp32.bin", changed), "has SHA-256");
        assertNotWritten(
                TinyBundle.writer(TinyBundle.contract()).file("weights/fp32.bin", new byte[7000]),
                "file weights/fp32.bin has 7000 bytes; expected 6000");
        assertNotWritten(new BundleWriter(TinyBundle.contract()), "file graphs/fp32/segment-0.onnx was not given");
        assertThat(full.file()).hasBinaryContent(before);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(full.file());
        }
    }

    @Test
    void refusesAManifestThatCouldNotBeRead() throws Exception {
        Manifest odd =
                new Manifest(View.FULL, 3, "1", Arrays.asList(new Manifest.PointMeasurement(1, "default", 1, 1.5, 1)));
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> TinyBundle.writer(TinyBundle.contract()).write(odd, folder.resolve("odd.cleave")))
                .withMessageContaining("agreement is 1.5; expected 0 to 1");
        assertThat(folder.resolve("odd.cleave")).doesNotExist();
    }

    @Test
    void viewsKeepThePlanWithRowsThatTheyCannotServe() throws Exception {
        Path planned = folder.resolve("planned.cleave");
        TinyBundle.writer(TinyBundle.contract()).write(TinyBundle.manifest().withPlan(TinyBundle.plan()), planned);
        Bundle edge = view(Bundle.open(planned), View.EDGE, 1);
        assertThat(edge.edgeThrough()).isEqualTo(1);
        assertThat(edge.manifest().plan()).isEqualTo(TinyBundle.plan());
        assertThat(edge.id()).isEqualTo(full.id());
    }

    @Test
    void refusesAPlanOfAnotherContract() throws Exception {
        PlanTable other =
                new PlanTable("a", 1, "b", 1, Arrays.asList(new PlanTable.PlanRow(4, 1, 1, 1, 1, 1, 1, 1, 1, 1, true)));
        Path target = folder.resolve("other.cleave");
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> TinyBundle.writer(TinyBundle.contract())
                        .write(TinyBundle.manifest().withPlan(other), target))
                .withMessageContaining("plan has a row for point 4; expected points of the contract, 0 to 3");
        assertThat(target).doesNotExist();
    }

    private void assertNotWritten(BundleWriter writer, String message) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> writer.write(TinyBundle.manifest(), full.file()))
                .withMessageContaining(message);
    }
}
