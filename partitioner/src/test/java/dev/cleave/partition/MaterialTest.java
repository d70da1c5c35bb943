package dev.cleave.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.cleave.engine.GraphSource;
import dev.cleave.engine.SessionOptions;
import dev.cleave.onnx.ModelProto;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.cut.Ladder;
import dev.cleave.partition.extract.SegmentExtractor;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Real models and odd graphs that are kept outside the project. */
class MaterialTest {
    /** Models that draw random numbers without a seed: two runs never agree. */
    private static final Set<String> UNSEEDED = Set.of("opset_15.onnx", "opset_22.onnx");

    /** Cuts checked of one odd graph. */
    private static final int MOST_CUTS = 12;

    @TempDir
    Path folder;

    private SplitCheck check;

    @BeforeEach
    void open() throws Exception {
        check = new SplitCheck(folder);
    }

    @AfterEach
    void close() {
        check.close();
    }

    @TestFactory
    Stream<DynamicTest> cutsCraftedGraphsExactly() {
        return each("odd/crafted", file -> {
            ModelSummary summary = summary(file);
            if (summary.cuts().noneBecause() != null) {
                assertThat(summary.cuts().noneBecause())
                        .contains("no legal cut: one node")
                        .doesNotContain("\n");
            } else {
                check.checkEach(summary.model(), summary.cuts().all(), rows(summary));
                check.checkLadder(summary.model(), summary.narrowest(4), rows(summary));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> refusesMalformedModelsInOneLine() {
        return each(
                "odd/malformed",
                file -> assertTimeoutPreemptively(
                        Duration.ofSeconds(10),
                        () -> assertThatThrownBy(() -> summary(file))
                                .isInstanceOf(ModelException.class)
                                .hasMessageContaining(file.getFileName().toString())
                                .hasMessageNotContaining("\n")));
    }

    @TestFactory
    Stream<DynamicTest> cutsImporterFixturesExactlyOrRefusesThem() {
        return each("odd/burn", this::checkOdd);
    }

    @TestFactory
    Stream<DynamicTest> cutsBackendFixturesExactlyOrRefusesThem() {
        return each("odd/onnx_backend", this::checkOdd);
    }

    @TestFactory
    Stream<DynamicTest> cutsRealModelsIntoLaddersOfFour() {
        return each("models", file -> {
            if (file.getFileName().toString().equals("silero_vad.onnx")) {
                return;
            }
            ModelSummary summary = summary(file);
            Ladder ladder = summary.narrowest(4);
            assertThat(ladder.size()).isEqualTo(4);
            check.checkLadder(summary.model(), ladder, rows(summary));
            checkSizes(summary, ladder);
        });
    }

    @Test
    void saysThatSileroIsInsideOneIf() throws Exception {
        ModelSummary summary = summary(Material.require("models/silero_vad.onnx"));
        assertThat(summary.cuts().noneBecause())
                .isEqualTo(
                        "no legal cut: the whole network is inside one If \"If_0\", and a body is never cut through");
        assertThatThrownBy(() -> summary.narrowest(4))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("silero_vad.onnx: no legal cut");
    }

    @Test
    void cutsAQuantisedModelExactlyAtEveryPoint() throws Exception {
        ModelSummary summary = summary(Material.require("models/mlperf_tiny_resnet8_cifar10_qdq_int8.onnx"));
        assertThat(summary.points())
                .hasSizeGreaterThan(10)
                .allSatisfy(point -> assertThat(point.boundary())
                        .allMatch(spec -> spec.type().bytes() == 1));
        check.checkEach(summary.model(), summary.cuts().all(), 2);
    }

    @Test
    void opensTheBatchDimensionOfModelsThatWereExportedWithoutOne() throws Exception {
        for (String name :
                List.of("yolox_nano_bigisland", "ultraface_rfb_320", "mnist_cntk", "squeezenet_fp16_winml")) {
            ModelSummary summary = summary(Material.require("models/" + name + ".onnx"));
            assertThat(summary.model().batchReason()).isEmpty();
            assertThat(summary.model().inputs().get(0).shape().isBatched()).isTrue();
        }
    }

    private void checkOdd(Path file) throws Exception {
        ModelSummary summary;
        try {
            summary = summary(file);
        } catch (ModelException refused) {
            assertThat(refused.getMessage())
                    .contains(file.getFileName().toString())
                    .doesNotContain("\n");
            requireThatTheEngineRefusesIt(file, refused);
            return;
        }
        if (summary.cuts().noneBecause() != null) {
            assertThat(summary.cuts().noneBecause())
                    .startsWith("no legal cut: ")
                    .doesNotContain("\n");
            return;
        }
        if (!UNSEEDED.contains(file.getFileName().toString())) {
            List<Cut> cuts = summary.cuts().all();
            int step = 1 + (cuts.size() - 1) / MOST_CUTS;
            for (int i = 0; i < cuts.size(); i += step) {
                check.checkEach(summary.model(), List.of(cuts.get(i)), rows(summary));
            }
        }
    }

    /** What the reader refuses, the engine must refuse too; strings at the inputs and runs that fail apart. */
    private void requireThatTheEngineRefusesIt(Path file, ModelException refused) throws IOException {
        boolean failedToRun = refused.getMessage().contains("does not run on random inputs")
                || refused.getMessage().contains(" failed: ");
        boolean takesStrings = refused.getMessage().contains("(string)");
        if (!failedToRun
                && !takesStrings
                && ModelProto.parseFrom(Files.readAllBytes(file)).hasGraph()) {
            GraphSource source = new GraphSource(file.toString(), Files.readAllBytes(file), Map.of());
            assertThatThrownBy(() -> check.engine()
                            .load(source, SessionOptions.defaults())
                            .close())
                    .as(refused.getMessage())
                    .isNotNull();
        }
    }

    /** Graphs are small and the weights are there once. */
    private void checkSizes(ModelSummary summary, Ladder ladder) throws IOException {
        var extracted = new SegmentExtractor(
                        summary.model().flow(), summary.model().facts(), ladder)
                .extract(folder.resolve("weights.bin"));
        long graphs =
                extracted.graphs().values().stream().mapToLong(g -> g.length).sum();
        long source = Files.size(summary.model().graph().model().file());
        assertThat(extracted.weightsBytes()).isLessThanOrEqualTo(source + source / 20 + 4096);
        assertThat(graphs / extracted.graphs().size()).isLessThan(400_000);
    }

    private ModelSummary summary(Path file) throws ModelException {
        return ModelSummary.of(OnnxModel.read(file), check.engine(), ProbeSettings.defaults());
    }

    private static long rows(ModelSummary summary) {
        return summary.model().isBatched() ? 2 : 1;
    }

    /** A check of one file. */
    private interface FileCheck {
        void check(Path file) throws Exception;
    }

    private static Stream<DynamicTest> each(String folder, FileCheck check) {
        return Material.models(folder).stream()
                .map(file -> DynamicTest.dynamicTest(
                        file.getParent().getFileName() + "/" + file.getFileName(), () -> check.check(file)));
    }
}
