package dev.cleave.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.BundleWriter;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.ContractVariant;
import dev.cleave.bundle.Manifest;
import dev.cleave.bundle.TinyBundle;
import dev.cleave.bundle.View;
import dev.cleave.bundle.zip.ZipIndex;
import dev.cleave.bundle.zip.ZipWriter;
import dev.cleave.crypto.SigningKey;
import dev.cleave.crypto.VerifyingKey;
import dev.cleave.trust.BundleSigner;
import dev.cleave.trust.BundleTrust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signed bundles, and every way in which one is not. */
class BundleTrustTest {
    @TempDir
    Path folder;

    private final TinkCryptography cryptography = new TinkCryptography();
    private final SigningKey key = SigningKey.generate(new SecureRandom());
    private final VerifyingKey publicKey = key.verifyingKey(cryptography);
    private final BundleTrust trust = BundleTrust.of(publicKey);
    private Bundle unsigned;

    @BeforeEach
    void write() throws IOException {
        unsigned = Bundle.open(TinyBundle.writeTo(folder.resolve("unsigned")));
    }

    private Bundle signed(long release) throws IOException {
        return signed(unsigned, release, key);
    }

    private Bundle signed(Bundle bundle, long release, SigningKey... keys) throws IOException {
        Path file = folder.resolve("signed-" + release + ".cleave");
        BundleSigner.sign(bundle, List.of(keys), release, file);
        return Bundle.open(file);
    }

    private static void assertRefused(BundleTrust trust, Bundle bundle, String why) {
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> trust.check(bundle))
                .withMessageStartingWith(bundle.file().toString())
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }

    @Test
    void believesWhatATrustedKeySigned() throws IOException {
        Bundle bundle = signed(7);
        assertThat(bundle.signature().release()).isEqualTo(7);
        assertThat(bundle.id()).isEqualTo(unsigned.id());
        assertThat(bundle.manifest()).isEqualTo(unsigned.manifest());
        trust.check(bundle);
    }

    @Test
    void refusesWhatNobodySigned() {
        assertRefused(
                trust,
                unsigned,
                "is not signed; expected a signature by key " + publicKey.hex().substring(0, 16));
    }

    @Test
    void refusesWhatSomebodyElseSigned() throws IOException {
        SigningKey other = SigningKey.generate(new SecureRandom());
        assertRefused(trust, signed(unsigned, 1, other), "is signed by key ");
        trust.check(signed(unsigned, 1, other, key));
    }

    @Test
    void believesEitherKeyWhileKeysAreExchanged() throws IOException {
        SigningKey next = SigningKey.generate(new SecureRandom());
        BundleTrust both = BundleTrust.of(publicKey, next.verifyingKey(cryptography));
        both.check(signed(1));
        both.check(signed(unsigned, 2, next));
    }

    @Test
    void viewsOfASignedBundleAreSigned() throws IOException {
        Bundle full = signed(3);
        for (View view : View.values()) {
            Path file = folder.resolve(view + ".cleave");
            BundleWriter.writeView(full, view, 2, file);
            Bundle bundle = Bundle.open(file);
            assertThat(bundle.view()).isEqualTo(view);
            trust.check(bundle);
        }
    }

    @Test
    void anEdgeViewCanBeSignedByItself() throws IOException {
        Path file = folder.resolve("edge.cleave");
        BundleWriter.writeView(unsigned, View.EDGE, 1, file);
        BundleSigner.sign(Bundle.open(file), List.of(key), 4, file);
        Bundle edge = Bundle.open(file);
        assertThat(edge.view()).isEqualTo(View.EDGE);
        trust.check(edge);
    }

    @Test
    void signingAgainReplacesTheSignature() throws IOException {
        Bundle again = signed(signed(1), 2, key);
        assertThat(again.signature().release()).isEqualTo(2);
        assertThat(again.signature().marks()).hasSize(1);
        trust.check(again);
    }

    /** Rewrites entries of a bundle, checksums and all: what somebody would do who is not found out by chance. */
    private Bundle forged(Bundle bundle, String entry, UnaryOperator<String> change) throws IOException {
        Path file = folder.resolve("forged.cleave");
        Files.deleteIfExists(file);
        try (FileChannel in = FileChannel.open(bundle.file(), StandardOpenOption.READ);
                FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ZipWriter zip = new ZipWriter(out);
            for (Map.Entry<String, ZipIndex.Entry> held :
                    ZipIndex.read(in, 1000).entrySet()) {
                ByteBuffer bytes = ByteBuffer.allocate((int) held.getValue().size());
                in.read(bytes, held.getValue().dataOffset());
                byte[] content = bytes.array();
                if (held.getKey().equals(entry)) {
                    String changed = change.apply(new String(content, StandardCharsets.UTF_8));
                    content = changed.getBytes(StandardCharsets.UTF_8);
                }
                zip.add(held.getKey(), content.length, new ByteArrayInputStream(content));
            }
            zip.finish();
        }
        return Bundle.open(file);
    }

    @Test
    void refusesAContractAManifestAndAReleaseThatWereChanged() throws IOException {
        Bundle bundle = signed(5);
        String why = "has a signature that is not its own: the bundle was changed after it was signed";
        assertRefused(trust, forged(bundle, "contract.json", text -> text.replace("\"cat\"", "\"dog\"")), why);
        assertRefused(trust, forged(bundle, "manifest.json", text -> text.replace("12.5", "1.5")), why);
        assertRefused(
                trust, forged(bundle, "signature.json", text -> text.replace("\"release\":5", "\"release\":6")), why);
        trust.check(forged(bundle, "contract.json", text -> text));
    }

    @Test
    void refusesTheSignatureOfAnotherBundle() throws IOException {
        Path file = folder.resolve("other.cleave");
        Manifest manifest = unsigned.manifest();
        TinyBundle.writer(TinyBundle.contract(1)).write(manifest, file);
        Bundle other = signed(Bundle.open(file), 9, key);
        Path stolen = folder.resolve("stolen.cleave");
        BundleWriter.writeSigned(unsigned, other.signature(), stolen);
        assertRefused(trust, Bundle.open(stolen), "the signature is of another one");
    }

    @Test
    void refusesASignatureFileThatIsNone() throws IOException {
        Bundle bundle = signed(5);
        for (String broken : List.of(
                "",
                "{}",
                "{\"formatVersion\":2,\"release\":1,\"signatures\":[]}",
                "{\"formatVersion\":1,\"release\":0,\"signatures\":[]}",
                "{\"formatVersion\":1,\"release\":1,\"signatures\":[]}",
                "{\"formatVersion\":1,\"release\":1,\"signatures\":[{\"key\":\"ab\",\"signature\":\"cd\"}]}")) {
            assertThatExceptionOfType(BundleException.class)
                    .isThrownBy(() -> forged(bundle, "signature.json", text -> broken))
                    .withMessageContaining("signature.json");
        }
    }

    @Test
    void refusesAFileOfASignedBundleThatWasChanged() throws IOException {
        Bundle bundle = signed(5);
        assertThatThrownBy(() -> forged(bundle, "graphs/fp32/head-1.onnx", text -> text.replace("head-1", "HEAD-1")))
                .isInstanceOf(BundleException.class)
                .hasMessageContaining("entry graphs/fp32/head-1.onnx has SHA-256");
    }

    @Test
    void refusesAnOlderReleaseThanWasAccepted() throws IOException {
        Path state = folder.resolve("state");
        BundleTrust remembering = trust.rememberingReleasesIn(state);
        Bundle old = signed(2);
        remembering.check(old);
        remembering.accepted(old);
        Bundle current = signed(4);
        remembering.check(current);
        remembering.check(old); // Until the newer one is in use, nothing is older.
        remembering.accepted(current);
        remembering.accepted(old);
        assertThat(state.resolve("releases")).hasContent("tiny 4\n");
        assertRefused(
                trust.rememberingReleasesIn(state),
                old,
                "is release 2 of tiny, and release 4 was accepted before; expected that one or a later one");
        remembering.check(current);
        remembering.check(signed(5));
        trust.check(old);
    }

    @Test
    void remembersEachModelByItself() throws IOException {
        BundleTrust remembering = trust.rememberingReleasesIn(folder.resolve("state"));
        remembering.accepted(signed(9));
        Contract other = ContractVariant.named(TinyBundle.contract(), "other");
        Path file = folder.resolve("other.cleave");
        TinyBundle.writer(other).write(TinyBundle.manifest(), file);
        remembering.check(signed(Bundle.open(file), 1, key));
    }

    @Test
    void refusesEverythingWhereItsMemoryWasSpoilt() throws IOException {
        Path state = Files.createDirectories(folder.resolve("state"));
        Bundle bundle = signed(1);
        for (String spoilt : List.of("tiny\n", "tiny -1\n", "tiny 99999999999999999999\n", "\0\0\0")) {
            Files.writeString(state.resolve("releases"), spoilt);
            assertThatThrownBy(() -> trust.rememberingReleasesIn(state).check(bundle))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(state.resolve("releases").toString());
        }
        Files.writeString(state.resolve("releases"), "tiny 9223372036854775808\n");
        assertThatThrownBy(() -> trust.rememberingReleasesIn(state).check(bundle))
                .hasMessageContaining("expected a 64-bit integer");
    }

    @Test
    void releasesOnlyRiseWhoeverWritesThem() throws Exception {
        Path state = folder.resolve("state");
        List<Bundle> bundles = new ArrayList<>();
        for (int release = 1; release <= 12; release++) {
            bundles.add(signed(release));
        }
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (Bundle bundle : bundles) {
            writers.add(CompletableFuture.runAsync(() -> {
                try {
                    trust.rememberingReleasesIn(state).accepted(bundle);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }));
        }
        for (CompletableFuture<Void> writer : writers) {
            writer.get();
        }
        assertThat(state.resolve("releases")).hasContent("tiny 12\n");
    }
}
