package dev.cleave.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FloatNodesTest {
    @Test
    void nodesAreNamedByReason() {
        Map<String, String> reasons = new LinkedHashMap<>();
        reasons.put("Conv \"c1\"", "the budget does not hold with its integers");
        reasons.put("Softmax \"y\"", "no integer kernel");
        reasons.put("Conv \"c9\"", "the budget does not hold with its integers");
        assertThat(FloatNodes.lines(reasons))
                .containsExactly(
                        "in float (the budget does not hold with its integers): Conv \"c1\", Conv \"c9\"",
                        "in float (no integer kernel): Softmax \"y\"");
        assertThat(FloatNodes.lines(Map.of())).isEmpty();
    }

    @Test
    void ofManyTheFirstAreNamedAndTheOthersCounted() {
        Map<String, String> reasons = new LinkedHashMap<>();
        for (int i = 0; i < 16; i++) {
            reasons.put("Exp \"e" + i + "\"", "no integer kernel");
        }
        assertThat(FloatNodes.lines(reasons))
                .containsExactly(
                        "in float (no integer kernel): Exp \"e0\", Exp \"e1\", Exp \"e2\", Exp \"e3\" and 12 more");
    }

    @Test
    void longNamesAreShortened() {
        assertThat(FloatNodes.lines(Map.of("Exp \"" + "layer/".repeat(40) + "exp\"", "no integer kernel")))
                .singleElement()
                .satisfies(line -> assertThat(line).endsWith("layer/exp\"").hasSizeLessThan(100));
    }
}
