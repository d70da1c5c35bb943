package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The reference histograms in {@code manifest.json}. */
class ReferenceJsonTest {
    private static final String VALUES =
            "{\"edges\":[-0.5,0,1E-3],\"counts\":[0,7,5,2],\"zeros\":5,\"nonFinite\":1,\"mean\":0.25,\"deviation\":1.5}";
    private static final String SMALL =
            "{\"view\":\"full\",\"edgeThrough\":3,\"toolVersion\":\"9\",\"measurements\":[],\"reference\":{\"inputs\":4,"
                    + "\"boundaries\":[{\"point\":1,\"tensor\":\"h\",\"values\":" + VALUES + "}],"
                    + "\"outputs\":[{\"tensor\":\"y\",\"values\":" + VALUES.replace("1.5}", "0}") + "}],"
                    + "\"classes\":{\"counts\":[[0,1],[17,2]],\"others\":1,\"margin\":null}}}";

    @TempDir
    private Path folder;

    private static Manifest read(String json) throws BundleException {
        return ManifestJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String written(Manifest manifest) {
        return new String(ManifestJson.write(manifest), StandardCharsets.UTF_8);
    }

    private static ValueHistogram values() {
        return new ValueHistogram(Arrays.asList(-0.5f, 0f, 1e-3f), Arrays.asList(0L, 7L, 5L, 2L), 5, 1, 0.25, 1.5);
    }

    private static Reference reference(int point, String tensor) {
        return new Reference(
                4,
                Arrays.asList(new Reference.Boundary(point, tensor, values())),
                Arrays.asList(new Reference.Output("y", values())),
                new Reference.Classes(Arrays.asList(new Reference.ClassCount(17, 3)), 1, values()));
    }

    @Test
    void everyKeyHasItsOwnPlace() throws Exception {
        Reference read = read(SMALL).reference();
        assertThat(read.inputs()).isEqualTo(4);
        assertThat(read.boundaries()).containsExactly(new Reference.Boundary(1, "h", values()));
        assertThat(read.outputs()).extracting(Reference.Output::tensor).containsExactly("y");
        assertThat(read.outputs().get(0).values().deviation()).isZero();
        assertThat(read.classes().counts())
                .containsExactly(new Reference.ClassCount(0, 1), new Reference.ClassCount(17, 2));
        assertThat(read.classes().others()).isOne();
        assertThat(read.classes().margin()).isNull();
        assertThat(values().total()).isEqualTo(14);
        assertThat(written(read(SMALL))).isEqualTo(SMALL.replace("1E-3", "0.001") + "\n");
    }

    @Test
    void readsBackWhatItWrote() throws Exception {
        Manifest manifest = TinyBundle.manifest().withReference(reference(2, "g"));
        assertThat(read(written(manifest))).isEqualTo(manifest);
        Manifest empty = TinyBundle.manifest()
                .withReference(new Reference(
                        1,
                        Collections.emptyList(),
                        Arrays.asList(new Reference.Output(
                                "y", new ValueHistogram(Collections.emptyList(), Arrays.asList(0L), 0, 3, 0, 0))),
                        null));
        assertThat(read(written(empty))).isEqualTo(empty);
    }

    @Test
    void thereMayBeNone() throws Exception {
        assertThat(written(TinyBundle.manifest())).doesNotContain("reference");
        assertThat(read(SMALL.replaceAll("\"reference\":.*", "\"reference\":null}"))
                        .reference())
                .isNull();
    }

    @Test
    void keysOfLaterReleasesAreSkipped() throws Exception {
        String later = SMALL.replace("\"inputs\":4", "\"inputs\":4,\"kinds\":[{}]")
                .replace("\"zeros\":5", "\"skew\":1.5,\"zeros\":5")
                .replace("\"others\":1", "\"others\":1,\"entropy\":2");
        assertThat(read(later)).isEqualTo(read(SMALL));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"inputs\":4,       | ``                  | $.reference missing key \"inputs\"",
                "\"inputs\":4        | \"inputs\":0        | $.reference.inputs is 0; expected 1 or more",
                "\"point\":1         | \"point\":1.5       | 1.5; expected a 64-bit integer",
                "\"tensor\":\"h\"    | \"tensor\":7        | number; expected string",
                "\"others\":1        | \"others\":-1       | $.reference.classes.others is -1; expected 0 to",
                "\"margin\":null     | \"margin\":{}       | $.reference.classes.margin missing key \"edges\"",
                "[0,1],[17,2]        | [0,1],[0,2]         | [0, 2]; expected [class, count] with rising classes",
                "[0,1],[17,2]        | [-1,1],[17,2]       | [-1, 1]; expected [class, count]",
                "[0,1],[17,2]        | [0,0],[17,2]        | [0, 0]; expected [class, count]",
                "[0,1],[17,2]        | [0],[17,2]          | [0]; expected [class, count]",
                "[0,1],[17,2]        | [0,1,2]             | expected at most 2 elements",
                "1.5}}],\"outputs\"  | -1}}],\"outputs\"   | deviation is -1; expected 0 or more",
            })
    void refusesByName(String from, String to, String expected) {
        assertThat(SMALL).containsOnlyOnce(from);
        assertRefused(SMALL.replace(from, to), expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[-0.5,0,1E-3]   | [-0.5,0,0]     | edges[2] is 0; expected edges that rise",
                "[-0.5,0,1E-3]   | [-0.5,0,1e99]  | a finite 32-bit float",
                "[-0.5,0,1E-3]   | [-0.5,0]       | with 2 edges and 4 counts; expected one more count",
                "[0,7,5,2]       | [0,7,-5,2]     | counts[2] is -5; expected 0 to 9007199254740992",
                "[0,7,5,2]       | [0,7,5,9007199254740993] | expected 0 to 9007199254740992",
                "[0,7,5,2]       | [0,1,1,9007199254740992] | counted and 5 zeros; expected at most",
                "\"zeros\":5     | \"zeros\":15   | with 14 counted and 15 zeros; expected at most",
                "\"nonFinite\":1 | \"nonFinite\":-1 | nonFinite is -1; expected 0 to",
                "\"mean\":0.25   | \"mean\":1e999 | expected a finite number",
            })
    void refusesAHistogramThatCannotBe(String from, String to, String expected) {
        assertRefused(SMALL.replace(VALUES, VALUES.replace(from, to)), expected);
    }

    @Test
    void refusesListsWithoutEnd() {
        StringBuilder edges = new StringBuilder("[-0.5");
        StringBuilder classes = new StringBuilder("[0,1]");
        for (int i = 0; i < 1000; i++) {
            edges.append(',').append(i);
            classes.append(",[").append(i + 1).append(",1]");
        }
        assertRefused(SMALL.replace("[-0.5,0,1E-3", edges), "expected at most 256 elements");
        assertRefused(SMALL.replace("[0,1],[17,2]", classes), "expected at most 1000 elements");
        String boundary = "{\"point\":1,\"tensor\":\"h\",\"values\":" + VALUES + "}";
        assertRefused(
                SMALL.replace(boundary, String.join(",", Collections.nCopies(4097, boundary))),
                "expected at most 4096 elements");
    }

    @Test
    void aBundleHoldsHistogramsOfItsOwnTensorsOnly() {
        assertNotWritten(reference(1, "g"), "tensor \"g\" at point 1; expected each tensor of a point's boundary once");
        assertNotWritten(reference(3, "y"), "tensor \"y\" at point 3");
        assertNotWritten(reference(-1, "x"), "tensor \"x\" at point -1");
        Reference one = reference(1, "h");
        assertNotWritten(
                new Reference(
                        4,
                        Arrays.asList(one.boundaries().get(0), one.boundaries().get(0)),
                        Collections.emptyList(),
                        null),
                "tensor \"h\" at point 1");
        Reference.Output output = one.outputs().get(0);
        assertNotWritten(
                new Reference(4, Collections.emptyList(), Arrays.asList(output, output), null),
                "tensor \"y\" among the outputs; expected each output of the contract once");
    }

    @Test
    void everyViewKeepsIt() throws Exception {
        Path file = folder.resolve("full.cleave");
        TinyBundle.writer(TinyBundle.contract()).write(TinyBundle.manifest().withReference(reference(1, "h")), file);
        for (View view : View.values()) {
            Path other = folder.resolve(view.jsonName() + ".view");
            BundleWriter.writeView(Bundle.open(file), view, 1, other);
            assertThat(Bundle.open(other).manifest().reference()).isEqualTo(reference(1, "h"));
        }
    }

    @Test
    void everyMutationIsReadOrRefused() {
        SpoiltManifests.assertEachReadOrRefused(SMALL.getBytes(StandardCharsets.UTF_8), 23);
    }

    private void assertNotWritten(Reference reference, String expected) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> TinyBundle.writer(TinyBundle.contract())
                        .write(TinyBundle.manifest().withReference(reference), folder.resolve("odd.cleave")))
                .withMessageContaining(expected);
    }

    private static void assertRefused(String json, String expected) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> read(json))
                .satisfies(refused -> assertThat(refused.getMessage())
                        .startsWith("manifest.json")
                        .contains(expected)
                        .doesNotContain("\n")
                        .hasSizeLessThan(400));
    }
}
