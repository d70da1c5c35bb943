package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The plan in {@code manifest.json}. */
class PlanTableJsonTest {
    private static final String ROW = "{\"point\":1,\"headMillis\":1.5,\"encodeMillis\":2.5,\"decodeMillis\":3.5,"
            + "\"tailMillis\":4.5,\"wireBytes\":5.5,\"replyBytes\":6.5,\"agreement\":0.75,\"leakage\":0.25,"
            + "\"headMemoryBytes\":7,\"measured\":true}";
    private static final String SMALL =
            "{\"view\":\"full\",\"edgeThrough\":2,\"toolVersion\":\"9\",\"measurements\":[],\"plan\":{\"edge\":\"pi\","
                    + "\"edgeSlowdown\":8,\"cloud\":\"box\",\"batch\":4,\"rows\":[" + ROW + "]}}";

    private static Manifest read(String json) throws BundleException {
        return ManifestJson.read(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String written(Manifest manifest) {
        return new String(ManifestJson.write(manifest), StandardCharsets.UTF_8);
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

    @Test
    void readsBackWhatItWrote() throws Exception {
        Manifest planned = TinyBundle.manifest().withPlan(TinyBundle.plan());
        assertThat(read(written(planned))).isEqualTo(planned);
    }

    @Test
    void everyKeyHasItsOwnPlace() throws Exception {
        PlanTable plan = new PlanTable(
                "pi",
                8,
                "box",
                4,
                Arrays.asList(new PlanTable.PlanRow(1, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 0.75, 0.25, 7, true)));
        assertThat(read(SMALL).plan()).isEqualTo(plan);
        assertThat(written(read(SMALL))).isEqualTo(SMALL + "\n");
    }

    @Test
    void unknownSharesAreNull() throws Exception {
        PlanTable.PlanRow row = read(written(TinyBundle.manifest().withPlan(TinyBundle.plan())))
                .plan()
                .rows()
                .get(2);
        assertThat(row.agreement()).isNaN();
        assertThat(row.leakage()).isNaN();
        assertThat(written(TinyBundle.manifest().withPlan(TinyBundle.plan())))
                .contains("\"agreement\":null,\"leakage\":null,\"headMemoryBytes\":5100,\"measured\":false}");
    }

    @Test
    void thereMayBeNoPlan() throws Exception {
        assertThat(TinyBundle.manifest().plan()).isNull();
        assertThat(written(TinyBundle.manifest())).doesNotContain("plan");
        assertThat(read(written(TinyBundle.manifest())).plan()).isNull();
        String without = SMALL.replaceAll("\"plan\":.*", "\"plan\":null}");
        assertThat(read(without).plan()).isNull();
    }

    @Test
    void keysComeInAnyOrderBesideThoseOfLaterReleases() throws Exception {
        String later = SMALL.replace("\"headMillis\":1.5,", "\"joules\":{\"a\":[null]},")
                .replace("\"measured\":true", "\"measured\":true,\"headMillis\":1.5")
                .replace("\"edge\":\"pi\",", "\"links\":[1,2],")
                .replace("\"batch\":4", "\"batch\":4,\"edge\":\"pi\"");
        assertThat(read(later)).isEqualTo(read(SMALL));
    }

    @Test
    void readsTheExampleOfTheDocumentation() throws Exception {
        Path folder = Paths.get("").toAbsolutePath();
        while (!Files.exists(folder.resolve("docs/FORMATS.md"))) {
            folder = folder.getParent();
        }
        String page = new String(Files.readAllBytes(folder.resolve("docs/FORMATS.md")), StandardCharsets.UTF_8);
        int from = page.indexOf("{\"view\":\"edge\"");
        Manifest manifest = read(page.substring(from, page.indexOf("```", from)));
        assertThat(manifest.measurements()).hasSize(1);
        assertThat(manifest.plan().rows()).extracting(PlanTable.PlanRow::point).containsExactly(0, 2, 3);
        assertThat(manifest.plan().rows())
                .extracting(PlanTable.PlanRow::isLocal)
                .containsExactly(false, false, true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"plan\":{            | \"plan\":[{          | $.plan is begin array; expected begin object",
                "\"plan\":{            | \"plan\":null,\"plan\":{ | key \"plan\" twice",
                "\"edge\":\"pi\",      | ``                   | $.plan missing key \"edge\"",
                "\"edge\":\"pi\"       | \"edge\":null        | null; expected string",
                "\"edge\":\"pi\"       | \"edge\":\"\\u001b[2J\" | $.plan.edge is \"?[2J\"; expected a text without"
                        + " control",
                "\"cloud\":\"box\"     | \"cloud\":\"a\\n"
                        + "b\"  | $.plan.cloud is \"a?b\"; expected a text without control",
                "\"edgeSlowdown\":8    | \"edgeSlowdown\":0   | $.plan.edgeSlowdown is 0; expected more than 0",
                "\"edgeSlowdown\":8    | \"edgeSlowdown\":-2  | $.plan.edgeSlowdown is -2; expected more than 0",
                "\"edgeSlowdown\":8    | \"edgeSlowdown\":1e999 | expected a finite number",
                "\"batch\":4           | \"batch\":0          | $.plan.batch is 0; expected 1 to 65536",
                "\"batch\":4           | \"batch\":65537      | $.plan.batch is 65537; expected 1 to 65536",
                "\"batch\":4           | \"batch\":4.5        | 4.5; expected a 64-bit integer",
                "\"point\":1           | \"point\":-1         | $.plan.rows[0].point is -1; expected 0 to 1025",
                "\"point\":1           | \"point\":1026       | $.plan.rows[0].point is 1026; expected 0 to 1025",
                "\"point\":1,          | ``                   | $.plan.rows[0] missing key \"point\"",
                "\"point\":1           | \"point\":1,\"point\":2 | $.plan.rows[0] key \"point\" twice",
                "\"headMillis\":1.5    | \"headMillis\":-1.5  | $.plan.rows[0].headMillis is -1.5; expected 0 or more",
                "\"headMillis\":1.5    | \"headMillis\":null  | null; expected number",
                "\"headMillis\":1.5    | \"headMillis\":1e400 | expected a finite number",
                "\"headMillis\":1.5    | \"headMillis\":NaN   | not readable",
                "\"encodeMillis\":2.5  | \"encodeMillis\":-1  | $.plan.rows[0].encodeMillis is -1; expected 0 or more",
                "\"decodeMillis\":3.5  | \"decodeMillis\":-1  | $.plan.rows[0].decodeMillis is -1; expected 0 or more",
                "\"tailMillis\":4.5    | \"tailMillis\":-1    | $.plan.rows[0].tailMillis is -1; expected 0 or more",
                "\"wireBytes\":5.5     | \"wireBytes\":-1     | $.plan.rows[0].wireBytes is -1; expected 0 or more",
                "\"wireBytes\":5.5     | \"wireBytes\":\"5\"  | string; expected number",
                "\"replyBytes\":6.5    | \"replyBytes\":-1    | $.plan.rows[0].replyBytes is -1; expected 0 or more",
                "\"agreement\":0.75    | \"agreement\":1.5    | $.plan.rows[0].agreement is 1.5; expected 0 to 1, or"
                        + " null",
                "\"agreement\":0.75    | \"agreement\":-0.5   | $.plan.rows[0].agreement is -0.5; expected 0 to 1, or"
                        + " null",
                "\"leakage\":0.25      | \"leakage\":2        | $.plan.rows[0].leakage is 2; expected 0 to 1, or null",
                "\"headMemoryBytes\":7 | \"headMemoryBytes\":-7 | headMemoryBytes is -7; expected 0 or more",
                "\"headMemoryBytes\":7 | \"headMemoryBytes\":7.5 | 7.5; expected a 64-bit integer",
                "\"headMemoryBytes\":7 | \"headMemoryBytes\":9223372036854775808 | expected a 64-bit integer",
                "\"measured\":true     | \"measured\":1       | $.plan.rows[0].measured is number; expected boolean",
                "\"measured\":true     | \"measured\":\"true\" | $.plan.rows[0].measured is string; expected boolean",
            })
    void refusesByName(String from, String to, String expected) {
        assertThat(SMALL).containsOnlyOnce(from);
        assertRefused(SMALL.replace(from, to), expected);
    }

    @Test
    void refusesRowsThatDoNotRise() {
        assertRefused(
                SMALL.replace(ROW, ROW + "," + ROW),
                "$.plan.rows[1].point is 1; expected 0 to 1025, rising from row to row");
        assertRefused(
                SMALL.replace(ROW, ROW + "," + ROW.replace("\"point\":1", "\"point\":0")),
                "$.plan.rows[1].point is 0; expected 0 to 1025, rising from row to row");
    }

    @Test
    void refusesWhatIsTooLongOrEmpty() {
        assertRefused(SMALL.replace(ROW, ""), "$.plan.rows is empty; expected at least 1 row");
        assertRefused(
                SMALL.replace("\"pi\"", "\"" + "p".repeat(1001) + "\""),
                "$.plan.edge is a text of 1001 characters; expected at most 1000");
        StringBuilder rows = new StringBuilder();
        for (int point = 0; point <= 1025; point++) {
            rows.append(ROW.replace("\"point\":1", "\"point\":" + point)).append(',');
        }
        assertRefused(SMALL.replace(ROW, rows + ROW), "expected at most 1026 elements");
    }

    @Test
    void everyMutationIsReadOrRefused() {
        SpoiltManifests.assertEachReadOrRefused(
                ManifestJson.write(TinyBundle.manifest().withPlan(TinyBundle.plan())), 22);
    }
}
