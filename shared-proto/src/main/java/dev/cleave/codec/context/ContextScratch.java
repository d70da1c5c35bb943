package dev.cleave.codec.context;

/**
 * What coding one tensor needs beside the result. Belongs to whoever codes, one thread at a time; grows to the largest
 * tensor it has seen, so that the next one allocates nothing.
 */
public final class ContextScratch {
    /** Symbols plane by plane. */
    byte[] planar = {};
    /** The table of each symbol. */
    byte[] tables = {};

    final CodedWords words = new CodedWords();

    /** What the row above adds to the predictions of each lane's row; a plane on its own uses the first. */
    final int[][] north = new int[Rans.LANES][0];

    /** Of each lane's plane. */
    final int[] channels = new int[Rans.LANES];

    void roomForPlanar(int elements) {
        if (planar.length < elements) {
            planar = new byte[elements];
        }
    }

    /** Rows side by side only where there are that many planes: four bytes an element, at most. */
    void roomForRows(Planes planes) {
        int lanes = planes.count() < Rans.LANES ? 1 : Rans.LANES;
        for (int lane = 0; lane < lanes; lane++) {
            if (north[lane].length < planes.width()) {
                north[lane] = new int[planes.width()];
            }
        }
    }

    void roomForTables(int elements) {
        if (tables.length < elements) {
            tables = new byte[elements];
        }
    }

    /** Bytes that {@link ContextCoder#encode} left here: from {@link #codedFrom} on. */
    public byte[] coded() {
        return words.coded();
    }

    /** Where they begin. */
    public int codedFrom() {
        return words.from();
    }
}
