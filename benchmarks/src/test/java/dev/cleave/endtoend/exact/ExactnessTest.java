package dev.cleave.endtoend.exact;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleave.partition.Material;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A ladder of four points, cut from each of several real models, gives at every point and on every input what the file
 * itself gives when the engine runs it uncut: floats within the precision's bound, integer graphs bit for bit.
 */
class ExactnessTest {
    /** Pixels in [-1, 1], channels first. */
    private static final String TF_NCHW =
            "{\"resize\":256,\"crop\":224,\"mean\":[0.5,0.5,0.5],\"std\":[0.5,0.5,0.5],\"layout\":\"NCHW\"}";

    private static final double FLOAT = 1e-4;
    private static final double HALF = 4e-3;
    private static final double INTEGER = 0;
    private static final int INPUTS = 3;

    @TempDir
    Path folder;

    /**
     * @param bound of the relative error
     * @param preprocess how pictures become tensors: a preset, JSON, or null where inputs are tensors
     */
    record Model(String name, double bound, String preprocess, Inputs inputs) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Puts real inputs into a folder. */
    interface Inputs {
        void write(Path folder, int count) throws IOException;
    }

    static List<Model> models() {
        Inputs photographs = RealInputs::photographs;
        Inputs cifar = RealInputs::cifarTensors;
        String detector = "{\"resize\":416,\"crop\":416,\"layout\":\"NCHW\",\"channels\":\"BGR\",\"scale\":1,"
                + "\"mean\":[0,0,0],\"std\":[1,1,1]}";
        return List.of(
                new Model("mobilenetv2_fp32", FLOAT, "imagenet", photographs),
                new Model("squeezenet1.1_fp32", FLOAT, "imagenet", photographs),
                new Model("cifar_resnet20", FLOAT, null, cifar),
                new Model("yolox_nano_bigisland", FLOAT, detector, photographs),
                new Model("magika_standard_v3_3", FLOAT, null, RealInputs::fileContents),
                new Model("squeezenet_fp16_winml", HALF, "caffe", photographs),
                new Model("tf2_mobilenet_v2_qdq_int8", INTEGER, TF_NCHW, photographs),
                new Model("mobilenet_v2_quant_nnstreamer", INTEGER, "imagenet", photographs),
                new Model("mlperf_tiny_resnet8_cifar10_qdq_int8", INTEGER, null, cifar));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void everyPointComputesWhatTheUncutModelDoes(Model model) throws Exception {
        Path file = Material.require("models/" + model.name() + ".onnx");
        Path inputs = Files.createDirectory(folder.resolve("inputs"));
        model.inputs().write(inputs, INPUTS);
        Path bundle = folder.resolve("model.cleave");
        CleaveRun split = model.preprocess() == null
                ? CleaveRun.of("split", file, "-o", bundle, "--ladder", 4)
                : CleaveRun.of("split", file, "-o", bundle, "--ladder", 4, "--preprocess", preprocessing(model));
        assertThat(split.exitCode()).as(split.errors()).isZero();

        assertExact(model, CleaveRun.of("verify", bundle, "--against", file, "--inputs", inputs, "--json"));
        assertExact(model, CleaveRun.of("verify", bundle, "--against", file, "--random", INPUTS, "--json"));
    }

    private Object preprocessing(Model model) throws IOException {
        return model.preprocess().startsWith("{")
                ? Files.writeString(folder.resolve("preprocess.json"), model.preprocess())
                : model.preprocess();
    }

    private static void assertExact(Model model, CleaveRun verify) throws IOException {
        assertThat(verify.exitCode()).as(verify.errors()).isZero();
        JsonNode report = verify.json();
        assertThat(report.at("/inputs").asInt()).isEqualTo(INPUTS);
        assertThat(report.at("/reference/source").asText()).isEqualTo("model");
        assertThat(report.at("/exactBound").asDouble()).isEqualTo(model.bound());
        assertThat(report.at("/exact").findValuesAsText("index")).containsExactly("1", "2", "3", "4", "5");
        assertThat(report.at("/exact"))
                .allSatisfy(point -> assertThat(point.at("/maxRelError").asDouble(Double.NaN))
                        .as("relative error at point %s", point.at("/index"))
                        .isLessThanOrEqualTo(model.bound()));
    }
}
