package dev.cleave.cli.inputs;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * What the header of an {@code .npy} file declares.
 *
 * @param order of the stored elements
 */
record NpyHeader(ElementType type, ByteOrder order, Shape shape) {
    /** By kind and width; bfloat16 is what {@code ml_dtypes} stores, an opaque pair of bytes. */
    private static final Map<String, ElementType> TYPES = Map.ofEntries(
            Map.entry("f2", ElementType.FLOAT16),
            Map.entry("f4", ElementType.FLOAT32),
            Map.entry("f8", ElementType.FLOAT64),
            Map.entry("i1", ElementType.INT8),
            Map.entry("i2", ElementType.INT16),
            Map.entry("i4", ElementType.INT32),
            Map.entry("i8", ElementType.INT64),
            Map.entry("u1", ElementType.UINT8),
            Map.entry("u2", ElementType.UINT16),
            Map.entry("u4", ElementType.UINT32),
            Map.entry("u8", ElementType.UINT64),
            Map.entry("b1", ElementType.BOOL),
            Map.entry("V2", ElementType.BFLOAT16));

    /**
     * Parses the text between the prefix and the data.
     *
     * @throws MalformedInputException if it is not the dictionary that the format describes, or declares an array that
     *     cannot become a tensor
     */
    static NpyHeader parse(String text) throws MalformedInputException {
        Map<String, Object> fields = PythonLiteral.parseDictionary(text);
        Object descr = fields.get("descr");
        Object fortranOrder = fields.get("fortran_order");
        Object shape = fields.get("shape");
        if (fields.size() != 3 || descr == null || !(fortranOrder instanceof Boolean) || !(shape instanceof long[])) {
            throw new MalformedInputException(
                    "the array's header has the fields " + fields.keySet() + "; expected descr, fortran_order, shape");
        }
        Shape parsed = shape((long[]) shape);
        if ((Boolean) fortranOrder && parsed.rank() > 1) {
            throw new MalformedInputException("the array " + parsed
                    + " is stored column by column; expected rows, as numpy.ascontiguousarray makes them");
        }
        if (!(descr instanceof String)) {
            throw new MalformedInputException("the array has fields of its own; expected plain numbers");
        }
        return element((String) descr, parsed);
    }

    /** Number of bytes of the data. */
    long dataBytes() throws MalformedInputException {
        try {
            return Math.multiplyExact(shape.elements(), (long) type.bytes());
        } catch (ArithmeticException overflow) {
            throw new MalformedInputException("the array has shape " + shape + "; expected at most 2 GiB", overflow);
        }
    }

    private static NpyHeader element(String descr, Shape shape) throws MalformedInputException {
        boolean hasOrder = !descr.isEmpty() && "<>|=".indexOf(descr.charAt(0)) >= 0;
        ElementType type = TYPES.get(hasOrder ? descr.substring(1) : descr);
        if (type == null) {
            throw new MalformedInputException(
                    "the array's elements are \"" + descr + "\"; expected a numeric or bool type such as \"<f4\"");
        }
        ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyHeader(type, order, shape);
    }

    private static Shape shape(long[] dims) throws MalformedInputException {
        for (long dim : dims) {
            if (dim < 0) {
                throw new MalformedInputException("the array has a dimension of " + dim + "; expected 0 or more");
            }
        }
        try {
            return Shape.of(dims);
        } catch (IllegalArgumentException refused) {
            throw new MalformedInputException("the array has a " + refused.getMessage(), refused);
        }
    }
}
