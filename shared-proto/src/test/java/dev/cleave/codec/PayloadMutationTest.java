package dev.cleave.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Damaged payloads decode to something or cause a {@link CodecException}; anything else fails the test. */
class PayloadMutationTest {
    private static final int ROUNDS = 5_000;
    private static List<byte[]> seeds;

    @BeforeAll
    static void encode() throws Exception {
        seeds = HostileBoundary.seeds();
    }

    @Test
    void decodesThePayloadsThatAreDamagedHere() {
        assertThat(seeds).hasSize(6).allMatch(HostileBoundary::receive);
    }

    @Test
    void oneOfThemIsCodedByContexts() {
        assertThat(seeds.get(4).length).isLessThan(seeds.get(1).length - 50);
    }

    @Test
    void oneOfThemIsCodedAgainstAnother() {
        assertThat(seeds.get(5).length).isLessThan(seeds.get(1).length - 50);
    }

    @Test
    void rejectsEveryTruncation() {
        for (byte[] seed : seeds) {
            for (int length = 0; length < seed.length; length++) {
                assertThat(HostileBoundary.receive(Arrays.copyOf(seed, length)))
                        .as("%d of %d bytes", length, seed.length)
                        .isFalse();
            }
        }
    }

    @Test
    void survivesEveryValueOfEveryHeaderByte() {
        for (byte[] seed : seeds) {
            for (int at = 0; at < Math.min(seed.length, 64); at++) {
                byte[] damaged = seed.clone();
                for (int value = 0; value < 256; value++) {
                    damaged[at] = (byte) value;
                    assertThat(HostileBoundary.receive(damaged) && at < 3 && damaged[at] != seed[at])
                            .as("length, codec or version byte %d changed to %d", at, value)
                            .isFalse();
                }
            }
        }
    }

    @Test
    void survivesFlippedBits() {
        Random random = new Random(21);
        int rejected = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = seeds.get(round % seeds.size()).clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            rejected += HostileBoundary.receive(damaged) ? 0 : 1;
        }
        assertThat(rejected).isBetween(ROUNDS / 10, ROUNDS - 1);
    }

    @Test
    void survivesBytesInsertedRemovedAndMixedWithOtherPayloads() {
        Random random = new Random(22);
        int rejected = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] seed = seeds.get(round % seeds.size());
            byte[] other = seeds.get(random.nextInt(seeds.size()));
            int from = random.nextInt(seed.length);
            int to = Math.min(seed.length, from + random.nextInt(12));
            int otherFrom = random.nextInt(other.length);
            byte[] graft = Arrays.copyOfRange(other, otherFrom, Math.min(other.length, otherFrom + random.nextInt(12)));
            rejected += HostileBoundary.receive(HostileBoundary.splice(seed, from, to, graft)) ? 0 : 1;
        }
        assertThat(rejected).isGreaterThan(ROUNDS / 2);
    }

    @Test
    void survivesLengthsAndDimensionsThatLie() {
        Random random = new Random(23);
        byte[][] lies = {{0}, {1}, {127}, {-1, 127}, {-1, -1, 127}, {-1, -1, -1, 127}, {-1, -1, -1, -1, 7}, {-128, 0}};
        for (int round = 0; round < ROUNDS; round++) {
            byte[] seed = seeds.get(round % seeds.size());
            int from = random.nextInt(seed.length);
            int to = Math.min(seed.length, from + 1 + random.nextInt(2));
            byte[] lie = lies[random.nextInt(lies.length)];
            // Either outcome is fine; an exception of another kind, or too large an allocation, ends the test.
            boolean decoded = HostileBoundary.receive(HostileBoundary.splice(seed, from, to, lie));
            assertThat(decoded && from == 0 && !Arrays.equals(lie, Arrays.copyOf(seed, lie.length)))
                    .as("a wrong first length decoded")
                    .isFalse();
        }
    }
}
