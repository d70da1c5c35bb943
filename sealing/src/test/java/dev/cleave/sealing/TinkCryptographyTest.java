package dev.cleave.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.Cryptography;
import dev.cleave.crypto.Hex;
import dev.cleave.crypto.SigningKey;
import dev.cleave.crypto.VerifyingKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TinkCryptographyTest {
    private static final byte[] MESSAGE = {1, 2, 3};
    private static final byte[] PREFIX = new byte[64];
    private static final byte[] KEY = new byte[Cryptography.SEALING_KEY_BYTES];

    @TempDir
    Path folder;

    private final Cryptography cryptography = new TinkCryptography();

    @Test
    void isFoundOnTheClassPath() throws IOException {
        assertThat(Cryptographies.find()).isInstanceOf(TinkCryptography.class);
    }

    /** RFC 8032, section 7.1, test 2. */
    @Test
    void signsAsTheStandardDoes() {
        byte[] seed = Hex.parse("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        byte[] publicKey = Hex.parse("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        String signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assertThat(cryptography.publicKey(seed)).isEqualTo(publicKey);
        assertThat(Hex.of(cryptography.sign(seed, new byte[] {0x72}))).isEqualTo(signature);
        assertThat(cryptography.verify(publicKey, new byte[] {0x72}, Hex.parse(signature)))
                .isTrue();
        assertThat(cryptography.verify(publicKey, new byte[] {0x73}, Hex.parse(signature)))
                .isFalse();
    }

    @Test
    void refusesWhatIsNoSignature() {
        byte[] publicKey = cryptography.publicKey(new byte[32]);
        assertThat(cryptography.verify(publicKey, MESSAGE, new byte[64])).isFalse();
        assertThat(cryptography.verify(publicKey, MESSAGE, new byte[3])).isFalse();
        assertThat(cryptography.verify(new byte[31], MESSAGE, new byte[64])).isFalse();
    }

    @Test
    void keyFilesAreThoseOfOtherTools() throws Exception {
        SigningKey key = SigningKey.generate(new SecureRandom());
        Path secret = Files.writeString(folder.resolve("release.key"), key.pem());
        VerifyingKey verifying = SigningKey.read(secret).verifyingKey(cryptography);
        Path open = Files.writeString(folder.resolve("release.pub"), verifying.pem());
        assertThat(VerifyingKey.read(open)).isEqualTo(verifying);
        String base64 = verifying.pem().replaceAll("-----[A-Z ]+-----|\n", "");
        Signature platform = Signature.getInstance("Ed25519");
        platform.initVerify(KeyFactory.getInstance("Ed25519")
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(base64))));
        platform.update(MESSAGE);
        assertThat(platform.verify(key.sign(MESSAGE, cryptography))).isTrue();
        assertThatThrownBy(() -> VerifyingKey.read(secret))
                .hasMessageStartingWith(secret + " is no Ed25519 public key; expected PEM");
        assertThatThrownBy(() -> SigningKey.read(open)).hasMessageContaining("is no Ed25519 private key");
        assertThatThrownBy(() -> SigningKey.read(folder.resolve("none"))).hasMessageContaining("none is missing");
    }

    private Path seal(byte[] plain, byte[] prefix, byte[] key) throws IOException {
        Path file = folder.resolve("sealed");
        FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        out.write(ByteBuffer.wrap(prefix));
        try (WritableByteChannel sealing = cryptography.seal(out, prefix.length, key, prefix)) {
            ByteBuffer left = ByteBuffer.wrap(plain);
            while (left.hasRemaining()) {
                sealing.write(left);
            }
        }
        return file;
    }

    private byte[] unseal(Path file, byte[] key, byte[] associated, long from, int length) throws IOException {
        FileChannel in = FileChannel.open(file, StandardOpenOption.READ);
        try (SeekableByteChannel plain = cryptography.unseal(in, PREFIX.length, key, associated)) {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            plain.position(from);
            while (bytes.hasRemaining() && plain.read(bytes) >= 0) {}
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @Test
    void readsWhatWasSealedFromAnyPlace() throws IOException {
        byte[] plain = random((3 << 20) + 17);
        Path file = seal(plain, PREFIX, KEY);
        assertThat(Files.size(file)).isBetween(plain.length + 64L, plain.length + 300L);
        assertThat(unseal(file, KEY, PREFIX, 0, plain.length)).isEqualTo(plain);
        for (int from : new int[] {1, (1 << 20) - 200, (2 << 20) + 5, plain.length - 3}) {
            assertThat(unseal(file, KEY, PREFIX, from, 3)).isEqualTo(Arrays.copyOfRange(plain, from, from + 3));
        }
        String sealed = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(sealed.indexOf(new String(plain, 500, 16, StandardCharsets.ISO_8859_1)))
                .isNegative();
    }

    @Test
    void refusesAnotherKeyAndOtherAssociatedData() throws IOException {
        Path file = seal(random(1000), PREFIX, KEY);
        byte[] otherKey = random(32);
        assertThatThrownBy(() -> unseal(file, otherKey, PREFIX, 0, 1000)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> unseal(file, KEY, random(64), 0, 1000)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesAFileThatWasChangedAnywhereOrCutOff() throws IOException {
        byte[] plain = random((1 << 20) + 5000);
        Path file = seal(plain, PREFIX, KEY);
        byte[] sealed = Files.readAllBytes(file);
        Random random = new Random(3);
        for (int i = 0; i < 20; i++) {
            byte[] changed = sealed.clone();
            changed[PREFIX.length + random.nextInt(sealed.length - PREFIX.length)] ^= 1;
            Files.write(file, changed);
            assertThatThrownBy(() -> unseal(file, KEY, PREFIX, 0, plain.length)).isInstanceOf(IOException.class);
        }
        Files.write(file, Arrays.copyOf(sealed, sealed.length - 1));
        assertThatThrownBy(() -> unseal(file, KEY, PREFIX, 0, plain.length)).isInstanceOf(IOException.class);
        Files.write(file, Arrays.copyOf(sealed, 1 << 20));
        assertThatThrownBy(() -> unseal(file, KEY, PREFIX, 0, plain.length)).isInstanceOf(IOException.class);
    }
}
