package dev.cleave.bundle.zip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZipTest {
    private static final long NO_ZIP64 = ZipFormat.IN_ZIP64;
    private static final int CENTRAL_CRC = 16;
    private static final int CENTRAL_SIZE = 24;
    private static final int CENTRAL_OFFSET = 42;
    private static final int LOCAL_FLAGS = 6;

    @TempDir
    Path folder;

    private Path write(long zip64From, Object... namesAndData) throws IOException {
        Path file = folder.resolve("x.zip");
        Files.deleteIfExists(file);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ZipWriter writer = new ZipWriter(out, zip64From);
            for (int i = 0; i < namesAndData.length; i += 2) {
                byte[] data = (byte[]) namesAndData[i + 1];
                writer.add((String) namesAndData[i], data.length, new ByteArrayInputStream(data));
            }
            writer.finish();
        }
        return file;
    }

    private static Map<String, ZipIndex.Entry> read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return ZipIndex.read(channel, 100);
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    private static Map<String, byte[]> sample() {
        Map<String, byte[]> sample = new LinkedHashMap<>();
        sample.put("empty", new byte[0]);
        sample.put("small", random(17));
        sample.put("folder/page", random(4096));
        sample.put("folder/large", random(4097));
        sample.put("folder/larger", random(100_000));
        sample.put("last", random(5000));
        return sample;
    }

    private Path writeSample(long zip64From) throws IOException {
        Object[] arguments = sample().entrySet().stream()
                .flatMap(entry -> Stream.of(entry.getKey(), entry.getValue()))
                .toArray();
        return write(zip64From, arguments);
    }

    @ParameterizedTest
    @ValueSource(longs = {NO_ZIP64, 0, 4097, 50_000})
    void readsBackWhatItWroteWithAndWithoutZip64(long zip64From) throws Exception {
        Path file = writeSample(zip64From);
        byte[] bytes = Files.readAllBytes(file);
        Map<String, ZipIndex.Entry> entries = read(file);
        assertThat(entries.keySet()).containsExactlyElementsOf(sample().keySet());
        sample().forEach((name, data) -> {
            ZipIndex.Entry entry = entries.get(name);
            int from = (int) entry.dataOffset();
            assertThat(Arrays.copyOfRange(bytes, from, from + data.length)).isEqualTo(data);
            assertThat(data.length <= 4096 || from % 4096 == 0).as(name).isTrue();
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {NO_ZIP64, 4097})
    void otherZipReadersReadWhatItWrote(long zip64From) throws Exception {
        try (ZipFile zip = new ZipFile(writeSample(zip64From).toFile())) {
            for (Map.Entry<String, byte[]> expected : sample().entrySet()) {
                ZipEntry entry = zip.getEntry(expected.getKey());
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(expected.getValue());
            }
        }
    }

    @Test
    void readsEntriesBeyondFourGibibytes() throws Exception {
        // A sparse file: 5 GiB of hole as the first entry's data, laid out as the writer does.
        long size = 5L << 30;
        Path file = folder.resolve("sparse.zip");
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            ByteBuffer head = little(30 + 1 + 20);
            head.putInt(0, ZipFormat.LOCAL_HEADER).putInt(18, -1).putInt(22, -1);
            head.put(26, (byte) 1)
                    .put(28, (byte) 20)
                    .put(30, (byte) 'a')
                    .put(31, (byte) 1)
                    .put(33, (byte) 16);
            head.putLong(35, size).putLong(43, size);
            out.write(head, 0);
            long directory = 51 + size;
            ByteBuffer tail = little(46 + 1 + 20 + 56 + 20 + 22);
            tail.putInt(0, ZipFormat.CENTRAL_HEADER).putInt(20, -1).putInt(24, -1);
            tail.put(28, (byte) 1)
                    .put(30, (byte) 20)
                    .put(46, (byte) 'a')
                    .put(47, (byte) 1)
                    .put(49, (byte) 16);
            tail.putLong(51, size).putLong(59, size);
            tail.putInt(67, ZipFormat.ZIP64_END).putLong(71, 44).putLong(91, 1).putLong(99, 1);
            tail.putLong(107, 67).putLong(115, directory);
            tail.putInt(123, ZipFormat.ZIP64_LOCATOR)
                    .putLong(131, directory + 67)
                    .putInt(139, 1);
            tail.putInt(143, ZipFormat.END).putInt(151, -1).putInt(155, -1).putInt(159, -1);
            out.write(tail, directory);
        }
        assertThat(read(file)).containsEntry("a", new ZipIndex.Entry("a", 0, size, 51));
    }

    @Test
    void refusesDataThatEndsEarly() {
        assertThatThrownBy(() -> {
                    try (FileChannel out = FileChannel.open(
                            folder.resolve("y.zip"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                        new ZipWriter(out).add("short", 5, new ByteArrayInputStream(new byte[4]));
                    }
                })
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("data of entry short ends after 4 bytes; expected 5");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../up",
                "a/../../up",
                "/absolute",
                "a\\b",
                "C:/x",
                "a//b",
                "folder/",
                "./a",
                "a b",
                "tab\t",
                "nul\0",
                "."
            })
    void refusesNamesThatAreNoPlainRelativePath(String name) throws Exception {
        assertRefused(write(NO_ZIP64, name, random(3)), "name of entry 0");
    }

    @Test
    void refusesTwoEntriesOfOneName() throws Exception {
        assertRefused(write(NO_ZIP64, "a", random(3), "a", random(4)), "entry a is there twice");
    }

    @Test
    void refusesCompressedEntries() throws Exception {
        Path file = folder.resolve("bomb.zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("bomb"));
            zip.write(new byte[10_000_000]);
        }
        assertRefused(file, "entry bomb is of flags 2056; expected 0");
        assertRefused(patched(centralHeader(0) + 8, new byte[] {0, 0, 8}), "of compression method 8; expected 0");
    }

    @Test
    void refusesEncryptedEntries() throws Exception {
        assertRefused(patched(centralHeader(0) + 8, new byte[] {1}), "entry a is encrypted");
        assertRefused(patched(LOCAL_FLAGS, new byte[] {1}), "entry a is encrypted");
    }

    @Test
    void refusesEntriesThatOverlapOrLeaveAGap() throws Exception {
        assertRefused(patched(centralHeader(1) + CENTRAL_OFFSET, new byte[] {0}), "entry a is from");
        assertRefused(patched(centralHeader(1) + CENTRAL_OFFSET, new byte[] {1}), "entry a is from");
        int end = centralHeader(0);
        byte[] bytes = Files.readAllBytes(two());
        byte[] gap = new byte[bytes.length + 10];
        System.arraycopy(bytes, 0, gap, 0, end);
        System.arraycopy(bytes, end, gap, end + 10, bytes.length - end);
        gap[gap.length - 6] += 10;
        assertRefused(Files.write(folder.resolve("gap.zip"), gap), "central directory is at offset");
    }

    @Test
    void refusesLocalHeadersThatDisagree() throws Exception {
        assertRefused(patched(centralHeader(0) + CENTRAL_CRC, new byte[] {99}), "other size, checksum or flags");
        assertRefused(patched(30, new byte[] {'b'}), "local header of entry a is of another name");
        assertRefused(patched(0, new byte[] {0}), "local header of entry a is missing");
        assertRefused(patched(centralHeader(0) + CENTRAL_SIZE, new byte[] {99}), "bytes stored of 99");
    }

    @Test
    void refusesPaddingThatHoldsData() throws Exception {
        Path file = writeSample(NO_ZIP64);
        int data = (int) read(file).get("folder/large").dataOffset();
        byte[] bytes = Files.readAllBytes(file);
        bytes[data - 1] = 1;
        assertRefused(Files.write(file, bytes), "padding of entry folder/large is not empty; expected the alignment");
    }

    @Test
    void refusesBytesBeforeOrAfterTheArchive() throws Exception {
        byte[] bytes = Files.readAllBytes(two());
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertRefused(Files.write(folder.resolve("longer.zip"), longer), "not a zip file, or cut off");
        byte[] later = new byte[bytes.length + 1];
        System.arraycopy(bytes, 0, later, 1, bytes.length);
        assertRefused(Files.write(folder.resolve("later.zip"), later), "central directory");
    }

    @Test
    void refusesMoreEntriesThanAllowed() throws Exception {
        Object[] many = new Object[202];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = "entry" + i;
            many[i + 1] = new byte[0];
        }
        assertRefused(write(NO_ZIP64, many), "number of entries is 101; expected at most 100");
    }

    /** A directory that claims a million entries, and has as many bytes, is not read. */
    @Test
    void takesNoMemoryForAMillionEntries() throws Exception {
        int directory = 64 << 20;
        Path file = folder.resolve("million.zip");
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            ByteBuffer tail = little(56 + 20 + 22);
            tail.putInt(0, ZipFormat.ZIP64_END).putLong(4, 44);
            tail.putLong(24, 1_000_000).putLong(32, 1_000_000).putLong(40, directory);
            tail.putInt(56, ZipFormat.ZIP64_LOCATOR).putLong(64, directory).putInt(72, 1);
            tail.putInt(76, ZipFormat.END).putShort(84, (short) -1).putShort(86, (short) -1);
            tail.putInt(88, -1).putInt(92, -1);
            out.write(tail, directory);
        }
        ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        assertRefused(file, "number of entries is 1000000; expected at most 100");
        long before = memory.getThreadAllocatedBytes(thread);
        assertRefused(file, "number of entries is 1000000; expected at most 100");
        assertThat(memory.getThreadAllocatedBytes(thread) - before).isLessThan(directory / 16);
    }

    @Test
    void anyFlippedByteOrCutIsReadOrRefused() throws Exception {
        for (long zip64From : new long[] {NO_ZIP64, 0}) {
            byte[] bytes = Files.readAllBytes(write(zip64From, "a", random(10), "b/c", random(4100)));
            Random random = new Random(11);
            Path file = folder.resolve("mutated.zip");
            for (int i = 0; i < 3000; i++) {
                byte[] mutated = i % 10 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
                for (int flips = random.nextInt(3); flips >= 0 && mutated.length > 0; flips--) {
                    int from = random.nextBoolean() ? Math.max(0, mutated.length - 300) : 0;
                    mutated[from + random.nextInt(mutated.length - from)] = (byte) random.nextInt();
                }
                Files.deleteIfExists(file);
                Files.write(file, mutated);
                assertReadOrRefused(file);
            }
        }
    }

    private static void assertReadOrRefused(Path file) throws IOException {
        try {
            assertThat(read(file)).hasSizeBetween(0, 2);
        } catch (ZipException refused) {
            assertThat(refused.getMessage()).doesNotContain("\n");
        }
    }

    private static void assertRefused(Path file, String message) {
        assertThatExceptionOfType(ZipException.class)
                .isThrownBy(() -> read(file))
                .withMessageContaining(message);
    }

    private Path two() throws IOException {
        return write(NO_ZIP64, "a", random(10), "b", random(20));
    }

    /** Offset of a central header of {@link #two}. */
    private static int centralHeader(int index) {
        return 30 + 1 + 10 + 30 + 1 + 20 + index * (46 + 1);
    }

    private Path patched(int offset, byte[] patch) throws IOException {
        byte[] bytes = Files.readAllBytes(two());
        System.arraycopy(patch, 0, bytes, offset, patch.length);
        return Files.write(folder.resolve("patched.zip"), bytes);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
