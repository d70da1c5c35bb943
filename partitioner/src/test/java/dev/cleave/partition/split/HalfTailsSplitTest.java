package dev.cleave.partition.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.View;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
import dev.cleave.partition.ModelBuilder;
import dev.cleave.partition.SplitFixture;
import dev.cleave.partition.Splits;
import dev.cleave.partition.edge.EdgeChoice;
import dev.cleave.partition.graph.ModelException;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.partition.tails.TailCheck;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bundles with tails in 16-bit floats beside those in 32. */
class HalfTailsSplitTest extends SplitFixture {
    private static final double MOST_ERROR = 4e-3;
    private static final int PHOTOGRAPHS = 30;

    @Test
    void everyTailIsCheckedOnTheSamples() throws Exception {
        SplitResult result =
                splits.split(splits.request(layers(), "h1", "h2").withHalfTails(true), Splits.vectors(30, 8));
        assertThat(result.halfTails()).extracting(TailCheck.Row::point).containsExactly(0, 1, 2);
        assertThat(result.halfTails()).allSatisfy(row -> {
            assertThat(row.inputs()).isEqualTo(30);
            assertThat(row.agreement()).isGreaterThanOrEqualTo(0.95);
            assertThat(row.maxRelativeError()).isLessThanOrEqualTo(MOST_ERROR);
        });
        assertThat(result.halfTails().get(0).maxRelativeError()).isGreaterThan(1e-6);
        assertThat(result.halfRefusals()).containsExactly("MatMul \"MatMul_y\": the last sums are made in 32 bits");
        Bundle bundle = Bundle.open(result.bundle());
        assertThat(bundle.contract().precision()).isEqualTo("fp32");
        assertThat(TailCheck.isOfferedBy(bundle, "fp16")).isTrue();
        assertThat(bundle.hasGraph("fp16", "tail-2")).isTrue();
        assertThat(bundle.hasGraph("fp16", "segment-0")).isFalse();
    }

    @Test
    void onlyViewsForGatewaysHoldThem() throws Exception {
        Bundle full = splits.bundle(splits.request(layers(), "h1", "h2").withHalfTails(true));
        Path cloud = folder.resolve("cloud.view");
        BundleWriter.writeView(full, View.CLOUD, 0, cloud);
        assertThat(Bundle.open(cloud).hasGraph("fp16", "tail-0")).isTrue();
        Bundle plain = splits.bundle(splits.request(layers(), "h1", "h2"));
        for (int through = 1; through <= 3; through++) {
            Path edge = folder.resolve("edge.view");
            BundleWriter.writeView(
                    splits.bundle(splits.request(layers(), "h1", "h2").withHalfTails(true)), View.EDGE, through, edge);
            assertThat(Bundle.open(edge).hasGraph("fp16", "tail-0")).isFalse();
            long withHalves = Files.size(edge);
            Files.delete(edge);
            BundleWriter.writeView(splits.bundle(splits.request(layers(), "h1", "h2")), View.EDGE, through, edge);
            // The contract, which lists more files, is all that is larger.
            assertThat(withHalves - Files.size(edge)).isBetween(0L, 8192L);
        }
        assertThat(plain.contract().files()).noneMatch(file -> file.path().contains("fp16"));
    }

    @Test
    void aTailThatOverflowsIsSeen() throws Exception {
        ModelBuilder loud = new ModelBuilder()
                .input("x", "N", 8)
                .weights("a", 8, 8)
                .floats("gain", 30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000, 30_000)
                .weights("b", 8, 4)
                .node("MatMul", "x a", "h")
                .node("Tanh", "h", "t")
                .node("Mul", "t gain", "loud")
                .node("Mul", "loud gain", "louder")
                .node("MatMul", "louder b", "m")
                .weights("c", 4, 4)
                .node("MatMul", "m c", "y")
                .output("y");
        SplitRequest request = splits.request(loud, "h").withHalfTails(true);
        SplitResult result = splits.split(request.withMaxDisagreement(1), Splits.vectors(30, 8));
        assertThat(result.halfTails()).allSatisfy(row -> {
            assertThat(row.agreement()).isLessThan(0.9);
            assertThat(row.maxRelativeError()).isInfinite();
        });
        Files.delete(result.bundle());
        assertThatThrownBy(() -> splits.split(request, Splits.vectors(30, 8)))
                .isInstanceOf(UnmetBudgetException.class)
                .hasMessageMatching(
                        "the fp16 tail of point 0 agrees on \\d+ of 30 inputs \\(top-1\\); expected 98\\.0 %");
        assertThat(result.bundle()).doesNotExist();
    }

    /** Some input is all but a tie between two answers. */
    @Test
    void oneOfFewAnswersMayChangeUnlessNoneMay() {
        List<TailCheck.Row> rows = List.of(new TailCheck.Row(0, 1, 0, 30), new TailCheck.Row(1, 29 / 30.0, 0, 30));
        HalfTailBudget.requireMet(rows, 0.02, "top-1", EdgeChoice.FLOAT);
        assertThatThrownBy(() -> HalfTailBudget.requireMet(rows, 0, "top-1", EdgeChoice.FLOAT))
                .isInstanceOf(UnmetBudgetException.class)
                .hasMessage("the fp16 tail of point 1 agrees on 29 of 30 inputs (top-1); expected 100.0 %");
        List<TailCheck.Row> two = List.of(new TailCheck.Row(1, 28 / 30.0, 0, 30));
        assertThatThrownBy(() -> HalfTailBudget.requireMet(two, 0.02, "top-1", EdgeChoice.FLOAT))
                .isInstanceOf(UnmetBudgetException.class);
    }

    @Test
    void withoutSamplesNothingIsChecked() throws Exception {
        SplitResult result = splits.split(splits.request(layers(), "h1").withHalfTails(true), null);
        assertThat(result.halfTails()).isEmpty();
        assertThat(Bundle.open(result.bundle()).hasGraph("fp16", "tail-1")).isTrue();
    }

    @Test
    void aModelThatHasNothingToConvertIsRefused() {
        ModelBuilder model = new ModelBuilder()
                .input("x", "N", 8)
                .node("Relu", "x", "h")
                .node("Tanh", "h", "y")
                .output("y");
        assertThatThrownBy(() -> splits.split(splits.request(model, "h").withHalfTails(true), null))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("cannot be converted to fp16: it has no convolution or matrix product");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mobilenetv2_fp32", "squeezenet1.1_fp32"})
    void trainedNetworksGiveTheSameAnswers(String name) throws Exception {
        Path model = Material.require("models/" + name + ".onnx");
        Path folderOfPhotographs = Material.require("data/imagenet1000");
        SplitRequest request = SplitRequest.of(model)
                .withPreprocessing(Preprocessing.named("imagenet"))
                .withCount(2)
                .withWantedAgreement(0.95)
                .withMaxDisagreement(0.1)
                .withHalfTails(true);
        SplitResult result = new ModelSplitter(splits.engine(), SessionOptions.defaults(), "test", Progress.NONE)
                .split(
                        request,
                        (probed, preprocessing) -> photographs(folderOfPhotographs, probed, preprocessing),
                        folder.resolve("trained.cleave"));
        assertThat(result.halfTails()).allSatisfy(row -> {
            assertThat(row.agreement()).isGreaterThanOrEqualTo(0.9);
            assertThat(row.maxRelativeError()).isLessThanOrEqualTo(0.01);
        });
    }

    private static Samples photographs(Path folder, ProbedModel model, Preprocessing preprocessing) throws IOException {
        TensorSpec input = model.inputs().get(0);
        List<Sample> samples = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(any -> any.toString().endsWith(".JPEG"))
                    .sorted()
                    .limit(PHOTOGRAPHS)
                    .toList()) {
                Picture picture = PictureCodecs.find()
                        .decode(PictureFormat.JPEG, ByteBuffer.wrap(Files.readAllBytes(file)), 1 << 26);
                samples.add(new Sample(
                        file.getFileName().toString(),
                        Map.of(input.name(), preprocessing.apply(picture, input)),
                        preprocessing.geometry(picture)));
            }
        }
        return Samples.of(samples);
    }

    private static ModelBuilder layers() {
        return new ModelBuilder()
                .input("x", "N", 8)
                .weights("a", 8, 60)
                .weights("b", 60, 50)
                .weights("c", 50, 4)
                .node("MatMul", "x a", "m1")
                .node("Relu", "m1", "h1")
                .node("MatMul", "h1 b", "m2")
                .node("Relu", "m2", "h2")
                .node("MatMul", "h2 c", "y")
                .output("y");
    }
}
