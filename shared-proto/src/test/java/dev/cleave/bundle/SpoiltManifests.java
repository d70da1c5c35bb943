package dev.cleave.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Manifests in which up to three characters are others, by a seed. */
final class SpoiltManifests {
    private static final int MANY = 5000;
    private static final byte[] ALPHABET =
            "{}[]\",:0123456789eE+-.\\u truefalsenull\n".getBytes(StandardCharsets.US_ASCII);

    private SpoiltManifests() {}

    /** Whatever is read can be written and read again; the others are refused in one line. */
    static void assertEachReadOrRefused(byte[] manifest, long seed) {
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < MANY; i++) {
            byte[] bytes = manifest.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = ALPHABET[random.nextInt(ALPHABET.length)];
            }
            refused += reads(bytes) ? 0 : 1;
        }
        assertThat(refused).isBetween(MANY / 2, MANY - 1);
    }

    private static boolean reads(byte[] manifest) {
        try {
            Manifest read = ManifestJson.read(manifest);
            assertThat(ManifestJson.read(ManifestJson.write(read))).isEqualTo(read);
            return true;
        } catch (IOException refused) {
            assertThat(refused).isInstanceOf(BundleException.class);
            assertThat(refused.getMessage()).doesNotContain("\n");
            return false;
        }
    }
}
