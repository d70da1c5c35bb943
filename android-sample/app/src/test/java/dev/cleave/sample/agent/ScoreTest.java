package dev.cleave.sample.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreTest {
    private static final List<String> LABELS = List.of("a", "b", "c");

    @Test
    void probabilitiesStayWhatTheyAre() {
        List<Score> best = Score.best(new float[] {0.25f, 0.7f, 0.05f}, LABELS, 2);
        assertThat(best).extracting(Score::label).containsExactly("b", "a");
        assertThat(best.get(0).probability()).isCloseTo(0.7, within(1e-6));
    }

    @Test
    void scoresBecomeTheirSoftmax() {
        List<Score> best = Score.best(new float[] {1000, 1001, -1000}, LABELS, 3);
        assertThat(best).extracting(Score::index).containsExactly(1, 0, 2);
        assertThat(best.get(0).probability()).isCloseTo(1 / (1 + Math.exp(-1)), within(1e-9));
        assertThat(best.stream().mapToDouble(Score::probability).sum()).isCloseTo(1, within(1e-9));
    }

    @Test
    void valuesThatAddUpToOneButForANegativeOneAreScores() {
        assertThat(Score.best(new float[] {1.5f, -0.5f, 0}, LABELS, 1).get(0).probability())
                .isLessThan(1);
    }

    @Test
    void classesWithoutNamesKeepTheirNumbers() {
        assertThat(Score.best(new float[] {0, 3}, List.of(), 5))
                .extracting(Score::index, Score::label)
                .containsExactly(tuple(1, ""), tuple(0, ""));
    }
}
