package dev.cleave.codec.temporal;

import dev.cleave.codec.context.CodedWords;
import dev.cleave.codec.context.Planes;
import java.util.Arrays;

/**
 * What coding one tensor needs beside the result. Belongs to whoever codes, one thread at a time; grows to the largest tensor
 * it has seen, so that the next one allocates nothing.
 *
 * <p>Planes are padded here by a row above and below and a column on either side, which repeat what they lie beside: so every
 * symbol has four neighbours, and none beyond the edge has changed.
 */
public final class TemporalScratch {
    /** Padded planes of the reference, of what was before it, and of the symbols as far as they are known. */
    byte[] reference = {};

    byte[] before = {};
    byte[] symbols = {};
    /** By place in a plane: how much it has changed lately in the channels so far, blurred. */
    int[] motion = {};
    /** The same before it is blurred, padded by zeros. */
    private int[] changes = {};

    final Surroundings[] rows = new Surroundings[CodedWords.LANES];
    final CodedWords words = new CodedWords();
    final FrameModel model = new FrameModel();
    /** Planes without padding. */
    byte[] planar = {};

    byte[] planarFractions = {};
    /** For the encoder, of each symbol: its context, and {@link ResidualCosts#index} of its residual. */
    byte[] contexts = {};

    byte[] residuals = {};

    public TemporalScratch() {
        Arrays.setAll(rows, lane -> new Surroundings());
    }

    /** Bytes of a plane with its padding. */
    static int paddedArea(Planes planes) {
        return (planes.width() + 2) * (planes.height() + 2);
    }

    /** Where a plane's first symbol lies. */
    static int first(Planes planes, int plane) {
        return plane * paddedArea(planes) + planes.width() + 3;
    }

    /** Begins a tensor: takes in its reference. */
    void begin(Planes planes, SymbolReference held) {
        int padded = planes.count() * paddedArea(planes);
        if (reference.length < padded) {
            reference = new byte[padded];
            before = new byte[padded];
            symbols = new byte[padded];
        }
        pad(planes, held.symbols(), reference);
        if (held.before() == held.symbols()) {
            System.arraycopy(reference, 0, before, 0, padded);
        } else {
            pad(planes, held.before(), before);
        }
        System.arraycopy(reference, 0, symbols, 0, padded);
        for (Surroundings row : rows) {
            row.room(planes.width());
        }
        int paddedArea = paddedArea(planes);
        if (changes.length < paddedArea) {
            changes = new int[paddedArea];
            motion = new int[paddedArea];
        }
        Arrays.fill(changes, 0, paddedArea, 0);
    }

    /** From memory order to planes that lie one after another. */
    static byte[] planar(Planes planes, byte[] memory, byte[] room) {
        if (planes.inOrder()) {
            return memory;
        }
        planes.gather(memory, room);
        return room;
    }

    void roomForPlanar(int elements) {
        if (planar.length < elements) {
            planar = new byte[elements];
            planarFractions = new byte[elements];
        }
    }

    void roomForContexts(int elements) {
        if (contexts.length < elements) {
            contexts = new byte[elements];
            residuals = new byte[elements];
        }
    }

    private void pad(Planes planes, byte[] memory, byte[] into) {
        int width = planes.width();
        int height = planes.height();
        int stride = width + 2;
        roomForPlanar(planes.inOrder() ? 0 : planes.count() * planes.area());
        byte[] from = planar(planes, memory, planar);
        for (int plane = 0, at = 0; plane < planes.count(); plane++) {
            int top = first(planes, plane) - 1;
            for (int y = 0, row = top; y < height; y++, row += stride, at += width) {
                System.arraycopy(from, at, into, row + 1, width);
                into[row] = from[at];
                into[row + stride - 1] = from[at + width - 1];
            }
            System.arraycopy(into, top, into, top - stride, stride);
            int bottom = top + (height - 1) * stride;
            System.arraycopy(into, bottom, into, bottom + stride, stride);
        }
    }

    /** The symbols, in memory order. */
    void unpad(Planes planes, byte[] memory) {
        int width = planes.width();
        roomForPlanar(planes.inOrder() ? 0 : planes.count() * planes.area());
        byte[] into = planes.inOrder() ? memory : planar;
        for (int plane = 0, at = 0; plane < planes.count(); plane++) {
            int row = first(planes, plane);
            for (int y = 0; y < planes.height(); y++, row += width + 2, at += width) {
                System.arraycopy(symbols, row, into, at, width);
            }
        }
        if (into != memory) {
            planes.scatter(into, memory);
        }
    }

    /** Blurs what has changed so far, for the next planes to look at. */
    void lookAtMotion(Planes planes) {
        int width = planes.width();
        int stride = width + 2;
        for (int y = 0, at = 0; y < planes.height(); y++) {
            int row = (y + 1) * stride + 1;
            for (int i = row; i < row + width; i++, at++) {
                int north = changes[i - stride - 1] + 2 * changes[i - stride] + changes[i - stride + 1];
                int here = changes[i - 1] + 2 * changes[i] + changes[i + 1];
                int south = changes[i + stride - 1] + 2 * changes[i + stride] + changes[i + stride + 1];
                motion[at] = north + 2 * here + south >> 4;
            }
        }
    }

    /** Adds a plane to what has changed: an eighth of it is new, seven eighths stay. */
    void addMotion(Planes planes, int plane) {
        int paddedArea = paddedArea(planes);
        int from = plane * paddedArea;
        for (int i = 0; i < paddedArea; i++) {
            int changed = Math.abs((symbols[from + i] & 0xff) - (reference[from + i] & 0xff));
            changes[i] += (changed << 8) - changes[i] >> 3;
        }
    }

    /** Bytes that {@link TemporalCoder#encode} left here: from {@link #codedFrom} on. */
    public byte[] coded() {
        return words.coded();
    }

    /** Where they begin. */
    public int codedFrom() {
        return words.from();
    }
}
