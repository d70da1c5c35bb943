package dev.cleave.benchmarks.codec;

/** A way to make integers of a boundary, and floats of these again. Immutable once learned. */
interface CodingForm {
    /** Name in the table. */
    String label();

    /** Finest step that is tried. */
    double finest();

    /** {@code basis().channels * basis().area()} planes of {@code blocks()} integers, plane by plane. */
    BlockBasis basis();

    /** Integers as {@code [blocks][coefficients][channels]}. */
    int[] levels(float[] picture, float step);

    float[] picture(int[] levels, float step);
}
