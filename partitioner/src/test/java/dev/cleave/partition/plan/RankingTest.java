package dev.cleave.partition.plan;

import static dev.cleave.partition.plan.Rows.LINK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class RankingTest {
    /** On 1 Mbit/s a thousand bytes take 8 ms; each of these sends 8 ms down, and waits 20 ms for the round trip. */
    private static final CandidateCost SMALL_HEAD = Rows.split(1, 4000, 10, 30);

    private static final CandidateCost LARGE_HEAD = Rows.split(5, 1000, 50, 4);
    private static final CandidateCost CLOUD = Rows.raw(10_000, 40);
    private static final CandidateCost LOCAL = Rows.local(110);
    private static final List<CandidateCost> ALL = List.of(LOCAL, CLOUD, LARGE_HEAD, SMALL_HEAD);

    @Test
    void latencyIsComputeAndLinkThereAndBack() {
        assertThat(SMALL_HEAD.totalMillis(LINK)).isEqualTo(10 + 32 + 30 + 8 + 20, within(1e-9));
        assertThat(LARGE_HEAD.totalMillis(LINK)).isEqualTo(50 + 8 + 4 + 8 + 20, within(1e-9));
        assertThat(LOCAL.totalMillis(LINK)).isEqualTo(110);
        assertThat(Ranking.of(ALL, LINK, Objective.LATENCY)).containsExactly(LARGE_HEAD, SMALL_HEAD, LOCAL, CLOUD);
    }

    @Test
    void gatewayTimeCountsAmongThoseThatAreFastEnoughAndLatencyAmongTheOthers() {
        // 90 ms is the fastest: LOCAL's 110 are too many, though it takes nothing of the gateway.
        assertThat(Ranking.of(ALL, LINK, Objective.GATEWAY)).containsExactly(LARGE_HEAD, SMALL_HEAD, LOCAL, CLOUD);
        CandidateCost faster = Rows.local(107);
        assertThat(Ranking.of(List.of(LARGE_HEAD, faster), LINK, Objective.GATEWAY))
                .containsExactly(faster, LARGE_HEAD);
    }

    @Test
    void patienceEndsAtTwelveTenthsOfTheFastest() {
        CandidateCost fastest = Rows.split(1, 1000, 60, 4);
        assertThat(fastest.totalMillis(LINK)).isEqualTo(100);
        CandidateCost just = Rows.local(120);
        CandidateCost over = Rows.local(120.001);
        assertThat(Ranking.of(List.of(fastest, just), LINK, Objective.BYTES)).containsExactly(just, fastest);
        assertThat(Ranking.of(List.of(fastest, over), LINK, Objective.BYTES)).containsExactly(fastest, over);
        assertThat(Ranking.of(List.of(fastest, just), LINK, Objective.LATENCY)).containsExactly(fastest, just);
    }

    @Test
    void gatewayTimeIsTheRequestsShareOfItsBatch() {
        CandidateCost alone = Rows.split(2, 1000, 10, 9);
        CandidateCost joined = Rows.withBatch(Rows.split(1, 1000, 5, 16), 4);
        assertThat(joined.gatewayMillis()).isEqualTo(4);
        assertThat(Ranking.of(List.of(alone, joined), LINK, Objective.GATEWAY)).containsExactly(joined, alone);
        assertThat(Ranking.of(List.of(joined, alone), LINK, Objective.LATENCY)).containsExactly(alone, joined);
    }

    @Test
    void throughputIsBoundByTheSlowestOfDeviceLinkAndGateway() {
        // Bottlenecks: 110 (device), 80 (up), 50 (device), 32 (up); the round trip delays answers and loses none.
        assertThat(ALL)
                .extracting(row -> Ranking.value(row, LINK, Objective.THROUGHPUT))
                .containsExactly(110.0, 80.0, 50.0, 32.0);
        assertThat(Ranking.of(ALL, LINK, Objective.THROUGHPUT)).containsExactly(SMALL_HEAD, LARGE_HEAD, CLOUD, LOCAL);
        assertThat(Ranking.value(SMALL_HEAD, new LinkProfile(1e9, 1e9, 5000), Objective.THROUGHPUT))
                .isEqualTo(30);
        assertThat(Ranking.value(SMALL_HEAD, new LinkProfile(1e9, 1e5, 0), Objective.THROUGHPUT))
                .as("replies")
                .isEqualTo(80, within(1e-9));
    }

    @Test
    void tiesGoToTheFasterOneAndThenStayInOrder() {
        CandidateCost slow = Rows.split(1, 1000, 12, 30);
        CandidateCost fast = Rows.split(2, 1000, 10, 30);
        assertThat(Ranking.of(List.of(slow, fast), LINK, Objective.BYTES)).containsExactly(fast, slow);
        CandidateCost twin = Rows.split(3, 1000, 10, 30);
        for (Objective objective : Objective.values()) {
            assertThat(Ranking.of(List.of(fast, twin), LINK, objective)).containsExactly(fast, twin);
            assertThat(Ranking.of(List.of(twin, fast), LINK, objective)).containsExactly(twin, fast);
        }
    }

    @Test
    void nothingIsRankedAsNothing() {
        assertThat(Ranking.of(List.of(), LINK, Objective.GATEWAY)).isEmpty();
    }
}
