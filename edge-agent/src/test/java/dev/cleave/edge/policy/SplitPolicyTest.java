package dev.cleave.edge.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class SplitPolicyTest {
    private static final int LOCAL = 4;
    private static final AutoSplit AUTO = new AutoSplit(new double[] {900, 300, Double.NaN, 200});

    private static Situation situation(boolean linkUsable, int local, Integer... remote) {
        return new Situation(Arrays.asList(remote), linkUsable, local);
    }

    @Test
    void autoTakesTheFewestBytesAmongTheAllowed() {
        assertThat(AUTO.choose(situation(true, LOCAL, 0, 1, 2, 3))).isEqualTo(3);
        assertThat(AUTO.choose(situation(true, LOCAL, 0, 1, 2))).isEqualTo(1);
        assertThat(AUTO.choose(situation(true, LOCAL, 0, 2))).isEqualTo(0);
    }

    @Test
    void autoTakesTheLaterOfEqualPoints() {
        assertThat(new AutoSplit(new double[] {5, 5, 5}).choose(situation(true, LOCAL, 0, 1, 2)))
                .isEqualTo(2);
        assertThat(new AutoSplit(new double[0]).choose(situation(true, LOCAL, 0, 1)))
                .isEqualTo(1);
    }

    @Test
    void autoIsLocalWhileTheLinkIsDown() {
        assertThat(AUTO.choose(situation(false, LOCAL, 0, 1, 2, 3))).isEqualTo(LOCAL);
    }

    @Test
    void autoStaysRemoteWhereLocalIsNotPossible() {
        assertThat(AUTO.choose(situation(false, Situation.UNAVAILABLE, 0, 1))).isEqualTo(1);
    }

    @Test
    void autoIsLocalWhereNoRemotePointIsAllowed() {
        assertThat(AUTO.choose(situation(true, LOCAL))).isEqualTo(LOCAL);
        assertThat(AUTO.choose(situation(true, Situation.UNAVAILABLE))).isEqualTo(Situation.UNAVAILABLE);
    }

    @Test
    void fixedStaysWhereItIs() {
        FixedSplit fixed = new FixedSplit(2);
        assertThat(fixed.choose(situation(false, LOCAL, 0, 1))).isEqualTo(2);
        assertThat(fixed.choose(new Situation(Collections.emptyList(), true, LOCAL)))
                .isEqualTo(2);
    }
}
