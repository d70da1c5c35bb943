package dev.cleave.cli.inputs;

import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Reads NumPy's array format, versions 1 to 3.
 *
 * <pre>
 *   93 'NUMPY' | major | minor | header length: u16 (v1), u32 (v2, v3) | header | elements, row by row
 * </pre>
 *
 * <p>Strict: the file must be exactly as long as its header says, before anything is allocated for it. Format:
 * NumPy, <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">numpy.lib.format</a>.
 */
final class NpyFile {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int VERSION_END = 8;
    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final long MAX_DATA_BYTES = Integer.MAX_VALUE - 8;

    private NpyFile() {}

    static Tensor read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, channel.size());
        }
    }

    /**
     * Reads an array that fills the channel.
     *
     * @param size of all that the channel holds, in bytes
     */
    static Tensor read(ReadableByteChannel channel, long size) throws IOException {
        ByteBuffer start = readFully(channel, ByteBuffer.allocate(VERSION_END));
        for (byte expected : MAGIC) {
            if (start.get() != expected) {
                throw new MalformedInputException("is no NumPy array: its first bytes are not those of .npy");
            }
        }
        int version = start.get();
        if (version < 1 || version > 3) {
            throw new MalformedInputException("is a NumPy array of format version " + version + "; expected 1 to 3");
        }
        int lengthBytes = version == 1 ? 2 : 4;
        ByteBuffer length = readFully(channel, ByteBuffer.allocate(lengthBytes)).order(ByteOrder.LITTLE_ENDIAN);
        long headerBytes = version == 1 ? length.getShort() & 0xFFFF : length.getInt() & 0xFFFF_FFFFL;
        if (headerBytes > MAX_HEADER_BYTES) {
            throw new MalformedInputException(
                    "the array's header has " + headerBytes + " bytes; expected at most " + MAX_HEADER_BYTES);
        }
        Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        ByteBuffer header = readFully(channel, ByteBuffer.allocate((int) headerBytes));
        NpyHeader declared = NpyHeader.parse(charset.decode(header).toString());
        return readData(channel, declared, size - VERSION_END - lengthBytes - headerBytes);
    }

    private static Tensor readData(ReadableByteChannel channel, NpyHeader declared, long available) throws IOException {
        long wanted = declared.dataBytes();
        if (available != wanted || wanted > MAX_DATA_BYTES) {
            throw new MalformedInputException("holds " + available + " bytes of data for an array "
                    + declared.type().jsonName() + declared.shape() + "; expected " + wanted
                    + (wanted > MAX_DATA_BYTES ? ", which is over 2 GiB" : ""));
        }
        Tensor tensor = Tensor.allocate(declared.type(), declared.shape());
        ByteBuffer data = readFully(channel, tensor.data());
        if (declared.order() == ByteOrder.BIG_ENDIAN) {
            reverseElements(tensor);
        }
        if (declared.type() == ElementType.BOOL) {
            Booleans.check(data);
        }
        return tensor;
    }

    private static ByteBuffer readFully(ReadableByteChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new MalformedInputException("is cut off: the array needs " + buffer.remaining() + " bytes more");
            }
        }
        return buffer.flip();
    }

    private static void reverseElements(Tensor tensor) {
        ByteBuffer data = tensor.data();
        for (int at = 0; at < data.limit(); at += tensor.type().bytes()) {
            switch (tensor.type().bytes()) {
                case 2 -> data.putShort(at, Short.reverseBytes(data.getShort(at)));
                case 4 -> data.putInt(at, Integer.reverseBytes(data.getInt(at)));
                case 8 -> data.putLong(at, Long.reverseBytes(data.getLong(at)));
                default -> {
                    return;
                }
            }
        }
    }
}
