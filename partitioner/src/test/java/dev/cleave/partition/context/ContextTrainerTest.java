package dev.cleave.partition.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.codec.context.ContextCoder;
import dev.cleave.codec.context.ContextModel;
import dev.cleave.codec.context.ContextModel.Channel;
import dev.cleave.codec.context.ContextScratch;
import dev.cleave.tensor.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextTrainerTest {
    private static final int SIDE = 16;
    private static final Shape SHAPE = Shape.of(1, 3, SIDE, SIDE);

    /** Three channels: each pixel its north neighbour give or take one; its west neighbour; always 5. */
    private static byte[] channels(Random random) {
        byte[] symbols = new byte[3 * SIDE * SIDE];
        for (int i = 0; i < SIDE * SIDE; i++) {
            int north = i < SIDE ? 8 : symbols[i - SIDE];
            int west = i % SIDE == 0 ? random.nextInt(16) : symbols[SIDE * SIDE + i - 1];
            symbols[i] = (byte) Math.max(0, Math.min(15, north + random.nextInt(3) - 1));
            symbols[SIDE * SIDE + i] = (byte) west;
            symbols[2 * SIDE * SIDE + i] = 5;
        }
        return symbols;
    }

    private static ContextModel learned(int inputs) {
        ContextTrainer trainer = new ContextTrainer(1, 16);
        Random random = new Random(1);
        for (int i = 0; i < inputs; i++) {
            trainer.observe(channels(random), SHAPE);
        }
        return trainer.model();
    }

    @Test
    void findsWhichNeighboursTell() {
        ContextModel model = learned(40);
        int unit = 256 * (model.bins() - 1) / 15;
        Channel first = model.channels().get(0);
        assertThat(first.north()).isBetween(unit * 3 / 4, unit * 5 / 4);
        assertThat(Math.abs(first.west())).isLessThan(unit / 4);
        Channel second = model.channels().get(1);
        assertThat(second.west()).isBetween(unit * 3 / 4, unit * 5 / 4);
        assertThat(Math.abs(second.north())).isLessThan(unit / 4);
        Channel third = model.channels().get(2);
        assertThat(third.start()).isEqualTo(5);
        assertThat(first.group()).isGreaterThan(third.group());
    }

    /** One of three for a third of the symbols, mostly nothing for the others. */
    @Test
    void codesOtherInputsCloseToTheirEntropy() {
        ContextCoder coder = new ContextCoder(learned(40), SHAPE, 16);
        ContextScratch scratch = new ContextScratch();
        Random random = new Random(2);
        double bytes = 0;
        for (int i = 0; i < 20; i++) {
            byte[] symbols = channels(random);
            int length = coder.encode(symbols, SHAPE, 1000, scratch);
            bytes += length / 20.0;
            byte[] coded = Arrays.copyOfRange(scratch.coded(), scratch.codedFrom(), scratch.codedFrom() + length);
            byte[] decoded = new byte[symbols.length];
            assertThat(coder.decode(ByteBuffer.wrap(coded), SHAPE, decoded, scratch))
                    .isNull();
            assertThat(decoded).isEqualTo(symbols);
        }
        double entropy = (SIDE * SIDE * Math.log(3) / Math.log(2) + SIDE * 4) / 8;
        assertThat(bytes).isBetween(0.9 * entropy, 1.1 * entropy + 32);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 17, 128, 256})
    void learnsFromNoiseOfAnyNumberOfLevels(int levels) {
        Shape shape = Shape.of(2, 5, 70);
        ContextTrainer trainer = new ContextTrainer(2, levels);
        Random random = new Random(levels);
        byte[] symbols = new byte[(int) shape.elements()];
        for (int input = 0; input < 8; input++) {
            for (int i = 0; i < symbols.length; i++) {
                symbols[i] = (byte) random.nextInt(levels);
            }
            trainer.observe(symbols, shape);
        }
        ContextModel model = trainer.model();
        assertThat(model.misfit(shape, levels)).isNull();
        assertThat(model.tables()).hasSizeLessThanOrEqualTo(ContextModel.MAX_TABLES);
        assertThat(model.channels()).hasSize(70);
    }

    @Test
    void knowsNothingWithoutSymbols() {
        ContextTrainer trainer = new ContextTrainer(ContextModel.NO_CHANNELS, 4);
        trainer.observe(new byte[0], Shape.of(0, 7));
        assertThat(trainer.model()).isNull();
        trainer.observe(new byte[] {1}, Shape.of(1));
        assertThat(trainer.model().channels()).hasSize(1);
    }
}
