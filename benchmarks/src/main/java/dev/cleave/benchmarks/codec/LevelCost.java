package dev.cleave.benchmarks.codec;

import dev.cleave.codec.context.ContextCoder;
import dev.cleave.codec.context.ContextModel;
import dev.cleave.codec.context.ContextScratch;
import dev.cleave.partition.context.ContextTrainer;
import dev.cleave.tensor.Shape;
import java.util.List;

/**
 * What integers cost with the coder of the product, its model learned on other pictures. Integers outside of 256 around their
 * middle are counted with {@value #OUTSIDE_BITS} bits more each.
 */
final class LevelCost {
    private static final int OUTSIDE_BITS = 16;
    private static final int CHANNEL_AXIS = 3;

    private final Shape shape;
    private final int low;
    private final int levels;
    private final ContextCoder coder;

    LevelCost(BlockBasis basis, List<int[]> learned) {
        shape = Shape.of(1, basis.height / basis.side, basis.width / basis.side, (long) basis.area() * basis.channels);
        int smallest = 0;
        int largest = 0;
        for (int[] picture : learned) {
            for (int level : picture) {
                smallest = Math.min(smallest, level);
                largest = Math.max(largest, level);
            }
        }
        low = Math.max(smallest, Math.min(-128, largest - 255));
        levels = Math.max(2, Math.min(256, largest - low + 1));
        ContextTrainer trainer = new ContextTrainer(CHANNEL_AXIS, levels);
        learned.forEach(picture -> trainer.observe(symbols(picture), shape));
        ContextModel model = trainer.model();
        coder = new ContextCoder(model, shape, levels);
    }

    private byte[] symbols(int[] picture) {
        byte[] symbols = new byte[picture.length];
        for (int i = 0; i < picture.length; i++) {
            symbols[i] = (byte) Math.max(0, Math.min(levels - 1, picture[i] - low));
        }
        return symbols;
    }

    /** Bits per integer. */
    double bits(List<int[]> pictures) {
        ContextScratch scratch = new ContextScratch();
        double bits = 0;
        for (int[] picture : pictures) {
            bits += 8.0 * coder.encode(symbols(picture), shape, 4 * picture.length + 64, scratch);
            for (int level : picture) {
                bits += level < low || level >= low + levels ? OUTSIDE_BITS : 0;
            }
        }
        return bits / pictures.size() / shape.elements();
    }
}
