package dev.cleave.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quotas, with the time told. */
class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    private static Grant grant(String... fields) {
        return GrantText.parse(List.of(fields));
    }

    @Test
    void letsABurstThroughAndThenOneAtATime() {
        Grant grant = grant("rate=10/s", "burst=3");
        Usage usage = new Usage(-5);
        for (int i = 0; i < 3; i++) {
            assertThat(usage.charge(grant, 1, 0)).as("request " + i).isNull();
        }
        Overdraft over = usage.charge(grant, 1, 0);
        assertThat(over).isEqualTo(new Overdraft(Overdraft.Of.REQUESTS, SECOND / 10));
        assertThat(usage.charge(grant, 1, SECOND / 10 - 1).nanos()).isEqualTo(1);
        assertThat(usage.charge(grant, 1, SECOND / 10)).isNull();
        assertThat(usage.charge(grant, 1, SECOND / 10)).isNotNull();
    }

    @Test
    void withoutABurstASecondsWorthMayComeAtOnce() {
        Usage usage = new Usage(0);
        assertThat(admitted(usage, grant("rate=7/s"), 100, 0)).isEqualTo(7);
        assertThat(admitted(new Usage(0), grant("rate=30/min"), 100, 0)).isEqualTo(1);
    }

    private static int admitted(Usage usage, Grant grant, int tries, long now) {
        int admitted = 0;
        for (int i = 0; i < tries; i++) {
            admitted += usage.charge(grant, 1, now) == null ? 1 : 0;
        }
        return admitted;
    }

    @Test
    void countsBytesAndTakesWhatIsLargerThanASecondsWorthWhenItIsFull() {
        Grant grant = grant("bytes=1k/s");
        Usage usage = new Usage(0);
        assertThat(usage.charge(grant, 1024, 0)).isNull();
        assertThat(usage.charge(grant, 512, 0)).isEqualTo(new Overdraft(Overdraft.Of.BYTES, SECOND / 2));
        assertThat(usage.charge(grant, 10 * 1024, SECOND))
                .as("ten seconds' worth")
                .isNull();
        assertThat(usage.charge(grant, 1, 2 * SECOND).nanos()).isBetween(8 * SECOND, 9 * SECOND);
        assertThat(usage.charge(grant, 1, 11 * SECOND)).isNull();
    }

    @Test
    void chargesBothOrNeither() {
        Grant grant = grant("rate=1/s", "bytes=1k/s");
        Usage usage = new Usage(0);
        assertThat(usage.charge(grant, 1024, 0)).isNull();
        assertThat(usage.charge(grant, 2048, SECOND)).isNull();
        Overdraft over = usage.charge(grant, 1, 2 * SECOND);
        assertThat(over.of()).isEqualTo(Overdraft.Of.BYTES);
        assertThat(over.nanos()).isLessThan(SECOND / 100);
        assertThat(usage.charge(grant, 1, 2 * SECOND + over.nanos()))
                .as("the request was not charged in vain")
                .isNull();
    }

    @Test
    void givesBackWhatWasNotTakenIn() {
        Grant grant = grant("rate=1/h", "bytes=1k/h");
        Usage usage = new Usage(0);
        for (int i = 0; i < 100; i++) {
            assertThat(usage.charge(grant, 1000, 0)).isNull();
            usage.giveBack(grant, 1000);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void whoComesBackWhenHeWasToldGetsInAndNobodyGetsMoreThanHisRate(long seed) {
        Random random = new Random(seed);
        Grant grant = grant("rate=13/s", "burst=5", "bytes=3k/s");
        long start = random.nextLong() / 4;
        Usage usage = new Usage(start);
        long now = start;
        long requests = 0;
        long bytes = 0;
        for (int i = 0; i < 20_000; i++) {
            int size = 1 + random.nextInt(1_000);
            Overdraft over = usage.charge(grant, size, now);
            while (over != null) {
                now += over.nanos();
                Overdraft again = usage.charge(grant, size, now);
                assertThat(again == null || again.of() != over.of())
                        .as("the same thing is not missing again")
                        .isTrue();
                over = again;
            }
            requests++;
            bytes += size;
            now += random.nextInt(3) == 0 ? random.nextInt(200_000_000) : 0;
            double seconds = (now - start) / 1e9;
            assertThat(requests).isLessThanOrEqualTo((long) (5 + 13 * seconds) + 1);
            assertThat(bytes).isLessThanOrEqualTo((long) (3 * 1024 * (1 + seconds)) + 1_000);
        }
        assertThat(requests / ((now - start) / 1e9)).as("and not much less").isGreaterThan(5);
    }

    @Test
    void boundsOpenStreams() {
        Grant grant = grant("streams=2");
        Usage usage = new Usage(0);
        assertThat(usage.openStream(grant)).isTrue();
        assertThat(usage.openStream(grant)).isTrue();
        assertThat(usage.openStream(grant)).isFalse();
        assertThat(usage.openStream(Grant.ALL)).as("no bound").isTrue();
        usage.closeStream();
        assertThat(usage.openStream(grant)).as("three were open").isFalse();
        usage.closeStream();
        assertThat(usage.openStream(grant)).isTrue();
    }
}
