package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.model.EngineUpgrade.State;
import org.junit.jupiter.api.Test;

class EngineUpgradeTest {
    private final EngineUpgrade upgrade = new EngineUpgrade("tensorrt");

    @Test
    void waitsIsBuiltAndIsDoneWithNothingMoreToSay() {
        assertThat(upgrade.remark()).isEqualTo("tensorrt: waits to be built");
        assertThat(upgrade.begin()).isTrue();
        assertThat(upgrade.remark()).isEqualTo("tensorrt: is being built");
        assertThat(upgrade.done()).isTrue();
        assertThat(upgrade.state()).isEqualTo(State.DONE);
        assertThat(upgrade.remark()).isEmpty();
    }

    @Test
    void keepsTheReasonOfAFailure() {
        upgrade.begin();
        assertThat(upgrade.failed("out of memory")).isTrue();
        assertThat(upgrade.state()).isEqualTo(State.FAILED);
        assertThat(upgrade.remark()).isEqualTo("tensorrt: out of memory");
        assertThat(upgrade.isWanted()).isFalse();
    }

    @Test
    void isNotBegunOnceCancelled() {
        upgrade.cancel();
        assertThat(upgrade.begin()).isFalse();
        assertThat(upgrade.state()).isEqualTo(State.CANCELLED);
    }

    @Test
    void whatIsCancelledMeanwhileNeitherFailsNorIsDone() {
        upgrade.begin();
        assertThat(upgrade.isWanted()).isTrue();
        upgrade.cancel();
        assertThat(upgrade.isWanted()).isFalse();
        assertThat(upgrade.failed("the file has gone")).isFalse();
        assertThat(upgrade.done()).isFalse();
        assertThat(upgrade.state()).isEqualTo(State.CANCELLED);
        assertThat(upgrade.remark()).isEmpty();
    }

    @Test
    void whatIsOverCannotBeCancelledOrBegunAgain() {
        upgrade.begin();
        upgrade.done();
        upgrade.cancel();
        assertThat(upgrade.begin()).isFalse();
        assertThat(upgrade.state()).isEqualTo(State.DONE);
    }
}
