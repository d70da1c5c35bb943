package dev.cleave.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.Patience;
import dev.cleave.gateway.grpc.AwaitedRequest.Stage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AwaitedRequestTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Patience PATIENCE = new Patience(Duration.ofSeconds(30));

    private static boolean isOverdue(AwaitedRequest request, long seconds) {
        return request.isOverdue(PATIENCE, seconds * SECOND);
    }

    @Test
    void oneMessageIsAwaitedFromTheCallsStart() {
        AwaitedRequest coming = AwaitedRequest.ofOne(10 * SECOND);
        assertThat(coming.stage()).isEqualTo(Stage.COMING);
        assertThat(isOverdue(coming, 40)).isFalse();
        assertThat(isOverdue(coming, 41)).isTrue();
        AwaitedRequest begun = coming.begins(35 * SECOND);
        assertThat(begun).as("its beginning gains no time").isEqualTo(coming);
        AwaitedRequest slow = begun.came(3_000).came(2_000);
        assertThat(slow.bytes()).isEqualTo(5_000);
        assertThat(isOverdue(slow, 45)).as("a second for every 1,000 bytes").isFalse();
        assertThat(isOverdue(slow, 46)).isTrue();
    }

    @Test
    void itsEndIsAwaitedFromWhenItWasWholeWhateverItsSize() {
        AwaitedRequest whole =
                AwaitedRequest.ofOne(0).begins(SECOND).came(90_000).whole(100 * SECOND);
        assertThat(whole.stage()).isEqualTo(Stage.WHOLE);
        assertThat(isOverdue(whole, 130)).isFalse();
        assertThat(isOverdue(whole, 131)).isTrue();
        assertThat(whole.begins(120 * SECOND)).as("one more gains no time").isEqualTo(whole);
        assertThat(whole.came(50_000)).isEqualTo(whole);
        assertThat(whole.whole(125 * SECOND)).isEqualTo(whole);
    }

    @Test
    void nobodyWaitsOnceItHasEnded() {
        AwaitedRequest taken = AwaitedRequest.ofOne(0).came(1).whole(SECOND).ended();
        assertThat(taken.stage()).isEqualTo(Stage.TAKEN);
        assertThat(AwaitedRequest.ofOne(0).ended().stage())
                .as("without a message")
                .isEqualTo(Stage.TAKEN);
        assertThat(isOverdue(taken, 1_000_000)).isFalse();
        assertThat(taken.begins(0)).isEqualTo(taken);
        assertThat(taken.came(1)).isEqualTo(taken);
        assertThat(taken.whole(0)).isEqualTo(taken);
        assertThat(taken.ended()).isEqualTo(taken);
    }

    @Test
    void ofAStreamEachMessageIsAwaitedFromItsBeginning() {
        AwaitedRequest between = AwaitedRequest.ofMany();
        assertThat(between.stage()).isEqualTo(Stage.BETWEEN);
        assertThat(isOverdue(between, 1_000_000))
                .as("it may say nothing for long")
                .isFalse();
        AwaitedRequest underWay = between.begins(100 * SECOND).came(2_000);
        assertThat(underWay.stage()).isEqualTo(Stage.UNDER_WAY);
        assertThat(isOverdue(underWay, 132)).isFalse();
        assertThat(isOverdue(underWay, 133)).isTrue();
        assertThat(underWay.whole(110 * SECOND)).isEqualTo(between);
        AwaitedRequest next = underWay.begins(200 * SECOND);
        assertThat(next.bytes()).isZero();
        assertThat(isOverdue(next, 230)).isFalse();
    }

    @Test
    void theEndOfAStreamOfMessagesChangesNothingOfTheOneUnderWay() {
        AwaitedRequest underWay = AwaitedRequest.ofMany().begins(0).came(7);
        assertThat(underWay.ended()).isEqualTo(underWay);
        AwaitedRequest between = AwaitedRequest.ofMany();
        assertThat(between.ended()).isEqualTo(between);
        assertThat(between.came(7)).as("of no message").isEqualTo(between);
        assertThat(between.whole(0)).isEqualTo(between);
    }
}
