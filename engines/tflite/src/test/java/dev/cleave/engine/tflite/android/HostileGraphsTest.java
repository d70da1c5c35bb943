package dev.cleave.engine.tflite.android;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.engine.tflite.DamagedGraphs;
import org.junit.jupiter.api.Test;

class HostileGraphsTest {
    private static final int GRAPHS = 2000;

    @Test
    void damagedGraphsAreRefusedOrRunButNeverEndTheProcess() throws Exception {
        DamagedGraphs.Outcome outcome = DamagedGraphs.tryAll(GRAPHS);
        System.out.println(GRAPHS + " damaged graphs: " + outcome);
        assertThat(outcome.crashes()).isEmpty();
        assertThat(outcome.refused() + outcome.failed() + outcome.ran()).isEqualTo(GRAPHS);
        assertThat(outcome.refused()).isPositive();
        assertThat(outcome.ran()).isPositive();
    }
}
