package dev.cleave.gateway.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class HeldBytesTest {
    private final HeldBytes held = new HeldBytes(9_000);
    private final HeldBytes.OfModel flooded = new HeldBytes.OfModel();
    private final HeldBytes.OfModel other = new HeldBytes.OfModel();

    @Test
    void aModelUnderAFloodLeavesANinth() {
        assertThat(takeAll(flooded, 10)).isEqualTo(8_000);
        assertThat(held.held()).isEqualTo(8_000);
    }

    @Test
    void whatIsLeftIsForAModelThatHoldsLittle() {
        takeAll(flooded, 10);
        assertThat(held.take(other, 500)).isTrue();
        assertThat(held.take(flooded, 1)).isFalse();
        assertThat(other.held()).isEqualTo(500);
    }

    @Test
    void whoComesLaterUnderAFloodGetsAsMuchAsTheFirstInTheEnd() {
        takeAll(flooded, 10);
        for (int round = 0; round < 2_000; round++) {
            held.take(other, 10);
            held.giveBack(flooded, 10);
            held.take(other, 10);
            held.take(flooded, 10);
            held.giveBack(other, 10);
            held.take(flooded, 10);
            held.take(other, 10);
        }
        assertThat(flooded.held()).isBetween(4_100L, 4_350L);
        assertThat(other.held()).isBetween(4_100L, 4_350L);
    }

    @Test
    void oneRequestMayTakeAllThatIsFree() {
        assertThat(held.take(flooded, 9_001)).isFalse();
        assertThat(held.take(flooded, 9_000)).isTrue();
        assertThat(held.take(other, 1)).isFalse();
    }

    @Test
    void whatIsGivenBackCanBeTakenAgain() {
        takeAll(flooded, 10);
        held.giveBack(flooded, 8_000);
        assertThat(held.held()).isZero();
        assertThat(flooded.held()).isZero();
        assertThat(takeAll(other, 10)).isEqualTo(8_000);
    }

    @Test
    void aBoundBeyondAnyCountDoesNotOverflow() {
        HeldBytes wide = new HeldBytes(Long.MAX_VALUE);
        assertThat(wide.take(flooded, Integer.MAX_VALUE)).isTrue();
        assertThat(wide.mostOfModel()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void threadsTogetherNeverTakeMoreThanThereIs() throws Exception {
        List<Callable<Long>> takers = new ArrayList<>();
        List<HeldBytes.OfModel> models = List.of(flooded, other, new HeldBytes.OfModel());
        for (int i = 0; i < 6; i++) {
            takers.add(taker(models.get(i % models.size()), i));
        }
        ExecutorService threads = Executors.newFixedThreadPool(takers.size());
        try {
            long left = 0;
            for (Future<Long> taker : threads.invokeAll(takers)) {
                left += taker.get();
            }
            assertThat(held.held()).isEqualTo(left);
            assertThat(models.stream().mapToLong(HeldBytes.OfModel::held).sum()).isEqualTo(left);
        } finally {
            threads.shutdownNow();
        }
    }

    /** Takes and gives back at random, and returns what it has in the end. */
    private Callable<Long> taker(HeldBytes.OfModel model, long seed) {
        return () -> {
            SplittableRandom random = new SplittableRandom(seed);
            long mine = 0;
            for (int i = 0; i < 20_000; i++) {
                int bytes = random.nextInt(1, 2_000);
                if (held.take(model, bytes)) {
                    mine += bytes;
                } else if (mine > 0) {
                    held.giveBack(model, mine);
                    mine = 0;
                }
                assertThat(held.held()).isBetween(0L, held.most());
            }
            return mine;
        };
    }

    private long takeAll(HeldBytes.OfModel model, int bytes) {
        while (held.take(model, bytes)) {
            // As long as there is room.
        }
        return model.held();
    }
}
