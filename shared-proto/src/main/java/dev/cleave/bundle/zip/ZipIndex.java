package dev.cleave.bundle.zip;

import java.io.IOException;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;

/**
 * Where the entries of a zip file lie, read strictly: what {@link ZipWriter} writes is accepted, and little else.
 *
 * <p>Every byte of the file belongs to exactly one header or entry: entries do not overlap, nothing is hidden between
 * them or after the end, and local and central headers agree. Only stored entries are accepted, so nothing unpacks to
 * more than its size. Reads a bounded number of bytes, whatever the file says. Immutable.
 */
public final class ZipIndex {
    private static final int MAX_HEADER_BYTES = 512;
    private static final int MAX_NAME_BYTES = 256;

    private final SeekableByteChannel file;
    private final long fileSize;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** A stored entry: {@code size} bytes from {@code dataOffset} on. */
    public record Entry(String name, long crc, long size, long dataOffset) {}

    /** Where the central directory is. */
    private record Directory(long offset, long size, long count) {
        boolean isDeferred() {
            return offset == ZipFormat.IN_ZIP64 || size == ZipFormat.IN_ZIP64 || count == ZipFormat.COUNT_IN_ZIP64;
        }
    }

    /** An entry as the central directory tells it. */
    private record Listed(String name, int flags, long crc, long size, long headerOffset) {}

    private ZipIndex(SeekableByteChannel file) throws IOException {
        this.file = file;
        this.fileSize = file.size();
    }

    /**
     * Reads the index.
     *
     * @param file its position is moved
     * @param maxEntries most entries to accept
     * @throws ZipException in one line that names the entry, the value and the expectation
     */
    public static Map<String, Entry> read(SeekableByteChannel file, int maxEntries) throws IOException {
        ZipIndex index = new ZipIndex(file);
        index.locate(index.list(index.findDirectory(maxEntries)));
        return Collections.unmodifiableMap(index.entries);
    }

    private Directory findDirectory(int maxEntries) throws IOException {
        if (fileSize < ZipFormat.END_BYTES) {
            throw new ZipException("not a zip file: " + fileSize + " bytes");
        }
        long end = fileSize - ZipFormat.END_BYTES;
        ByteBuffer record = bytes(end, ZipFormat.END_BYTES);
        if (record.getInt() != ZipFormat.END) {
            throw new ZipException("not a zip file, or cut off: no end-of-central-directory record in the last "
                    + ZipFormat.END_BYTES + " bytes");
        }
        requireZero("disk number", record.getInt());
        int count = record.getShort() & 0xffff;
        int total = record.getShort() & 0xffff;
        Directory directory = new Directory(unsigned(record, 16), unsigned(record, 12), total);
        requireZero("comment length", record.getShort(20));
        require(count == total, "central directory", count + " entries here", total + " in all");
        if (directory.isDeferred()) {
            end -= ZipFormat.ZIP64_END_BYTES + ZipFormat.ZIP64_LOCATOR_BYTES;
            directory = zip64Directory(end);
        }
        require(
                directory.count() >= 0 && directory.count() <= maxEntries,
                "number of entries",
                directory.count(),
                "at most " + maxEntries);
        require(
                directory.offset() >= 0 && directory.offset() <= end && directory.size() == end - directory.offset(),
                "central directory",
                directory.size() + " bytes from " + directory.offset(),
                "to end at " + end);
        require(
                directory.size() <= directory.count() * MAX_HEADER_BYTES,
                "central directory",
                directory.size() + " bytes",
                "at most " + directory.count() * MAX_HEADER_BYTES);
        return directory;
    }

    private Directory zip64Directory(long end) throws IOException {
        require(end >= 0, "zip64 end record", "missing", "before the end record");
        ByteBuffer record = bytes(end, ZipFormat.ZIP64_END_BYTES + ZipFormat.ZIP64_LOCATOR_BYTES);
        require(
                record.getInt(0) == ZipFormat.ZIP64_END
                        && record.getLong(4) == ZipFormat.ZIP64_END_BYTES - 12
                        && record.getLong(16) == 0
                        && record.getLong(24) == record.getLong(32)
                        && record.getInt(56) == ZipFormat.ZIP64_LOCATOR
                        && record.getInt(60) == 0
                        && record.getLong(64) == end
                        && record.getInt(72) == 1,
                "zip64 end record",
                "malformed or missing",
                "one at " + end + ", followed by its locator");
        return new Directory(record.getLong(48), record.getLong(40), record.getLong(32));
    }

    private List<Listed> list(Directory directory) throws IOException {
        ByteBuffer bytes = bytes(directory.offset(), (int) directory.size());
        List<Listed> listed = new ArrayList<>();
        for (int i = 0; i < directory.count(); i++) {
            listed.add(listed(bytes, "entry " + i));
        }
        require(!bytes.hasRemaining(), "central directory", bytes.remaining() + " bytes after its entries", "none");
        // Headers lie in this order, each after the data before it.
        Collections.sort(listed, Comparator.comparingLong(Listed::headerOffset));
        listed.add(new Listed("", 0, 0, 0, directory.offset()));
        return listed;
    }

    private Listed listed(ByteBuffer directory, String label) throws IOException {
        require(
                directory.remaining() >= ZipFormat.CENTRAL_HEADER_BYTES,
                "central header of " + label,
                "cut off",
                ZipFormat.CENTRAL_HEADER_BYTES + " bytes");
        ByteBuffer header = slice(directory, ZipFormat.CENTRAL_HEADER_BYTES);
        require(header.getInt(0) == ZipFormat.CENTRAL_HEADER, "central header of " + label, "no header", "one");
        int nameLength = header.getShort(28) & 0xffff;
        int extraLength = header.getShort(30) & 0xffff;
        requireZero("comment length of " + label, header.getShort(32));
        requireZero("disk number of " + label, header.getShort(34));
        require(
                directory.remaining() >= nameLength + extraLength,
                "central header of " + label,
                "cut off",
                nameLength + extraLength + " more bytes");
        String name = name(slice(directory, nameLength), label);
        int flags = header.getShort(8) & 0xffff;
        requireStored(name, flags, header.getShort(10) & 0xffff);
        long[] fields = {unsigned(header, 24), unsigned(header, 20), unsigned(header, 42)};
        resolve(fields, slice(directory, extraLength), name);
        requireSameSizes(name, fields);
        require(
                fields[2] >= 0 && fields[2] < fileSize,
                "header offset of entry " + name,
                fields[2],
                "within " + fileSize + " bytes");
        return new Listed(name, flags, unsigned(header, 16), fields[0], fields[2]);
    }

    /** @param listed in order of their headers, and one more that starts where the data must have ended */
    private void locate(List<Listed> listed) throws IOException {
        long next = 0;
        for (int i = 0; i + 1 < listed.size(); i++) {
            Listed entry = listed.get(i);
            require(
                    entry.headerOffset() == next,
                    "entry " + entry.name(),
                    "at offset " + entry.headerOffset(),
                    next + ": entries follow each other without overlap or gap");
            long dataOffset = dataOffset(entry);
            next = dataOffset + entry.size();
            require(
                    next <= listed.get(i + 1).headerOffset(),
                    "entry " + entry.name(),
                    "from " + dataOffset + " to " + next,
                    "an end at " + listed.get(i + 1).headerOffset() + ", before what follows it");
            Entry located = new Entry(entry.name(), entry.crc(), entry.size(), dataOffset);
            require(entries.put(entry.name(), located) == null, "entry " + entry.name(), "there twice", "once");
        }
        long end = listed.get(listed.size() - 1).headerOffset();
        require(next == end, "central directory", "at offset " + end, next + ", the end of the last entry");
    }

    /** Checks a local header against its central one. */
    private long dataOffset(Listed entry) throws IOException {
        String label = "local header of entry " + entry.name();
        require(
                entry.headerOffset() + ZipFormat.LOCAL_HEADER_BYTES <= fileSize,
                label,
                "at offset " + entry.headerOffset(),
                "within the file");
        ByteBuffer header = bytes(entry.headerOffset(), ZipFormat.LOCAL_HEADER_BYTES);
        require(header.getInt(0) == ZipFormat.LOCAL_HEADER, label, "missing", "one at " + entry.headerOffset());
        int nameLength = header.getShort(26) & 0xffff;
        int extraLength = header.getShort(28) & 0xffff;
        long nameOffset = entry.headerOffset() + ZipFormat.LOCAL_HEADER_BYTES;
        long dataOffset = nameOffset + nameLength + extraLength;
        require(dataOffset <= fileSize - entry.size(), label, "cut off", "data within the file");
        require(
                nameLength == entry.name().length()
                        && name(bytes(nameOffset, nameLength), label).equals(entry.name()),
                label,
                "of another name",
                "the one in the central directory");
        int flags = header.getShort(6) & 0xffff;
        requireStored(entry.name(), flags, header.getShort(8) & 0xffff);
        long[] sizes = {unsigned(header, 22), unsigned(header, 18)};
        resolve(sizes, bytes(nameOffset + nameLength, extraLength), entry.name());
        requireSameSizes(entry.name(), sizes);
        require(
                sizes[0] == entry.size() && unsigned(header, 14) == entry.crc() && flags == entry.flags(),
                label,
                "of other size, checksum or flags",
                "those in the central directory");
        return dataOffset;
    }

    /** Replaces fields that are deferred to the zip64 extra field, in its order. Other extra fields only pad. */
    private static void resolve(long[] fields, ByteBuffer extra, String name) throws ZipException {
        while (extra.hasRemaining()) {
            int id = extra.remaining() < ZipFormat.EXTRA_HEADER_BYTES ? -1 : extra.getShort() & 0xffff;
            int length = id < 0 ? 0 : extra.getShort() & 0xffff;
            boolean known = id == ZipFormat.EXTRA_ZIP64 || id == ZipFormat.EXTRA_ALIGNMENT;
            require(
                    known && length <= extra.remaining(),
                    "extra field of entry " + name,
                    id < 0 ? "cut off" : "0x" + Integer.toHexString(id) + " of " + length + " bytes",
                    "zip64 or alignment");
            ByteBuffer data = slice(extra, length);
            require(
                    id == ZipFormat.EXTRA_ZIP64 || isPadding(data),
                    "padding of entry " + name,
                    "not empty",
                    "the alignment and zeros, so that nothing hides there");
            for (int i = 0; id == ZipFormat.EXTRA_ZIP64 && i < fields.length; i++) {
                if (fields[i] == ZipFormat.IN_ZIP64) {
                    require(
                            data.remaining() >= Long.BYTES,
                            "zip64 field of entry " + name,
                            "too short",
                            "8 bytes each");
                    fields[i] = data.getLong();
                }
            }
        }
    }

    /** After the alignment, two bytes. */
    private static boolean isPadding(ByteBuffer data) {
        for (int i = 2; i < data.limit(); i++) {
            if (data.get(i) != 0) {
                return false;
            }
        }
        return true;
    }

    private void requireSameSizes(String name, long[] sizes) throws ZipException {
        require(
                sizes[0] == sizes[1] && sizes[0] >= 0 && sizes[0] <= fileSize,
                "entry " + name,
                sizes[1] + " bytes stored of " + sizes[0],
                "as many as there are, at most " + fileSize);
    }

    private static void requireStored(String name, int flags, int method) throws ZipException {
        require((flags & 1) == 0, "entry " + name, "encrypted", "plain data");
        require((flags & ~ZipFormat.FLAG_UTF8) == 0, "entry " + name, "of flags " + flags, "0");
        require(method == ZipFormat.STORED, "entry " + name, "of compression method " + method, "0 (stored)");
    }

    /** A relative path of printable ASCII without a way up. */
    private static String name(ByteBuffer bytes, String label) throws ZipException {
        require(
                bytes.remaining() > 0 && bytes.remaining() <= MAX_NAME_BYTES,
                "name of " + label,
                bytes.remaining() + " bytes long",
                "1 to " + MAX_NAME_BYTES);
        for (int i = 0; i < bytes.remaining(); i++) {
            require(bytes.get(i) > ' ' && bytes.get(i) < 0x7f, "name of " + label, "not ASCII", "printable ASCII");
        }
        String name = StandardCharsets.US_ASCII.decode(bytes).toString();
        boolean plain = name.indexOf('\\') < 0 && name.indexOf(':') < 0;
        for (String part : name.split("/", -1)) {
            plain &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
        }
        require(plain, "name of " + label, name, "a relative path without \"..\", \"\\\" or \":\"");
        return name;
    }

    private ByteBuffer bytes(long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.position(offset);
        while (bytes.hasRemaining()) {
            if (file.read(bytes) < 0) {
                throw new ZipException("file ends at " + fileSize + "; expected " + length + " bytes at " + offset);
            }
        }
        ((Buffer) bytes).flip();
        return bytes;
    }

    /** The next {@code length} bytes, which are consumed. */
    private static ByteBuffer slice(ByteBuffer from, int length) {
        ByteBuffer slice = from.slice().order(ByteOrder.LITTLE_ENDIAN);
        ((Buffer) slice).limit(length);
        ((Buffer) from).position(from.position() + length);
        return slice;
    }

    private static long unsigned(ByteBuffer bytes, int offset) {
        return bytes.getInt(offset) & 0xffffffffL;
    }

    private static void requireZero(String thing, int value) throws ZipException {
        require(value == 0, thing, value, "0");
    }

    private static void require(boolean holds, String thing, Object value, String expected) throws ZipException {
        if (!holds) {
            throw new ZipException(thing + " is " + value + "; expected " + expected);
        }
    }
}
