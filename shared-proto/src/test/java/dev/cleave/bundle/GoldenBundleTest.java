package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A committed bundle of format version 1: it opens for ever, with this id, and is what the writer still writes. */
class GoldenBundleTest {
    private static final String ID = "eecb56ed5a9d6b2f001a1032fb6ead49792b71cf5da3185600e89445ffdb0f2f";
    private static final int MUTATIONS = 5000;

    @TempDir
    Path folder;

    private static byte[] golden() throws IOException {
        try (InputStream in = GoldenBundleTest.class.getResourceAsStream("golden-v1.cleave")) {
            return in.readAllBytes();
        }
    }

    @Test
    void opensWithItsId() throws Exception {
        Bundle bundle = Bundle.open(Files.write(folder.resolve("golden.cleave"), golden()));
        assertThat(bundle.id()).isEqualTo(ID);
        assertThat(bundle.contract()).isEqualTo(TinyBundle.contract());
        assertThat(bundle.manifest()).isEqualTo(TinyBundle.manifest());
    }

    @Test
    void theWriterReproducesItByteForByte() throws Exception {
        assertThat(TinyBundle.writeTo(folder)).hasBinaryContent(golden());
    }

    @Test
    void everyMutationOpensOrIsRefused() throws Exception {
        byte[] golden = golden();
        Random random = new Random(20);
        Path file = folder.resolve("mutated.cleave");
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            Files.deleteIfExists(file);
            Files.write(file, mutated(golden, random));
            refused += opens(file) ? 0 : 1;
        }
        // What nothing covers: times, versions and attributes in headers, and padding.
        assertThat(refused).isBetween(MUTATIONS / 2, MUTATIONS);
    }

    private static byte[] mutated(byte[] golden, Random random) {
        byte[] bytes = random.nextInt(10) == 0 ? Arrays.copyOf(golden, random.nextInt(golden.length)) : golden.clone();
        for (int flips = random.nextInt(4); flips >= 0 && bytes.length > 0; flips--) {
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return bytes;
    }

    private static boolean opens(Path file) {
        try {
            return Bundle.open(file).id().equals(ID);
        } catch (BundleException refused) {
            assertThat(refused.getMessage()).doesNotContain("\n");
            return false;
        }
    }

    /** The checksums of the zip hide the JSON reader from random changes; here it meets them. */
    @Test
    void everyMutationOfTheContractIsReadOrRefused() throws Exception {
        byte[] contract = ContractJson.write(TinyBundle.contract());
        Random random = new Random(21);
        byte[] alphabet = "{}[]\",:0123456789eE+-.\\u truefalsenull\n".getBytes(StandardCharsets.US_ASCII);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = contract.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = alphabet[random.nextInt(alphabet.length)];
            }
            refused += reads(bytes) ? 0 : 1;
        }
        assertThat(refused).isGreaterThan(MUTATIONS / 2);
    }

    private static boolean reads(byte[] contract) {
        try {
            return !ContractJson.read(contract).points().isEmpty();
        } catch (BundleException refused) {
            assertThat(refused.getMessage()).doesNotContain("\n");
            return false;
        }
    }
}
