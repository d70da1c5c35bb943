package dev.cleave.codec;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * From the 8-bit integers of an INT8 head to symbols, by table: what {@link Quantizer} makes of the float that an integer
 * stands for, worked out once for all 256. Immutable, thread-safe.
 */
final class LevelTables {
    private static final int VALUES = 256;
    /** Three megabytes. More channels go through floats. */
    private static final int MOST_TABLES = 1 << 12;

    private final int axis;
    /** By index of the axis, by the integer's byte. */
    private final byte[][] tables;
    /** The same in 256ths of a symbol. */
    private final char[][] fine;

    private LevelTables(int axis, byte[][] tables, char[][] fine) {
        this.axis = axis;
        this.tables = tables;
        this.fine = fine;
    }

    /** Null where floats have to be made: for wider integers, or where scales and ranges belong to different axes. */
    static LevelTables of(IntegerForm form, Quantizer quantizer) {
        boolean bytes = form.type() == ElementType.UINT8 || form.type() == ElementType.INT8;
        int count = Math.max(form.scales(), quantizer.ranges());
        boolean oneAxis = form.scales() == 1 || quantizer.ranges() == 1 || form.axis() == quantizer.axis();
        if (!bytes || !oneAxis || count > MOST_TABLES) {
            return null;
        }
        byte[][] tables = new byte[count][VALUES];
        char[][] fine = new char[count][VALUES];
        for (int index = 0; index < count; index++) {
            for (int value = 0; value < VALUES; value++) {
                int integer = form.type() == ElementType.INT8 ? (byte) value : value;
                float real = form.value(integer, form.scales() == 1 ? 0 : index);
                int range = quantizer.ranges() == 1 ? 0 : index;
                tables[index][value] = quantizer.level(real, range);
                fine[index][value] = (char) quantizer.fine(real, range);
            }
        }
        return new LevelTables(Math.max(form.axis(), quantizer.axis()), tables, fine);
    }

    /**
     * Quantises a tensor.
     *
     * @param symbols takes one symbol per element, in memory order
     */
    void quantize(Tensor integers, byte[] symbols) {
        int elements = integers.elements();
        ByteBuffer data = integers.data();
        data.get(symbols, 0, elements);
        AxisRuns runs = new AxisRuns(integers.shape(), axis, tables.length);
        for (int from = 0, run; from < elements; from += run) {
            run = runs.next(elements - from);
            byte[] table = tables[runs.index()];
            for (int i = from; i < from + run; i++) {
                symbols[i] = table[symbols[i] & 0xff];
            }
        }
    }

    /**
     * Quantises a tensor more finely.
     *
     * @param floors takes the symbol at or below each element
     * @param fractions takes how far the element is above it, in 256ths
     */
    void quantize(Tensor integers, byte[] floors, byte[] fractions) {
        int elements = integers.elements();
        ByteBuffer data = integers.data();
        data.get(floors, 0, elements);
        AxisRuns runs = new AxisRuns(integers.shape(), axis, fine.length);
        for (int from = 0, run; from < elements; from += run) {
            run = runs.next(elements - from);
            char[] table = fine[runs.index()];
            for (int i = from; i < from + run; i++) {
                char value = table[floors[i] & 0xff];
                floors[i] = (byte) (value >> 8);
                fractions[i] = (byte) value;
            }
        }
    }
}
