package dev.cleave.endtoend.exact;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes arrays as NumPy does: format 1.0, little-endian, C order. */
final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};

    private Npy() {}

    static byte[] floats(float[] values, long... shape) {
        ByteBuffer data = littleEndian(values.length * 4);
        data.asFloatBuffer().put(values);
        return array("<f4", data, shape);
    }

    static byte[] ints(int[] values, long... shape) {
        ByteBuffer data = littleEndian(values.length * 4);
        data.asIntBuffer().put(values);
        return array("<i4", data, shape);
    }

    static byte[] longs(long[] values, long... shape) {
        ByteBuffer data = littleEndian(values.length * 8);
        data.asLongBuffer().put(values);
        return array("<i8", data, shape);
    }

    /** Several arrays in one {@code .npz} file, by name. */
    static void write(Path file, Map<String, byte[]> arrays) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> array : arrays.entrySet()) {
                zip.putNextEntry(new ZipEntry(array.getKey() + ".npy"));
                zip.write(array.getValue());
            }
        }
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] array(String type, ByteBuffer data, long... shape) {
        String dims = Arrays.stream(shape).mapToObj(dim -> dim + ",").collect(Collectors.joining());
        String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + dims + ")}\n";
        byte[] text = header.getBytes(StandardCharsets.US_ASCII);
        return littleEndian(MAGIC.length + 2 + text.length + data.capacity())
                .put(MAGIC)
                .putShort((short) text.length)
                .put(text)
                .put(data.array())
                .array();
    }
}
