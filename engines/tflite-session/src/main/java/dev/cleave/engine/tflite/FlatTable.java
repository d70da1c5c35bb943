package dev.cleave.engine.tflite;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A table of a flatbuffer, read where it lies. Fields go by their number in the schema; an absent one has its default.
 *
 * <p>Nothing is believed: whatever an offset points to is read with the buffer's own checks, and a vector longer than the
 * buffer is not begun. Source: the FlatBuffers internals page (binary format).
 */
final class FlatTable {
    private static final int SLOT_BYTES = 2;
    private static final int FIRST_SLOT = 4;

    private final ByteBuffer bytes;
    private final int at;
    private final int slots;
    private final int slotsEnd;

    private FlatTable(ByteBuffer bytes, int at) {
        this.bytes = bytes;
        this.at = at;
        this.slots = at - bytes.getInt(at);
        this.slotsEnd = bytes.getShort(slots) & 0xFFFF;
    }

    /**
     * The root table.
     *
     * @throws IndexOutOfBoundsException here and in every other method: an offset leads out of the buffer
     */
    static FlatTable root(byte[] file) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        return new FlatTable(bytes, bytes.getInt(0));
    }

    private int field(int number) {
        int slot = FIRST_SLOT + number * SLOT_BYTES;
        int offset = slot + SLOT_BYTES > slotsEnd ? 0 : bytes.getShort(slots + slot) & 0xFFFF;
        return offset == 0 ? 0 : at + offset;
    }

    boolean has(int number) {
        return field(number) != 0;
    }

    int byteAt(int number, int absent) {
        int field = field(number);
        return field == 0 ? absent : bytes.get(field);
    }

    int intAt(int number, int absent) {
        int field = field(number);
        return field == 0 ? absent : bytes.getInt(field);
    }

    long longAt(int number, long absent) {
        int field = field(number);
        return field == 0 ? absent : bytes.getLong(field);
    }

    /** Null if absent. */
    FlatTable table(int number) {
        int field = field(number);
        return field == 0 ? null : new FlatTable(bytes, follow(field));
    }

    /** Empty if absent. */
    List<FlatTable> tables(int number) {
        int size = size(number, Integer.BYTES);
        int start = elements(number);
        List<FlatTable> tables = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            tables.add(new FlatTable(bytes, follow(start + i * Integer.BYTES)));
        }
        return tables;
    }

    /** Empty if absent. */
    int[] ints(int number) {
        int[] values = new int[size(number, Integer.BYTES)];
        int start = elements(number);
        for (int i = 0; i < values.length; i++) {
            values[i] = bytes.getInt(start + i * Integer.BYTES);
        }
        return values;
    }

    float floatOf(int number, int index) {
        return bytes.getFloat(elements(number) + index * Float.BYTES);
    }

    long longOf(int number, int index) {
        return bytes.getLong(elements(number) + index * Long.BYTES);
    }

    int intOf(int number, int index) {
        return bytes.getInt(elements(number) + index * Integer.BYTES);
    }

    /** Number of elements of a vector of so many bytes each; 0 if absent. */
    int size(int number, int elementBytes) {
        int field = field(number);
        if (field == 0) {
            return 0;
        }
        int vector = follow(field);
        int size = bytes.getInt(vector);
        if (size < 0 || size > (bytes.capacity() - vector - Integer.BYTES) / elementBytes) {
            throw new IndexOutOfBoundsException("vector of " + size + " elements at " + vector);
        }
        return size;
    }

    /** Empty if absent. */
    String string(int number) {
        byte[] text = new byte[size(number, 1)];
        int start = elements(number);
        for (int i = 0; i < text.length; i++) {
            text[i] = bytes.get(start + i);
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private int elements(int number) {
        int field = field(number);
        return field == 0 ? 0 : follow(field) + Integer.BYTES;
    }

    private int follow(int field) {
        int target = field + bytes.getInt(field);
        if (target <= field) {
            throw new IndexOutOfBoundsException("offset at " + field + " leads to " + target);
        }
        return target;
    }
}
