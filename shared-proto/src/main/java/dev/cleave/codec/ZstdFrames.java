package dev.cleave.codec;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bodies as single Zstandard frames (RFC 8878) whose header states the size of the content.
 *
 * <p>Stateless: a native context lives for one call. Works on heap arrays, since a direct buffer per request would be
 * freed by the collector alone, long after its use.
 */
final class ZstdFrames {
    private static final int LEVEL = 3;
    /** RFC 8878, section 3.1.1: magic number and the longest frame header. */
    private static final int MAX_HEADER_BYTES = 18;

    private ZstdFrames() {}

    /**
     * Compresses a plain body.
     *
     * @param tensorBytes size of the tensor that the body stands for
     * @return null unless the frame is smaller than {@code plain} and readers accept it for a tensor of that size
     */
    static ByteBuffer compress(byte[] plain, long tensorBytes) {
        if (plain.length == 0) {
            return null;
        }
        byte[] frame = new byte[(int) Math.min(Zstd.compressBound(plain.length), EncodedTensor.MAX_TENSOR_BYTES)];
        int size;
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setLevel(LEVEL).setContentSize(true).setChecksum(false);
            size = context.compressByteArray(frame, 0, frame.length, plain, 0, plain.length);
        } catch (ZstdException doesNotFit) {
            return null;
        }
        if (size >= plain.length || EncodedTensor.expandsTooFar(tensorBytes, size)) {
            return null;
        }
        return ByteBuffer.wrap(Arrays.copyOf(frame, size));
    }

    /**
     * Checks the frame's header: that it is one, and that it promises exactly {@code expected} bytes.
     *
     * @param what names the tensor in the error
     */
    static void check(String what, ByteBuffer body, long expected) throws CodecException {
        byte[] header = new byte[Math.min(body.remaining(), MAX_HEADER_BYTES)];
        body.duplicate().get(header);
        long promised = header.length == 0 ? 0 : Zstd.getFrameContentSize(header);
        if (promised != expected || promised <= 0) {
            throw new CodecException(what + ": zstd frame of " + body.remaining() + " bytes promises "
                    + (promised <= 0 ? "no size" : promised + " bytes") + "; expected " + expected);
        }
    }

    /** The content of a frame that fills the whole body. */
    static byte[] decompress(String what, ByteBuffer body, int expected) throws CodecException {
        check(what, body, expected);
        byte[] frame = new byte[body.remaining()];
        body.get(frame);
        byte[] content = new byte[expected];
        int size;
        try (ZstdDecompressCtx context = new ZstdDecompressCtx()) {
            long frameBytes = Zstd.findFrameCompressedSize(frame);
            if (frameBytes != frame.length) {
                throw new CodecException(
                        what + ": zstd frame does not end with its body of " + frame.length + " bytes");
            }
            size = context.decompressByteArray(content, 0, expected, frame, 0, frame.length);
        } catch (ZstdException corrupt) {
            throw new CodecException(
                    what + ": zstd frame of " + frame.length + " bytes is corrupt: " + corrupt.getMessage());
        }
        if (size != expected) {
            throw new CodecException(what + ": zstd frame holds " + size + " bytes; expected " + expected);
        }
        return content;
    }
}
