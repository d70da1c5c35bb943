package dev.cleave.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.SealedBundle;
import dev.cleave.bundle.TinyBundle;
import dev.cleave.bundle.View;
import dev.cleave.crypto.Cryptography;
import dev.cleave.crypto.KeyProvider;
import dev.cleave.crypto.SealingKeyFile;
import dev.cleave.crypto.SigningKey;
import dev.cleave.engine.GraphFormat;
import dev.cleave.engine.GraphSource;
import dev.cleave.trust.BundleSigner;
import dev.cleave.trust.BundleTrust;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedBundleTest {
    private static final byte[] KEY = key(1);

    @TempDir
    Path folder;

    private final List<byte[]> handedOut = new ArrayList<>();
    private final KeyProvider keys = name -> {
        if (!name.equals("fleet")) {
            throw new IOException("no key \"" + name + "\" here");
        }
        byte[] key = KEY.clone();
        handedOut.add(key);
        return key;
    };
    private Path plain;
    private Path sealed;

    private static byte[] key(int seed) {
        byte[] key = new byte[Cryptography.SEALING_KEY_BYTES];
        new Random(seed).nextBytes(key);
        return key;
    }

    @BeforeEach
    void seal() throws IOException {
        plain = TinyBundle.writeTo(folder.resolve("plain"));
        sealed = Files.createDirectories(folder.resolve("sealed")).resolve("tiny.cleave");
        SealedBundle.seal(plain, "fleet", KEY, sealed);
    }

    private void assertRefused(Path file, KeyProvider provider, String why) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> Bundle.open(file, provider))
                .withMessageStartingWith(file.toString())
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void opensWithItsKeyAndHoldsWhatWasSealed() throws IOException {
        Bundle bundle = Bundle.open(sealed, keys);
        assertThat(bundle.isSealed()).isTrue();
        assertThat(bundle.id()).isEqualTo(Bundle.open(plain).id());
        assertThat(bundle.manifest()).isEqualTo(TinyBundle.manifest());
        GraphSource segment = bundle.graph("fp32", "segment-1");
        assertThat(segment.graph()).isEqualTo(TinyBundle.files().get("graphs/fp32/segment-1.onnx"));
        assertThat(segment.weights()).isEmpty();
        ByteBuffer weights = segment.held().get(Bundle.weightsLocation("fp32"));
        assertThat(weights).isEqualTo(ByteBuffer.wrap(TinyBundle.files().get("weights/fp32.bin")));
        assertThat(weights.isDirect()).isTrue();
    }

    @Test
    void graphsOfAPrecisionShareTheMemoryOfTheirWeights() throws IOException {
        Bundle bundle = Bundle.open(sealed, keys);
        ByteBuffer first = bundle.graph("fp32", "segment-0").held().get("weights/fp32.bin");
        assertThat(bundle.graph("fp32", "whole").held().get("weights/fp32.bin")).isSameAs(first);
        assertThat(bundle.graph("int8", "whole").held().keySet()).containsExactly("weights/int8.bin");
    }

    @Test
    void segmentsInAnotherFormAreSealedAsWell() throws IOException {
        Path open = TinyBundle.writeWithForms(folder.resolve("forms"), "int8", 2);
        Path closed = folder.resolve("forms.sealed");
        SealedBundle.seal(open, "fleet", KEY, closed);
        GraphSource segment = Bundle.open(closed, keys).graph("int8", "segment-1", GraphFormat.TFLITE);
        assertThat(segment.graph()).isEqualTo(TinyBundle.forms("int8", 2).get("graphs/int8/segment-1.tflite"));
        assertThat(segment.held()).isEmpty();
        assertThat(new String(Files.readAllBytes(closed), StandardCharsets.ISO_8859_1))
                .doesNotContain("tflite int8 segment-1");
    }

    @Test
    void overwritesEveryKeyItWasGiven() throws IOException {
        Bundle.open(sealed, keys).graph("fp32", "whole");
        assertThat(handedOut).isNotEmpty().allSatisfy(key -> assertThat(key).containsOnly(0));
    }

    @Test
    void leavesNothingReadableOnTheDisk() throws IOException {
        Bundle.open(sealed, keys).graph("fp32", "segment-1");
        Path around = sealed.getParent();
        try (Stream<Path> files = Files.walk(around)) {
            assertThat(files.filter(Files::isRegularFile)).containsExactly(sealed);
        }
        String bytes = new String(Files.readAllBytes(sealed), StandardCharsets.ISO_8859_1);
        assertThat(bytes).doesNotContain("fp32").doesNotContain("contract");
        byte[] weights = TinyBundle.files().get("weights/fp32.bin");
        assertThat(bytes.indexOf(new String(weights, 100, 16, StandardCharsets.ISO_8859_1)))
                .isNegative();
        assertThat(Files.readAllBytes(plain)).hasSizeLessThan(bytes.length());
    }

    @Test
    void isRefusedWithoutItsKey() {
        assertThatThrownBy(() -> Bundle.open(sealed))
                .hasMessage(sealed + " is sealed with key \"fleet\"; expected that key");
        assertRefused(sealed, name -> key(2), "cannot be unsealed with key \"fleet\": it was sealed with another one");
        assertRefused(sealed, name -> new byte[16], "key \"fleet\" has 16 bytes; expected 32");
        assertRefused(sealed, name -> null, "key \"fleet\" has 0 bytes");
    }

    @Test
    void asksForTheKeyByTheNameItWasSealedWith() throws IOException {
        Path other = folder.resolve("other.cleave");
        SealedBundle.seal(plain, "spare", KEY, other);
        assertThat(SealedBundle.keyName(other)).isEqualTo("spare");
        assertThat(SealedBundle.keyName(plain)).isNull();
        assertRefused(other, keys, "no key \"spare\" here");
    }

    @Test
    void refusesWhatWasChangedAnywhere() throws IOException {
        byte[] bytes = Files.readAllBytes(sealed);
        Path changed = folder.resolve("changed.cleave");
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            byte[] copy = bytes.clone();
            copy[8 + random.nextInt(bytes.length - 8)] ^= (byte) (1 << random.nextInt(8));
            Files.write(changed, copy);
            assertThatExceptionOfType(BundleException.class).isThrownBy(() -> Bundle.open(changed, keys));
        }
        byte[] format = bytes.clone();
        format[7] = 2;
        Files.write(changed, format);
        assertRefused(changed, keys, "is sealed in format 2; expected 1");
    }

    @Test
    void refusesAFileThatWasCutOff() throws IOException {
        byte[] bytes = Files.readAllBytes(sealed);
        Path cut = folder.resolve("cut.cleave");
        for (int length : new int[] {64, 65, 100, bytes.length / 2, bytes.length - 1}) {
            Files.write(cut, Arrays.copyOf(bytes, length));
            assertThatExceptionOfType(BundleException.class).isThrownBy(() -> Bundle.open(cut, keys));
        }
    }

    @Test
    void isSignedIfTheBundleInsideIs() throws IOException {
        SigningKey signing = SigningKey.generate(new SecureRandom());
        BundleTrust trust = BundleTrust.of(signing.verifyingKey(new TinkCryptography()));
        BundleSigner.sign(Bundle.open(plain), List.of(signing), 1, plain);
        SealedBundle.seal(plain, "fleet", KEY, sealed);
        trust.check(Bundle.open(sealed, keys));
    }

    @Test
    void givesNoCopyInTheClear() throws IOException {
        Bundle bundle = Bundle.open(sealed, keys);
        Path copy = folder.resolve("copy.cleave");
        assertThatThrownBy(() -> BundleWriter.writeView(bundle, View.EDGE, 2, copy))
                .hasMessageContaining("is sealed; expected a bundle in the clear");
        assertThat(copy).doesNotExist();
    }

    @Test
    void opensAPlainBundleAsWell() throws IOException {
        assertThat(Bundle.open(plain, keys).isSealed()).isFalse();
    }

    @Test
    void keyFilesHoldSeveralKeysByName() throws IOException {
        Path file = folder.resolve("keys");
        String old = SealingKeyFile.newLine("old", new SecureRandom());
        String current = SealingKeyFile.newLine("fleet", new SecureRandom());
        Files.writeString(file, "# hall 7\n" + old + "\n" + current);
        SealingKeyFile provider = new SealingKeyFile(file);
        SealedBundle.seal(plain, "fleet", provider.key("fleet"), sealed);
        assertThat(Bundle.open(sealed, provider).isSealed()).isTrue();
        assertThat(provider.key("old")).isNotEqualTo(provider.key("fleet"));
        assertThatThrownBy(() -> provider.key("none")).hasMessageContaining("holds no key \"none\"");
        Files.writeString(file, "fleet abc\n");
        assertThatThrownBy(() -> provider.key("fleet"))
                .hasMessage(file + ", line 1 is no key; expected its name, a space and 64 lower-case hex digits");
        assertThatThrownBy(() -> new SealingKeyFile(folder.resolve("gone")).key("x"))
                .hasMessageContaining("is missing; expected sealing keys");
    }

    @Test
    void refusesANameThatDoesNotFit() {
        for (String name : List.of("", "two words", "ä", "x".repeat(56))) {
            assertThatThrownBy(() -> SealedBundle.seal(plain, name, KEY, sealed))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
