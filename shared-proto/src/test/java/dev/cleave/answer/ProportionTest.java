package dev.cleave.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ProportionTest {
    /** Figures of R's prop.test(.., correct = FALSE), which is the score interval. */
    @Test
    void theIntervalIsWilsons() {
        Proportion most = new Proportion(96, 100);
        assertThat(most.share()).isEqualTo(0.96);
        assertThat(most.low()).isCloseTo(0.9016, within(1e-4));
        assertThat(most.high()).isCloseTo(0.9843, within(1e-4));
        Proportion all = new Proportion(50, 50);
        assertThat(all.low()).isCloseTo(0.9287, within(1e-4));
        assertThat(all.high()).isEqualTo(1);
        Proportion none = new Proportion(0, 10);
        assertThat(none.low()).isZero();
        assertThat(none.high()).isCloseTo(0.2775, within(1e-4));
    }

    @Test
    void nothingIsKnownOfNoInputs() {
        assertThat(new Proportion(0, 0).share()).isNaN();
        assertThat(new Proportion(0, 0).low()).isNaN();
        assertThat(new Proportion(0, 0).high()).isNaN();
        assertThatThrownBy(() -> new Proportion(3, 2)).hasMessageContaining("3 of 2");
    }

    @Test
    void isKnownByItsShareAsWell() {
        assertThat(Proportion.ofShare(19 / 23.0, 23)).isEqualTo(new Proportion(19, 23));
        assertThat(Proportion.ofShare(Double.NaN, 23)).isEqualTo(new Proportion(0, 0));
        assertThat(Proportion.ofShare(1, 0)).isEqualTo(new Proportion(0, 0));
    }

    @Test
    void oneMayAlwaysDoBadlyUnlessNoneMay() {
        assertThat(new Proportion(37, 38).misses(0.02)).isFalse();
        assertThat(new Proportion(36, 38).misses(0.02)).isTrue();
        assertThat(new Proportion(37, 38).misses(0)).isTrue();
        assertThat(new Proportion(38, 38).misses(0)).isFalse();
    }

    @Test
    void aShareThatIsAWholeNumberOfInputsIsAllowed() {
        assertThat(new Proportion(93, 100).misses(0.07)).isFalse();
        assertThat(new Proportion(92, 100).misses(0.07)).isTrue();
    }
}
