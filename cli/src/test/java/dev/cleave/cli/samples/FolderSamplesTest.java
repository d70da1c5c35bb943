package dev.cleave.cli.samples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.partition.sample.Sample;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderSamplesTest {
    @TempDir
    private Path folder;

    /** An agent does all of the preprocessing, so it must not be given what was resized and cropped already. */
    @Test
    void aPictureIsThereAsItWasGivenAndAsTheModelSeesIt() throws Exception {
        byte[] rgb = new byte[40 * 30 * 3];
        new SplittableRandom(1).nextBytes(rgb);
        Picture given = new Picture(40, 30, rgb);
        Files.write(folder.resolve("given.png"), PictureCodecs.find().encode(PictureFormat.PNG, given, 100));
        Path json = Files.writeString(folder.resolve("preprocess.json"), "{\"resize\":20,\"crop\":16}");
        Path pictures = Files.createDirectory(folder.resolve("pictures"));
        Files.move(folder.resolve("given.png"), pictures.resolve("given.png"));

        TensorSpec input = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, 16, 16));
        Preprocessing preprocessing = PreprocessOption.read(json.toString()).withInput("x");
        Sample sample =
                FolderSamples.open(pictures, List.of(input), preprocessing).get(0);

        assertThat(sample.original().width()).isEqualTo(40);
        assertThat(sample.original().height()).isEqualTo(30);
        assertThat(sample.picture().width()).isEqualTo(16);
        assertThat(preprocessing.apply(sample.original(), input).data())
                .isEqualTo(sample.inputs().get("x").data());
        assertThat(preprocessing.apply(sample.picture(), input).data())
                .as("preprocessed twice")
                .isNotEqualTo(sample.inputs().get("x").data());
    }
}
