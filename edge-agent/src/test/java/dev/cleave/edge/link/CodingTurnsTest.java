package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CodingTurnsTest {
    private final CodingTurns turns = new CodingTurns();

    /** Told apart by identity; nothing is called here. */
    private static final class Source extends RecordedReplies implements FrameSource {
        private boolean small;

        @Override
        public boolean isSmall() {
            return small;
        }

        @Override
        public void turn(GatewayStream stream) {}

        @Override
        public void turnedAway() {}
    }

    private final Source first = new Source();
    private final Source second = new Source();
    private final Source third = new Source();

    private void addAll() {
        turns.add(first);
        turns.add(second);
        turns.add(third);
    }

    @Test
    void oneIsCodedAtATimeInTheOrderInWhichTheyCame() {
        addAll();
        assertThat(turns.next(0)).isSameAs(first);
        assertThat(turns.next(0)).isNull();
        turns.remove(first);
        assertThat(turns.next(0)).isSameAs(second);
    }

    @Test
    void nothingIsCodedWhileAMebibyteIsStillToBeSent() {
        addAll();
        assertThat(turns.next(1 << 20)).isNull();
        assertThat(turns.next((1 << 20) - 1)).isSameAs(first);
    }

    @Test
    void whoeverIsWithdrawnLosesNobodyElsesTurn() {
        addAll();
        turns.next(0);
        turns.remove(second);
        assertThat(turns.next(0)).isNull();
        turns.remove(first);
        turns.remove(first);
        assertThat(turns.next(0)).isSameAs(third);
    }

    @Test
    void theOneThatIsBeingCodedIsNotAmongThoseThatWait() {
        addAll();
        turns.next(0);
        assertThat(turns.takeAll()).containsExactly(second, third);
        assertThat(turns.waiting()).isEmpty();
    }

    @Test
    void aSmallFrameIsNotHeldUpByTheRestOfALargeOne() {
        Source large = new Source();
        Source small = new Source();
        small.small = true;
        turns.add(large);
        turns.add(small);
        assertThat(turns.next(CodingTurns.AHEAD_BYTES)).isSameAs(small);
        turns.remove(small);
        assertThat(turns.next(CodingTurns.AHEAD_BYTES)).isNull();
        assertThat(turns.next(0)).isSameAs(large);
    }
}
