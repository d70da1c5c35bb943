package dev.cleave.cli.refusal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.CommandRun;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** What all refusals have in common, and what is needed to provoke them. */
final class Refusals {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Refusals() {}

    static void assertCouldNot(CommandRun run, String... parts) {
        assertRefused(FAILED, run, parts);
    }

    static void assertUsageError(CommandRun run, String... parts) {
        assertRefused(USAGE, run, parts);
        assertThat(run.err()).contains("--help");
    }

    /** One line on standard error with all the parts, nothing on standard output. */
    private static void assertRefused(int exitCode, CommandRun run, String... parts) {
        assertThat(run.err()).hasLineCount(1).startsWith("cleave").contains(parts);
        assertThat(run.err()).doesNotContain("internal error", "Exception");
        assertThat(run.out()).isEmpty();
        assertThat(run.exitCode()).isEqualTo(exitCode);
    }

    static CommandRun run(Stream<String> first, String... more) {
        return CommandRun.of(Stream.concat(first, Arrays.stream(more)).toArray(String[]::new));
    }

    /** A folder with one {@code a.npy} of zeros, the first replaced. */
    static Path tensors(Path folder, float first, int... shape) throws IOException {
        tensor(Files.createDirectories(folder).resolve("a.npy"), first, shape);
        return folder;
    }

    /** An array of zeros, the first replaced. */
    static void tensor(Path npy, float first, int... shape) throws IOException {
        int elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        String dims = Arrays.toString(shape).replace('[', '(').replace("]", ",)");
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': " + dims + ", }\n";
        ByteBuffer file =
                ByteBuffer.allocate(10 + header.length() + elements * 4).order(ByteOrder.LITTLE_ENDIAN);
        file.put((byte) 0x93)
                .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 1)
                .put((byte) 0);
        file.putShort((short) header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        file.putFloat(first);
        Files.write(npy, file.array());
    }

    /** A folder with one {@code a.png}. */
    static Path picture(Path folder, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(
                image, "png", Files.createDirectories(folder).resolve("a.png").toFile());
        return folder;
    }

    /** A folder with one file of that text. */
    static Path text(Path folder, String name, String text) throws IOException {
        Files.writeString(Files.createDirectories(folder).resolve(name), text);
        return folder;
    }
}
