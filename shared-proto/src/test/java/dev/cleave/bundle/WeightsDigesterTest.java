package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsDigesterTest {
    @TempDir
    Path folder;

    @Test
    void digestsPrefixesAndFileInOnePass() throws Exception {
        byte[] bytes = new byte[200_000];
        new Random(4).nextBytes(bytes);
        Path file = Files.write(folder.resolve("w"), bytes);

        WeightsDigester digester = WeightsDigester.of("weights/fp32.bin", file, 0, 70_000, 70_000, 200_000);

        assertThat(digester.file()).isEqualTo(FileDigest.of("weights/fp32.bin", bytes));
        int[] sizes = {0, 70_000, 70_000, 200_000};
        for (int i = 0; i < sizes.length; i++) {
            assertThat(digester.prefixes().get(i))
                    .isEqualTo(new WeightPrefix(
                            "weights/fp32.bin", i + 1, sizes[i], Sha256.hex(Arrays.copyOf(bytes, sizes[i]))));
        }
    }

    @Test
    void refusesAPrefixThatIsLongerThanTheFileOrThanTheNext() throws Exception {
        Path file = Files.write(folder.resolve("w"), new byte[10]);
        assertThatThrownBy(() -> WeightsDigester.of("weights/fp32.bin", file, 11))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has 10 bytes; expected a prefix of 11 for point 1");
        assertThatThrownBy(() -> WeightsDigester.of("weights/fp32.bin", file, 6, 5))
                .hasMessageContaining("expected a prefix of 5 for point 2");
    }

    @Test
    void knownHash() {
        assertThat(Sha256.hex("abc".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
