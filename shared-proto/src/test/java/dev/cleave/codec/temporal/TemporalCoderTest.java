package dev.cleave.codec.temporal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.temporal.SampleVideos.Values;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporalCoderTest {
    private static final Shape SHAPE = Shape.of(1, 6, 12, 10);
    private static final int ELEMENTS = 6 * 12 * 10;
    private static final int LEVELS = 24;

    private final TemporalScratch scratch = new TemporalScratch();

    private static Shape shape(String dims) {
        return Shape.of(
                Arrays.stream(dims.split("x")).mapToLong(Long::parseLong).toArray());
    }

    private byte[] coded(
            TemporalCoder coder,
            Values values,
            Shape shape,
            SymbolReference reference,
            byte[] symbols,
            TemporalTuning tuning) {
        int limit = 200 + 8 * symbols.length;
        int bytes =
                coder.encode(values.floors(), values.fractions(), shape, reference, limit, symbols, tuning, scratch);
        assertThat(bytes).isPositive();
        return Arrays.copyOfRange(scratch.coded(), scratch.codedFrom(), scratch.codedFrom() + bytes);
    }

    private static String decode(
            TemporalCoder coder, byte[] coded, Shape shape, SymbolReference reference, byte[] symbols) {
        return coder.decode(ByteBuffer.wrap(coded), shape, reference, symbols, new TemporalScratch());
    }

    @ParameterizedTest
    @CsvSource({
        "1x6x9x11, 1, 12", "1x7x9x11, 1, 12", "3x5x4x4, 1, 2", "2x4x4x6, 3, 33", "1x3x17, 1, 256", "5x3, 1, 4",
        "2x3x40, 2, 7", "300, -1, 9", "4x5, -1, 9", "2x3x8x8, -1, 64", "6x5x4, 0, 16", "2x3x4x5x6, 1, 16",
        "2x3x4x5x6, 4, 16", "1x1x1x1, 1, 2", "1x4x1x1, 1, 3", "0x4x3x3, 1, 3", "2x4x0x3, 1, 3", "1x5x7x7, 1, 256"
    })
    void decodesAVideoFromReferencesAndBytesAlone(String dims, int axis, int levels) {
        Shape shape = shape(dims);
        int elements = (int) shape.elements();
        int width = (int) Math.max(1, shape.dim(shape.rank() - 1));
        TemporalCoder coder = new TemporalCoder(axis, levels);
        for (double noise : new double[] {0, 0.6, 40}) {
            TemporalTuning tuning = new TemporalTuning(noise == 0 ? 0 : 0.03);
            Values first = SampleVideos.scene(elements, 4, width, levels, 0, noise, 1);
            SymbolReference reference = SymbolReference.alone(first.nearest());
            for (int time = 1; time < 5; time++) {
                Values values = SampleVideos.scene(elements, 4, width, levels, time, noise, 1);
                byte[] symbols = new byte[elements];
                byte[] coded = coded(coder, values, shape, reference, symbols, tuning);
                byte[] decoded = new byte[elements];
                assertThat(decode(coder, coded, shape, reference, decoded)).isNull();
                assertThat(decoded).isEqualTo(symbols);
                reference = reference.next(symbols);
            }
        }
    }

    @Test
    void withoutAddedErrorTakesTheNearestSymbols() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        TemporalTuning tuning = new TemporalTuning(0);
        SymbolReference reference = SymbolReference.alone(
                SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 0, 1, 3).nearest());
        for (int time = 1; time < 10; time++) {
            Values values = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, time, 1, 3);
            byte[] symbols = new byte[ELEMENTS];
            coded(coder, values, SHAPE, reference, symbols, tuning);
            assertThat(symbols).isEqualTo(values.nearest());
            reference = reference.next(symbols);
        }
    }

    @Test
    void addsAsMuchErrorAsWasAskedForAndSavesBytesByIt() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        TemporalTuning exact = new TemporalTuning(0);
        TemporalTuning lax = new TemporalTuning(0.03);
        byte[] first = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 0, 0.7, 5).nearest();
        SymbolReference exactReference = SymbolReference.alone(first);
        SymbolReference laxReference = SymbolReference.alone(first);
        long exactBytes = 0;
        long laxBytes = 0;
        double added = 0;
        int times = 60;
        for (int time = 1; time <= times; time++) {
            Values values = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, time, 0.7, 5);
            byte[] exactly = new byte[ELEMENTS];
            byte[] laxly = new byte[ELEMENTS];
            exactBytes += coded(coder, values, SHAPE, exactReference, exactly, exact).length;
            laxBytes += coded(coder, values, SHAPE, laxReference, laxly, lax).length;
            for (int i = 0; i < ELEMENTS; i++) {
                added += square(values.fine(i), laxly[i]) - square(values.fine(i), exactly[i]);
                assertThat(Math.abs(values.fine(i) - 256 * laxly[i])).isLessThan(256);
            }
            exactReference = exactReference.next(exactly);
            laxReference = laxReference.next(laxly);
        }
        assertThat(added / times / ELEMENTS).isBetween(0.02, 0.04);
        assertThat(laxBytes).isLessThan(exactBytes * 19 / 20);
    }

    private static double square(int fine, int symbol) {
        double error = fine / 256.0 - symbol;
        return error * error;
    }

    @Test
    void zerosStayZero() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        TemporalTuning tuning = new TemporalTuning(1);
        Random random = new Random(7);
        SymbolReference reference =
                SymbolReference.alone(SampleVideos.noise(ELEMENTS, LEVELS, 1).nearest());
        for (int time = 0; time < 20; time++) {
            int[] fine = new int[ELEMENTS];
            for (int i = 0; i < ELEMENTS; i++) {
                fine[i] = Math.max(0, (int) (600 * random.nextGaussian()));
            }
            Values values = Values.of(fine);
            byte[] symbols = new byte[ELEMENTS];
            coded(coder, values, SHAPE, reference, symbols, tuning);
            for (int i = 0; i < ELEMENTS; i++) {
                assertThat(symbols[i] != 0 && fine[i] == 0).isFalse();
            }
            reference = reference.next(symbols);
        }
    }

    @Test
    void whatDoesNotChangeCostsNextToNothing() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        TemporalTuning tuning = new TemporalTuning(0);
        Values still = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 0, 1, 9);
        SymbolReference reference = SymbolReference.alone(still.nearest());
        byte[] symbols = new byte[ELEMENTS];
        coded(coder, still, SHAPE, reference, symbols, tuning);
        byte[] again = coded(coder, still, SHAPE, reference.next(symbols), symbols, tuning);
        assertThat(again).hasSizeLessThan(TemporalCoder.HEADER_BYTES + 16 + 8);
    }

    @Test
    void anotherReferenceIsNoticed() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        Random random = new Random(11);
        int unnoticed = 0;
        for (int round = 0; round < 300; round++) {
            SymbolReference reference = SymbolReference.alone(
                    SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, round, 1, 2).nearest());
            Values values = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, round + 1, 1, 2);
            byte[] coded = coded(coder, values, SHAPE, reference, new byte[ELEMENTS], new TemporalTuning(0.02));
            byte[] other = reference.symbols().clone();
            other[random.nextInt(ELEMENTS)] ^= 1;
            String fault = decode(coder, coded, SHAPE, SymbolReference.alone(other), new byte[ELEMENTS]);
            unnoticed += fault == null ? 1 : 0;
        }
        // A neighbour that is one off may leave every table what it was.
        assertThat(unnoticed).isLessThan(60);
    }

    @Test
    void givesUpAtTheLimit() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        SymbolReference reference = SymbolReference.alone(
                SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 0, 1, 4).nearest());
        Values values = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 1, 1, 4);
        byte[] symbols = new byte[ELEMENTS];
        int bytes = coded(coder, values, SHAPE, reference, symbols, new TemporalTuning(0)).length;
        for (int limit = 0; limit < bytes + 40; limit++) {
            int within = coder.encode(
                    values.floors(),
                    values.fractions(),
                    SHAPE,
                    reference,
                    limit,
                    symbols,
                    new TemporalTuning(0),
                    scratch);
            if (within >= 0) {
                assertThat(within).isEqualTo(bytes).isLessThan(limit);
            } else {
                assertThat(limit).isLessThan(bytes + 20);
            }
        }
    }

    @Test
    void damageGivesAFaultOrSymbolsOfTheTensor() {
        TemporalCoder coder = new TemporalCoder(1, LEVELS);
        SymbolReference reference = SymbolReference.alone(
                SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 0, 1, 6).nearest());
        Values values = SampleVideos.scene(ELEMENTS, 12, 10, LEVELS, 1, 1, 6);
        byte[] coded = coded(coder, values, SHAPE, reference, new byte[ELEMENTS], new TemporalTuning(0));
        Random random = new Random(8);
        int rejected = 0;
        int rounds = 3000;
        for (int round = 0; round < rounds; round++) {
            byte[] damaged = coded.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] decoded = new byte[ELEMENTS];
            if (decode(coder, damaged, SHAPE, reference, decoded) != null) {
                rejected++;
            } else {
                for (byte symbol : decoded) {
                    assertThat(symbol).isBetween((byte) 0, (byte) (LEVELS - 1));
                }
            }
        }
        assertThat(rejected).isGreaterThan(rounds * 9 / 10);
        for (int length = 0; length < coded.length; length++) {
            assertThat(decode(coder, Arrays.copyOf(coded, length), SHAPE, reference, new byte[ELEMENTS]))
                    .as("%d of %d bytes", length, coded.length)
                    .isNotNull();
        }
    }
}
