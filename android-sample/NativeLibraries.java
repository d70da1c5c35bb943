import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Lists the native libraries of an APK: size, the smallest alignment of what the ELF file asks to be loaded, and the largest power of
 * two that the library's place in the APK is a multiple of. A device with pages of 16 KB asks 16384 of both.
 *
 * <pre>
 * java android-sample/NativeLibraries.java sample.apk
 * </pre>
 */
final class NativeLibraries {
    private static final int END_OF_DIRECTORY = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL_BYTES = 30;
    private static final int STORED = 0;
    private static final int ELF = 0x464c457f;
    private static final int ELF_64_BIT = 2;
    private static final int LOAD = 1;

    private NativeLibraries() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("java android-sample/NativeLibraries.java sample.apk");
            System.exit(2);
        }
        ByteBuffer apk = ByteBuffer.wrap(Files.readAllBytes(Path.of(arguments[0]))).order(ByteOrder.LITTLE_ENDIAN);
        System.out.printf("%-12s %-32s %10s %19s %17s%n", "abi", "library", "bytes", "ELF LOAD alignment", "place in the APK");
        libraries(apk).forEach((name, bytes) -> {
            String[] path = name.split("/");
            System.out.printf(
                    "%-12s %-32s %10d %19d %17d%n",
                    path[1], path[2], bytes.limit(), loadAlignment(name, bytes), Integer.lowestOneBit(bytes.arrayOffset()));
        });
    }

    /** The libraries by name, each a view of its bytes that knows its place. */
    private static Map<String, ByteBuffer> libraries(ByteBuffer apk) {
        int end = apk.limit() - END_BYTES;
        while (apk.getInt(end) != END_OF_DIRECTORY) {
            end--;
        }
        Map<String, ByteBuffer> libraries = new TreeMap<>();
        int entry = apk.getInt(end + 16);
        for (int left = apk.getShort(end + 10); left > 0; left--) {
            int nameBytes = apk.getShort(entry + 28);
            String name = new String(apk.array(), entry + ENTRY_BYTES, nameBytes, StandardCharsets.UTF_8);
            if (name.matches("lib/[^/]+/[^/]+\\.so")) {
                if (apk.getShort(entry + 10) != STORED) {
                    throw new IllegalArgumentException(name + " is compressed; expected it stored");
                }
                int local = apk.getInt(entry + 42);
                int start = local + LOCAL_BYTES + apk.getShort(local + 26) + apk.getShort(local + 28);
                libraries.put(name, apk.slice(start, apk.getInt(entry + 24)).order(ByteOrder.LITTLE_ENDIAN));
            }
            entry += ENTRY_BYTES + nameBytes + apk.getShort(entry + 30) + apk.getShort(entry + 32);
        }
        return libraries;
    }

    private static long loadAlignment(String name, ByteBuffer elf) {
        if (elf.getInt(0) != ELF) {
            throw new IllegalArgumentException(name + " is no ELF file");
        }
        boolean wide = elf.get(4) == ELF_64_BIT;
        long headers = wide ? elf.getLong(32) : elf.getInt(28);
        int headerBytes = elf.getShort(wide ? 54 : 42);
        int count = elf.getShort(wide ? 56 : 44);
        long smallest = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            int header = Math.toIntExact(headers + (long) i * headerBytes);
            if (elf.getInt(header) == LOAD) {
                smallest = Math.min(smallest, wide ? elf.getLong(header + 48) : elf.getInt(header + 28));
            }
        }
        return smallest;
    }
}
