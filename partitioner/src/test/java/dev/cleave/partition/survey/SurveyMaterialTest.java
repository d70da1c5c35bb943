package dev.cleave.partition.survey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.engine.SessionOptions;
import dev.cleave.partition.Material;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.calibrate.CodecCurve;
import dev.cleave.partition.cut.Cut;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.progress.Progress;
import dev.cleave.partition.sample.Sample;
import dev.cleave.partition.sample.Samples;
import dev.cleave.partition.shape.ProbeSettings;
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
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A trained network on photographs, which are kept outside the project. */
class SurveyMaterialTest {
    private static final int PHOTOGRAPHS = 40;
    private static final double WANTED = 0.96;

    @Test
    void aTrainedNetworkTellsLessOfItsInputAndSendsLessTheDeeperItIsCut() throws Exception {
        Path model = Material.require("models/squeezenet1.1_fp32.onnx");
        Path folder = Material.require("data/imagenet1000");
        try (Engine engine = Engines.create("onnxruntime")) {
            ModelSummary summary = ModelSummary.of(OnnxModel.read(model), engine, ProbeSettings.defaults());
            Preprocessing imagenet = Preprocessing.named("imagenet");
            Samples samples =
                    photographs(folder, imagenet, summary.model().inputs().get(0));
            CutSurvey survey =
                    new CutSurvey(summary.model(), imagenet, engine, SessionOptions.defaults(), WANTED, Progress.NONE);
            List<Cut> cuts = new ArrayList<>();
            for (String tensor : List.of("relu1_fwd", "relu13_fwd", "relu22_fwd")) {
                cuts.add(summary.cuts().at(List.of(tensor)));
            }
            Iterator<Surveyed> found = survey.survey(cuts, samples).values().iterator();
            Surveyed early = found.next();
            Surveyed middle = found.next();
            Surveyed late = found.next();
            assertThat(early.leakage()).isBetween(0.4, 1.0).isGreaterThan(middle.leakage());
            assertThat(early.leakage() - late.leakage()).isGreaterThan(0.15);
            assertThat(middle.wireBytes()).isLessThan(early.wireBytes());
            for (Surveyed cut : List.of(early, middle, late)) {
                assertThat(cut.agreement()).isGreaterThanOrEqualTo(WANTED);
                // The cheapest that agreed may have been lucky.
                assertThat(cut.curve().cheapest(WANTED).wireBytes()).isLessThanOrEqualTo(cut.wireBytes());
            }
            Surveyed compressed = survey.cloudCompressed(samples);
            assertThat(compressed.codec()).startsWith("jpeg:");
            assertThat(compressed.agreement()).isGreaterThanOrEqualTo(WANTED);
            assertThat(compressed.wireBytes())
                    .isLessThan(survey.cloudRaw(samples).wireBytes() / 2);
            assertThat(compressed.curve().levels())
                    .extracting(CodecCurve.Level::wireBytes)
                    .isSorted();
        }
    }

    private static Samples photographs(Path folder, Preprocessing preprocessing, TensorSpec input) throws IOException {
        Preprocessing bound = preprocessing.withInput(input.name());
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
                        Map.of(input.name(), bound.apply(picture, input)),
                        bound.geometry(picture)));
            }
        }
        return Samples.of(samples);
    }
}
