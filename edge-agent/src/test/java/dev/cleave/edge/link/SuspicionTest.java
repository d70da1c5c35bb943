package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.estimate.AckWatch;
import dev.cleave.edge.link.Suspicion.Verdict;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SuspicionTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long ALLOWANCE = 300 * MILLI;

    private final Suspicion suspicion = new Suspicion();

    @Test
    void doubtsOnceWhatIsOverdueAndGivesUpAfterTwoSeconds() {
        assertThat(suspicion.check(1, ALLOWANCE, 0)).isEqualTo(Verdict.NOTHING);
        assertThat(suspicion.check(0, ALLOWANCE, 100)).isEqualTo(Verdict.DOUBT);
        assertThat(suspicion.isDoubted()).isTrue();
        assertThat(suspicion.check(-1, ALLOWANCE, 2000 * MILLI)).isEqualTo(Verdict.NOTHING);
        assertThat(suspicion.check(-1, ALLOWANCE, 2000 * MILLI + 100)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void waitsAsLongAgainForALargeFrameOnASlowLink() {
        suspicion.check(0, 9000 * MILLI, 0);
        assertThat(suspicion.check(-1, 9000 * MILLI, 8999 * MILLI)).isEqualTo(Verdict.NOTHING);
        assertThat(suspicion.check(-1, 9000 * MILLI, 9000 * MILLI)).isEqualTo(Verdict.GIVE_UP);
    }

    @Test
    void anythingThatIsHeardEndsIt() {
        assertThat(suspicion.heard()).isFalse();
        suspicion.check(0, ALLOWANCE, 0);
        assertThat(suspicion.heard()).isTrue();
        assertThat(suspicion.isDoubted()).isFalse();
        assertThat(suspicion.check(5, ALLOWANCE, 5000 * MILLI)).isEqualTo(Verdict.NOTHING);
    }

    @Test
    void saysWhenToLookAgain() {
        assertThat(suspicion.nanosUntilCheck(AckWatch.NEVER, 0)).isEqualTo(AckWatch.NEVER);
        assertThat(suspicion.nanosUntilCheck(70, 0)).isEqualTo(70);
        assertThat(suspicion.nanosUntilCheck(-3, 0)).isZero();
        suspicion.check(0, ALLOWANCE, 0);
        assertThat(suspicion.nanosUntilCheck(AckWatch.NEVER, 500 * MILLI)).isEqualTo(1500 * MILLI);
    }
}
