package dev.cleave.partition.graph;

import com.google.protobuf.ByteString;
import dev.cleave.engine.WeightsRegion;
import dev.cleave.onnx.TensorProto;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/**
 * The raw little-endian bytes of a stored tensor, wherever the file keeps them: in {@code raw_data}, in one of the
 * typed lists, or in an external file. Only for tensors that passed the checks of {@link OnnxModel}.
 */
public final class TensorData {
    private static final int COPY_BYTES = 1 << 16;

    private final TensorProto tensor;
    private final WeightsRegion region;

    private TensorData(TensorProto tensor, WeightsRegion region) {
        this.tensor = tensor;
        this.region = region;
    }

    static TensorData of(TensorProto tensor, WeightsRegion region) {
        return new TensorData(tensor, region);
    }

    /** Number of bytes. */
    public long length() {
        if (region != null) {
            return region.length();
        }
        return tensor.hasRawData() ? tensor.getRawData().size() : TensorCheck.typedBytes(tensor);
    }

    /** Writes all bytes; external data is streamed. */
    public void writeTo(OutputStream out) throws IOException {
        if (region != null) {
            copyRegion(out);
        } else if (tensor.hasRawData()) {
            tensor.getRawData().writeTo(out);
        } else {
            out.write(typed().array());
        }
    }

    /**
     * All bytes at once.
     *
     * @throws UncheckedIOException if external data can no longer be read
     */
    public ByteString bytes() {
        if (region == null && tensor.hasRawData()) {
            return tensor.getRawData();
        }
        ByteString.Output out = ByteString.newOutput();
        try {
            writeTo(out);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return out.toByteString();
    }

    private void copyRegion(OutputStream out) throws IOException {
        try (FileChannel channel = FileChannel.open(region.file(), StandardOpenOption.READ)) {
            InputStream in = Channels.newInputStream(channel.position(region.offset()));
            byte[] buffer = new byte[COPY_BYTES];
            for (long left = region.length(); left > 0; ) {
                int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (read < 0) {
                    throw new IOException(region.file() + " became shorter while it was read");
                }
                out.write(buffer, 0, read);
                left -= read;
            }
        }
    }

    private ByteBuffer typed() {
        int count = TensorCheck.typedCount(tensor);
        ByteBuffer raw = ByteBuffer.allocate(Math.toIntExact(length())).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            putElement(raw, i);
        }
        return raw.flip();
    }

    private void putElement(ByteBuffer raw, int i) {
        switch (tensor.getDataType()) {
            case TensorProto.DataType.FLOAT_VALUE, TensorProto.DataType.COMPLEX64_VALUE ->
                raw.putFloat(tensor.getFloatData(i));
            case TensorProto.DataType.DOUBLE_VALUE, TensorProto.DataType.COMPLEX128_VALUE ->
                raw.putDouble(tensor.getDoubleData(i));
            case TensorProto.DataType.INT64_VALUE -> raw.putLong(tensor.getInt64Data(i));
            case TensorProto.DataType.UINT64_VALUE -> raw.putLong(tensor.getUint64Data(i));
            case TensorProto.DataType.UINT32_VALUE -> raw.putInt((int) tensor.getUint64Data(i));
            case TensorProto.DataType.INT32_VALUE -> raw.putInt(tensor.getInt32Data(i));
            case TensorProto.DataType.UINT16_VALUE,
                    TensorProto.DataType.INT16_VALUE,
                    TensorProto.DataType.FLOAT16_VALUE,
                    TensorProto.DataType.BFLOAT16_VALUE -> raw.putShort((short) tensor.getInt32Data(i));
            default -> raw.put((byte) tensor.getInt32Data(i));
        }
    }
}
