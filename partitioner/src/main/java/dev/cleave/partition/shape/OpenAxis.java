package dev.cleave.partition.shape;

/**
 * A dimension of an input whose size the model leaves open.
 *
 * @param symbol its symbolic name, or empty; one name may stand for two sizes
 */
record OpenAxis(String input, int axis, String symbol) {
    /** The name by which a size can be given: the symbol, or {@code INPUT:AXIS}. */
    String key() {
        return symbol.isEmpty() ? input + ":" + axis : symbol;
    }
}
