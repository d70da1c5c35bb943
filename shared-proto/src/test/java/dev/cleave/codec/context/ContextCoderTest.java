package dev.cleave.codec.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContextCoderTest {
    private static final Shape SHAPE = Shape.of(1, 6, 9, 11);
    private static final int ELEMENTS = 6 * 9 * 11;

    private final ContextScratch scratch = new ContextScratch();

    private static Shape shape(String dims) {
        return Shape.of(
                Arrays.stream(dims.split("x")).mapToLong(Long::parseLong).toArray());
    }

    private byte[] encoded(ContextCoder coder, byte[] symbols, Shape shape, int limit) {
        int bytes = coder.encode(symbols, shape, limit, scratch);
        return bytes < 0 ? null : Arrays.copyOfRange(scratch.coded(), scratch.codedFrom(), scratch.codedFrom() + bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "1x6x9x11, 1, 12", "1x7x9x11, 1, 12", "3x5x4x4, 1, 2", "2x4x4x6, 3, 33", "1x3x17, 1, 256", "5x3, 1, 4",
        "2x3x40, 2, 7", "300, -1, 9", "4x5, -1, 9", "2x3x8x8, -1, 64", "6x5x4, 0, 16", "2x3x4x5x6, 1, 16",
        "2x3x4x5x6, 4, 16", "1x1x1x1, 1, 2", "1x4x1x1, 1, 3", "0x4x3x3, 1, 3", "2x4x0x3, 1, 3"
    })
    void decodesWhatItEncodes(String dims, int axis, int levels) {
        Shape shape = shape(dims);
        int channels = axis < 0 ? 1 : (int) shape.dim(axis);
        ContextCoder coder = new ContextCoder(SampleModels.smooth(axis, channels, levels), shape, levels);
        for (int seed = 0; seed < 5; seed++) {
            byte[] symbols = SampleModels.wandering((int) shape.elements(), levels, seed);
            byte[] coded = encoded(coder, symbols, shape, 100 + 4 * symbols.length);
            byte[] decoded = new byte[symbols.length];
            assertThat(coder.decode(ByteBuffer.wrap(coded), shape, decoded, scratch))
                    .isNull();
            assertThat(decoded).isEqualTo(symbols);
        }
    }

    @Test
    void costsWhatTheTablesSay() {
        ContextModel model = SampleModels.smooth(1, 6, 16);
        ContextCoder coder = new ContextCoder(model, SHAPE, 16);
        byte[] symbols = SampleModels.wandering(ELEMENTS, 16, 1);
        double bits = 0;
        for (int i = 0; i < ELEMENTS; i++) {
            SymbolTable table = tableOf(model, symbols, i);
            int symbol = symbols[i];
            double share = table.has(symbol) ? table.frequency(symbol - table.first()) : table.escape() / 256.0;
            bits += Math.log(SymbolTable.SCALE / share) / Math.log(2);
        }
        // Four states, less what they hold of the symbols.
        assertThat((double) encoded(coder, symbols, SHAPE, ELEMENTS).length)
                .isBetween(bits / 8, bits / 8 + Rans.HEADER_BYTES);
    }

    /** From the documentation, independently of the code. */
    private static SymbolTable tableOf(ContextModel model, byte[] symbols, int at) {
        int x = at % 11;
        int y = at / 11 % 9;
        ContextModel.Channel channel = model.channels().get(at / 99);
        int north = y == 0 ? channel.start() : symbols[at - 11];
        int west = x == 0 ? north : symbols[at - 1];
        int northWest = y == 0 || x == 0 ? north : symbols[at - 12];
        int northEast = y == 0 || x == 10 ? north : symbols[at - 10];
        int sum = channel.bias()
                + channel.west() * west
                + channel.north() * north
                + channel.northWest() * northWest
                + channel.northEast() * northEast;
        int bin = Math.max(0, Math.min(model.bins() - 1, sum >> 8));
        return model.tables().get(model.tableOf().get(channel.group() * model.bins() + bin));
    }

    @Test
    void givesUpAtTheLimit() {
        ContextCoder coder = new ContextCoder(SampleModels.smooth(1, 6, 16), SHAPE, 16);
        byte[] symbols = SampleModels.wandering(ELEMENTS, 16, 2);
        int bytes = encoded(coder, symbols, SHAPE, ELEMENTS).length;
        for (int limit = 0; limit < bytes + 40; limit++) {
            byte[] within = encoded(coder, symbols, SHAPE, limit);
            if (within != null) {
                assertThat(within).hasSize(bytes).hasSizeLessThanOrEqualTo(limit);
            } else {
                assertThat(limit).isLessThan(bytes + 20);
            }
        }
    }

    @Test
    void noisePutsEveryPathOfTheCoderToWork() {
        byte[] noise = new byte[ELEMENTS];
        Random random = new Random(3);
        for (int i = 0; i < noise.length; i++) {
            noise[i] = (byte) random.nextInt(200);
        }
        ContextCoder coder = new ContextCoder(SampleModels.smooth(1, 6, 200), SHAPE, 200);
        byte[] coded = encoded(coder, noise, SHAPE, 4 * ELEMENTS);
        byte[] decoded = new byte[ELEMENTS];
        assertThat(coder.decode(ByteBuffer.wrap(coded), SHAPE, decoded, scratch))
                .isNull();
        assertThat(decoded).isEqualTo(noise);
        assertThat(encoded(coder, noise, SHAPE, ELEMENTS)).isNull();
    }

    /** Final states tell; what they miss is damage to the last words, one in a hundred here. */
    @Test
    void noticesNearlyAllDamage() {
        ContextCoder coder = new ContextCoder(SampleModels.smooth(1, 6, 16), SHAPE, 16);
        byte[] coded = encoded(coder, SampleModels.wandering(ELEMENTS, 16, 4), SHAPE, ELEMENTS);
        Random random = new Random(5);
        byte[] decoded = new byte[ELEMENTS];
        int unnoticed = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = coded.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            if (!Arrays.equals(damaged, coded)
                    && coder.decode(ByteBuffer.wrap(damaged), SHAPE, decoded, scratch) == null) {
                unnoticed++;
                for (byte symbol : decoded) {
                    assertThat(symbol & 0xff).isLessThan(16);
                }
            }
        }
        assertThat(unnoticed).isLessThan(400);
    }

    @Test
    void noticesEveryTruncationAndWhatIsTooLong() {
        ContextCoder coder = new ContextCoder(SampleModels.smooth(1, 6, 16), SHAPE, 16);
        byte[] coded = encoded(coder, SampleModels.wandering(ELEMENTS, 16, 6), SHAPE, ELEMENTS);
        byte[] decoded = new byte[ELEMENTS];
        for (int length = 0; length < coded.length + 9; length++) {
            if (length != coded.length) {
                byte[] other = Arrays.copyOf(coded, length);
                assertThat(coder.decode(ByteBuffer.wrap(other), SHAPE, decoded, scratch))
                        .as("%d of %d bytes", length, coded.length)
                        .isNotNull();
            }
        }
    }

    @Test
    void aTensorWithoutElementsCostsNothingHoweverLongItsAxesAre() {
        Shape declared = Shape.of(Shape.BATCH, 6, Shape.DYNAMIC, Shape.DYNAMIC);
        ContextCoder coder = new ContextCoder(SampleModels.smooth(1, 6, 16), declared, 16);
        byte[] states = new byte[Rans.HEADER_BYTES];
        for (int lane = 0; lane < Rans.LANES; lane++) {
            states[4 * lane + 1] = (byte) (Rans.LOW >> 8);
        }
        Shape empty = Shape.of(0, 6, Integer.MAX_VALUE, Integer.MAX_VALUE);
        assertThat(coder.decode(ByteBuffer.wrap(states), empty, new byte[0], scratch))
                .isNull();
        assertThat(encoded(coder, new byte[0], empty, 0)).isNull();
        assertThat(scratch.north[0]).isEmpty();
    }

    @Test
    void refusesAModelForAnotherTensor() {
        ContextModel model = SampleModels.smooth(1, 6, 16);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ContextCoder(model, Shape.of(1, 5, 9, 11), 16))
                .withMessage("context model of 6 channels on axis 1 of [1,5,9,11]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ContextCoder(model, SHAPE, 15))
                .withMessageEndingWith("for 15 levels");
        assertThat(List.of(model, SampleModels.smooth(1, 6, 16)).get(1)).isEqualTo(model);
    }
}
