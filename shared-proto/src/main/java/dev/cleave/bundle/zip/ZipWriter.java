package dev.cleave.bundle.zip;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes a zip file of stored entries into an empty channel, which stays the caller's. The same entries in the same
 * order give the same bytes. Data of entries over {@link #ALIGNMENT} bytes starts at a multiple of it. Not thread-safe.
 *
 * <pre>
 * local header | name | [zip64 sizes] | [padding] | data     for each entry
 * central header | name | [zip64 sizes and offset]           for each entry
 * [zip64 end of central directory | its locator] | end of central directory
 * </pre>
 *
 * Zip64 fields are written where a size or offset needs more than 32 bits, and only there.
 */
public final class ZipWriter {
    /** Bytes: a page on the smallest-paged systems that map weights. */
    public static final int ALIGNMENT = 4096;

    private static final int BUFFER = 1 << 16;
    private static final int MAX_NAME_BYTES = 1024;
    private static final int ZIP64_SIZES_BYTES = ZipFormat.EXTRA_HEADER_BYTES + 16;
    private static final int MIN_PADDING = ZipFormat.EXTRA_HEADER_BYTES + 2;

    private final FileChannel out;
    private final long zip64From;
    private final List<Written> entries = new ArrayList<>();
    private long position;

    /** An entry as the central directory tells it. */
    private record Written(byte[] name, long crc, long size, long offset) {}

    public ZipWriter(FileChannel out) {
        this(out, ZipFormat.IN_ZIP64);
    }

    /** @param zip64From smallest size or offset that goes into a zip64 field */
    ZipWriter(FileChannel out, long zip64From) {
        this.out = out;
        this.zip64From = zip64From;
    }

    /**
     * Adds an entry.
     *
     * @param name printable ASCII, without a slash in front
     * @param size of the data
     * @param data read up to {@code size} bytes, not closed
     * @throws EOFException if the data ends before
     */
    public void add(String name, long size, InputStream data) throws IOException {
        byte[] ascii = name.getBytes(StandardCharsets.US_ASCII);
        if (ascii.length == 0 || ascii.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("entry name of " + ascii.length + " bytes; expected 1 to 1024");
        }
        int sizes = size >= zip64From ? ZIP64_SIZES_BYTES : 0;
        int padding = size > ALIGNMENT ? padding(position + ZipFormat.LOCAL_HEADER_BYTES + ascii.length + sizes) : 0;
        long offset = position;
        // The checksum is known after the data: the header's place is left open until then.
        position += ZipFormat.LOCAL_HEADER_BYTES + ascii.length + sizes + padding;
        Written entry = new Written(ascii, copy(name, size, data), size, offset);
        writeAt(offset, localHeader(entry, padding));
        entries.add(entry);
    }

    /** Bytes of extra field that bring {@code dataOffset} up to the alignment: none, or enough for a header. */
    private static int padding(long dataOffset) {
        int missing = (int) (-dataOffset & ALIGNMENT - 1);
        return missing == 0 || missing >= MIN_PADDING ? missing : missing + ALIGNMENT;
    }

    private long copy(String name, long size, InputStream data) throws IOException {
        CRC32 crc = new CRC32();
        byte[] buffer = new byte[BUFFER];
        long left = size;
        while (left > 0) {
            int count = data.read(buffer, 0, (int) Math.min(BUFFER, left));
            if (count < 0) {
                throw new EOFException(
                        "data of entry " + name + " ends after " + (size - left) + " bytes; expected " + size);
            }
            crc.update(buffer, 0, count);
            writeAt(position, ByteBuffer.wrap(buffer, 0, count));
            position += count;
            left -= count;
        }
        return crc.getValue();
    }

    private ByteBuffer localHeader(Written entry, int padding) {
        boolean zip64 = entry.size() >= zip64From;
        int extra = (zip64 ? ZIP64_SIZES_BYTES : 0) + padding;
        ByteBuffer header = buffer(ZipFormat.LOCAL_HEADER_BYTES + entry.name().length + extra);
        header.putInt(ZipFormat.LOCAL_HEADER);
        putCommon(header, entry, zip64 ? ZipFormat.VERSION_ZIP64 : ZipFormat.VERSION_STORED, extra);
        header.put(entry.name());
        if (zip64) {
            header.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) 16);
            header.putLong(entry.size()).putLong(entry.size());
        }
        if (padding > 0) {
            header.putShort((short) ZipFormat.EXTRA_ALIGNMENT);
            header.putShort((short) (padding - ZipFormat.EXTRA_HEADER_BYTES));
            header.putShort((short) ALIGNMENT);
        }
        ((Buffer) header).clear();
        return header;
    }

    /** The fields that local and central headers share, from the version needed to the length of the extra field. */
    private void putCommon(ByteBuffer header, Written entry, int version, int extra) {
        int size = (int) (entry.size() >= zip64From ? ZipFormat.IN_ZIP64 : entry.size());
        header.putShort((short) version).putShort((short) 0).putShort((short) ZipFormat.STORED);
        header.putShort((short) ZipFormat.DOS_TIME).putShort((short) ZipFormat.DOS_DATE);
        header.putInt((int) entry.crc()).putInt(size).putInt(size);
        header.putShort((short) entry.name().length).putShort((short) extra);
    }

    /** Writes the central directory. Nothing may be added after that. */
    public void finish() throws IOException {
        long start = position;
        for (Written entry : entries) {
            append(centralHeader(entry));
        }
        long size = position - start;
        boolean zip64 = start >= zip64From || entries.size() >= ZipFormat.COUNT_IN_ZIP64;
        if (zip64) {
            append(zip64End(start, size));
        }
        ByteBuffer end = buffer(ZipFormat.END_BYTES);
        short count = (short) (zip64 ? ZipFormat.COUNT_IN_ZIP64 : entries.size());
        end.putInt(ZipFormat.END)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort(count)
                .putShort(count);
        end.putInt((int) (zip64 ? ZipFormat.IN_ZIP64 : size)).putInt((int) (zip64 ? ZipFormat.IN_ZIP64 : start));
        ((Buffer) end).clear();
        append(end);
    }

    private ByteBuffer centralHeader(Written entry) {
        boolean zip64Size = entry.size() >= zip64From;
        boolean zip64Offset = entry.offset() >= zip64From;
        int fields = (zip64Size ? 16 : 0) + (zip64Offset ? 8 : 0);
        int extra = fields == 0 ? 0 : ZipFormat.EXTRA_HEADER_BYTES + fields;
        int version = fields == 0 ? ZipFormat.VERSION_STORED : ZipFormat.VERSION_ZIP64;
        ByteBuffer header = buffer(ZipFormat.CENTRAL_HEADER_BYTES + entry.name().length + extra);
        header.putInt(ZipFormat.CENTRAL_HEADER).putShort((short) version);
        putCommon(header, entry, version, extra);
        // No comment, first disk, no attributes.
        header.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
        header.putInt((int) (zip64Offset ? ZipFormat.IN_ZIP64 : entry.offset())).put(entry.name());
        if (fields > 0) {
            header.putShort((short) ZipFormat.EXTRA_ZIP64).putShort((short) fields);
            if (zip64Size) {
                header.putLong(entry.size()).putLong(entry.size());
            }
            if (zip64Offset) {
                header.putLong(entry.offset());
            }
        }
        ((Buffer) header).clear();
        return header;
    }

    private ByteBuffer zip64End(long start, long size) {
        ByteBuffer end = buffer(ZipFormat.ZIP64_END_BYTES + ZipFormat.ZIP64_LOCATOR_BYTES);
        // The record's size leaves out its signature and the size itself.
        end.putInt(ZipFormat.ZIP64_END).putLong(ZipFormat.ZIP64_END_BYTES - 12);
        end.putShort((short) ZipFormat.VERSION_ZIP64).putShort((short) ZipFormat.VERSION_ZIP64);
        end.putInt(0)
                .putInt(0)
                .putLong(entries.size())
                .putLong(entries.size())
                .putLong(size)
                .putLong(start);
        end.putInt(ZipFormat.ZIP64_LOCATOR).putInt(0).putLong(start + size).putInt(1);
        ((Buffer) end).clear();
        return end;
    }

    private static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        writeAt(position, bytes);
        position += count;
    }

    private void writeAt(long offset, ByteBuffer bytes) throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += out.write(bytes, at);
        }
    }
}
