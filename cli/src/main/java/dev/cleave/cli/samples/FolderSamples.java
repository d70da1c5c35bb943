package dev.cleave.cli.samples;

import dev.cleave.cli.inputs.InputReader;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.Preprocessing;
import dev.cleave.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Opens a folder of inputs as samples. */
public final class FolderSamples {
    private FolderSamples() {}

    /**
     * @param specs of the model's inputs
     * @param preprocessing of pictures, or null
     */
    public static Samples open(Path folder, List<TensorSpec> specs, Preprocessing preprocessing) throws IOException {
        return new FileSamples(InputReader.open(folder, specs, PictureCodecs.find()), specs, preprocessing);
    }
}
