package dev.cleave.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.HalfFloat;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreprocessingTest {
    /** Two pixels: (10, 20, 30) and (200, 100, 0). */
    private static final Picture PICTURE = new Picture(2, 1, new byte[] {10, 20, 30, (byte) 200, 100, 0});

    private static Tensor apply(Preprocessing preprocessing, ElementType type) {
        Shape open = Shape.of(Shape.BATCH, Shape.DYNAMIC, Shape.DYNAMIC, Shape.DYNAMIC);
        return preprocessing.apply(PICTURE, new TensorSpec("x", type, open));
    }

    private static float[] floats(Tensor tensor) {
        float[] floats = new float[tensor.elements()];
        tensor.data().asFloatBuffer().get(floats);
        return floats;
    }

    @Test
    void laysChannelsOutAsAsked() {
        String unscaled = "\"scale\":1,\"channels\":";
        Tensor planes = apply(Preprocessing.parse("{" + unscaled + "\"RGB\"}"), ElementType.FLOAT32);
        assertThat(planes.shape()).isEqualTo(Shape.of(1, 3, 1, 2));
        assertThat(floats(planes)).containsExactly(10, 200, 20, 100, 30, 0);
        Tensor pixels =
                apply(Preprocessing.parse("{" + unscaled + "\"RGB\",\"layout\":\"NHWC\"}"), ElementType.FLOAT32);
        assertThat(pixels.shape()).isEqualTo(Shape.of(1, 1, 2, 3));
        assertThat(floats(pixels)).containsExactly(10, 20, 30, 200, 100, 0);
        Tensor reversed =
                apply(Preprocessing.parse("{" + unscaled + "\"BGR\",\"layout\":\"NHWC\"}"), ElementType.FLOAT32);
        assertThat(floats(reversed)).containsExactly(30, 20, 10, 0, 100, 200);
        Tensor grey = apply(Preprocessing.parse("{" + unscaled + "\"GRAY\"}"), ElementType.FLOAT32);
        assertThat(grey.shape()).isEqualTo(Shape.of(1, 1, 1, 2));
        // 0.299 R + 0.587 G + 0.114 B: 18.15, and 118.5 less a hair because 16-bit weights are rounded.
        assertThat(floats(grey)).containsExactly(18, 118);
    }

    @Test
    void scalesThenSubtractsTheMeanThenDividesInTheTensorsOrder() {
        Preprocessing bgr = Preprocessing.parse(
                "{\"channels\":\"BGR\",\"scale\":0.5,\"mean\":[1,2,3],\"std\":[2,4,5],\"layout\":\"NHWC\"}");
        // Blue (30 * 0.5 - 1) / 2, green (20 * 0.5 - 2) / 4, red (10 * 0.5 - 3) / 5; then the second pixel.
        assertThat(floats(apply(bgr, ElementType.FLOAT32))).containsExactly(7, 2, 0.4f, -0.5f, 12, 19.4f);
    }

    @Test
    void presetsHaveTheirDocumentedValues() {
        Preprocessing unit = Preprocessing.named("unit");
        assertThat(floats(apply(unit, ElementType.FLOAT32))[1]).isEqualTo((float) (200 / 255.0));
        assertPreset(
                "imagenet", Shape.of(1, 3, 224, 224), (128 / 255.0 - 0.485) / 0.229, (128 / 255.0 - 0.406) / 0.225);
        assertPreset("tf", Shape.of(1, 224, 224, 3), 128 / 127.5 - 1, 128 / 127.5 - 1);
        assertPreset("caffe", Shape.of(1, 3, 224, 224), 128 - 104, 128 - 123);
    }

    /** Of a grey picture larger than the crop. */
    private static void assertPreset(String name, Shape shape, double first, double last) {
        byte[] rgb = new byte[300 * 270 * 3];
        Arrays.fill(rgb, (byte) 128);
        Tensor tensor = Preprocessing.named(name)
                .apply(new Picture(300, 270, rgb), new TensorSpec("x", ElementType.FLOAT32, shape));
        float[] values = floats(tensor);
        assertThat(Math.abs(values[0] - first)).isLessThan(1e-6);
        assertThat(Math.abs(values[values.length - 1] - last)).isLessThan(1e-6);
    }

    @Test
    void makesFloat16ByRoundingAndUint8FromThePixelsThemselves() {
        Preprocessing imagenet = Preprocessing.parse("{\"mean\":0.45,\"std\":0.22}");
        float[] exact = floats(apply(imagenet, ElementType.FLOAT32));
        Tensor halves = apply(imagenet, ElementType.FLOAT16);
        for (int i = 0; i < exact.length; i++) {
            assertThat(halves.data().getShort(i * 2)).isEqualTo(HalfFloat.toBinary16(exact[i]));
        }
        Tensor pixels = apply(imagenet, ElementType.UINT8);
        byte[] bytes = new byte[6];
        pixels.data().get(bytes);
        assertThat(bytes).containsExactly(10, 200, 20, 100, 30, 0);
    }

    @Test
    void writesIntoARowOfABatch() {
        Tensor batch = Tensor.allocate(ElementType.FLOAT32, Shape.of(3, 3, 1, 2));
        Preprocessing plain = Preprocessing.parse("{\"scale\":1}");
        plain.normalize(PICTURE, batch.rows(1, 1));
        assertThat(floats(batch)).containsExactly(0, 0, 0, 0, 0, 0, 10, 200, 20, 100, 30, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void geometryThenNormalisationIsTheWholeOfIt() {
        Preprocessing imagenet = Preprocessing.named("imagenet");
        byte[] rgb = new byte[310 * 290 * 3];
        new Random(5).nextBytes(rgb);
        Picture picture = new Picture(310, 290, rgb);
        TensorSpec spec = new TensorSpec("x", ElementType.FLOAT32, Shape.of(Shape.BATCH, 3, 224, 224));
        Tensor split = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, 3, 224, 224));
        imagenet.normalize(imagenet.geometry(picture), split);
        assertThat(split.data()).isEqualTo(imagenet.apply(picture, spec).data());
    }

    @Test
    void refusesTensorsThatDoNotFitByName() {
        Preprocessing unit = Preprocessing.named("unit");
        TensorSpec large = new TensorSpec("data", ElementType.FLOAT32, Shape.of(1, 3, 224, 224));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unit.apply(PICTURE, large))
                .withMessageContaining("\"data\"")
                .withMessageContaining("[1,3,224,224]")
                .withMessageContaining("[1,3,1,2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(unit, ElementType.INT32))
                .withMessageContaining("int32");
        Tensor two = Tensor.allocate(ElementType.FLOAT32, Shape.of(2, 3, 1, 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> unit.normalize(PICTURE, two))
                .withMessageContaining("expected [1,3,1,2]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preprocessing.named("imagenett"))
                .withMessageContaining("imagenett")
                .withMessageContaining("caffe, imagenet, tf, unit");
    }

    @Test
    void writesOneCanonicalForm() {
        String canonical = "{\"resize\":[48,null],\"crop\":[40,41],\"pad\":[48,320],\"padValue\":7,"
                + "\"interpolation\":\"nearest\",\"channels\":\"BGR\",\"layout\":\"NHWC\",\"scale\":0.5,"
                + "\"mean\":[1.0,1.0,1.0],\"std\":[0.25,2.0,4.0],\"input\":\"data\"}";
        assertThat(Preprocessing.parse(canonical)).hasToString(canonical);
        assertThat(Preprocessing.parse("{}"))
                .hasToString("{\"padValue\":0,\"interpolation\":\"bilinear\",\"channels\":\"RGB\",\"layout\":\"NCHW\","
                        + "\"scale\":0.00392156862745098,\"mean\":[0.0,0.0,0.0],\"std\":[1.0,1.0,1.0]}");
        String shuffled = " { \"input\" : \"data\", \"std\":[0.25,2,4.0], \"mean\": 1, \"scale\":5e-1, \"layout\":"
                + "\"NHWC\", \"channels\":\"BGR\", \"interpolation\":\"nearest\", \"padValue\": 7, \"pad\":[48,320],"
                + "\"crop\":[40,41],\"resize\":[48,null]}";
        assertThat(Preprocessing.parse(shuffled))
                .isEqualTo(Preprocessing.parse(canonical))
                .hasSameHashCodeAs(Preprocessing.parse(canonical))
                .hasToString(canonical);
        assertThat(Preprocessing.parse("{\"resize\":256,\"crop\":224}").toString())
                .startsWith("{\"resize\":256,\"crop\":[224,224],\"padValue\"");
    }

    @Test
    void bindsItsInputWithoutChangingTheOriginal() {
        Preprocessing unit = Preprocessing.named("unit");
        assertThat(unit.input()).isNull();
        Preprocessing bound = unit.withInput("data");
        assertThat(bound.input()).isEqualTo("data");
        assertThat(unit.input()).isNull();
        assertThat(bound).isNotEqualTo(unit);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"rezise\":256}~\"rezise\" is not known",
                "{\"resize\":0}~\"resize\" is 0.0; expected an integer 1 to 65536",
                "{\"resize\":2.5}~2.5",
                "{\"resize\":-256}~-256",
                "{\"resize\":1e9}~1.0E9",
                "{\"resize\":\"256\"}~preprocessing",
                "{\"resize\":[null,null]}~\"resize\" leaves a side open",
                "{\"resize\":[1]}~preprocessing",
                "{\"resize\":[1,2,3]}~preprocessing",
                "{\"crop\":[224,null]}~\"crop\" leaves a side open",
                "{\"padValue\":256}~\"padValue\" is 256.0; expected an integer 0 to 255",
                "{\"std\":[1,0,1]}~\"std\" is 0",
                "{\"std\":[1,1]}~\"std\" has 2 numbers; expected 1 or 3 for RGB",
                "{\"mean\":[1,1,1],\"channels\":\"GRAY\"}~expected 1 for GRAY",
                "{\"mean\":[]}~has 0 numbers",
                "{\"mean\":[1,1,1,1,1]}~preprocessing",
                "{\"mean\":[1,null,1]}~\"mean\" is a NULL; expected a number",
                "{\"scale\":0}~\"scale\" is 0",
                "{\"scale\":\"1\"}~\"scale\" is a STRING",
                "{\"scale\":1e999}~preprocessing",
                "{\"layout\":\"CHW\"}~\"layout\" is \"CHW\"; expected one of [NCHW, NHWC]",
                "{\"channels\":\"rgb\"}~\"channels\" is \"rgb\"",
                "{\"interpolation\":\"cubic\"}~expected one of [bilinear, bilinear-plain, nearest]",
                "{\"input\":5}~\"input\" is a NUMBER; expected a string",
                "{\"crop\":1,\"crop\":2}~two values for \"crop\"",
                "{\"crop\":1} x~preprocessing is not valid JSON",
                "{\"crop\":1}{}~preprocessing is not valid JSON",
                "{\"crop\"~preprocessing is not valid JSON",
                "[]~preprocessing",
                "~preprocessing is not valid JSON",
            })
    void refusesWhatItDoesNotUnderstandInOneLine(String jsonAndWhy) {
        String[] parts = jsonAndWhy.split("~", -1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Preprocessing.parse(parts[0]))
                .withMessageContaining(parts[1])
                .satisfies(refusal -> assertThat(refusal.getMessage()).doesNotContain("\n"));
    }
}
