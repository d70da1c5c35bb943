package dev.cleave.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityFilesTest {
    @TempDir
    Path folder;

    private final TestCertificates root = TestCertificates.root("root");
    private final HeldCertificate first = root.forLocalhost();
    private TestCertificates.Pair files;
    private IdentityFiles identity;

    @BeforeEach
    void open() throws IOException {
        files = TestCertificates.write(first, folder, "gateway");
        identity = IdentityFiles.open(files.chain(), files.key());
    }

    @Test
    void showsARenewedCertificateAfterARefresh() throws IOException {
        assertThat(identity.certificate()).isEqualTo(first.certificate());
        assertThat(identity.refresh()).isFalse();
        HeldCertificate renewed = root.forLocalhost();
        TestCertificates.write(renewed, folder, "gateway");
        assertThat(identity.refresh()).isTrue();
        assertThat(identity.certificate()).isEqualTo(renewed.certificate());
        assertThat(identity.refresh()).isFalse();
    }

    @Test
    void keepsTheFormerPairUntilBothFilesBelongTogether() throws IOException {
        HeldCertificate renewed = root.forLocalhost();
        Files.writeString(files.chain(), renewed.certificatePem());
        assertThatThrownBy(identity::refresh)
                .isInstanceOf(IOException.class)
                .hasMessage(files.key() + " does not hold the key of the certificate in " + files.chain());
        assertThat(identity.certificate()).isEqualTo(first.certificate());
        Files.writeString(files.key(), renewed.privateKeyPkcs8Pem());
        assertThat(identity.refresh()).isTrue();
        assertThat(identity.certificate()).isEqualTo(renewed.certificate());
    }

    @Test
    void takesACertificateThatWasRenewedForTheSameKey() throws IOException {
        HeldCertificate renewed =
                new HeldCertificate.Builder().keyPair(first.keyPair()).build();
        Files.writeString(files.chain(), renewed.certificatePem());
        assertThat(identity.refresh()).isTrue();
        assertThat(identity.certificate()).isEqualTo(renewed.certificate());
    }

    @Test
    void readsRsaKeysToo() throws IOException {
        HeldCertificate rsa = new HeldCertificate.Builder().rsa2048().build();
        TestCertificates.Pair written = TestCertificates.write(rsa, folder, "rsa");
        assertThat(IdentityFiles.open(written.chain(), written.key()).certificate())
                .isEqualTo(rsa.certificate());
    }

    @Test
    void namesTheFileThatIsNoCertificateOrNoKey() throws IOException {
        Path absent = folder.resolve("absent");
        assertThatThrownBy(() -> IdentityFiles.open(absent, files.key()))
                .hasMessage(absent + " is missing; expected a PEM file");
        assertThatThrownBy(() -> IdentityFiles.open(files.key(), files.key()))
                .hasMessageStartingWith(files.key() + " holds ")
                .hasMessageEndingWith("expected X.509 in PEM");
        assertThatThrownBy(() -> IdentityFiles.open(files.chain(), files.chain()))
                .hasMessageStartingWith(files.chain() + " holds no private key that can be used; expected PKCS#8");
        Path garbage = Files.writeString(
                folder.resolve("garbage"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
        assertThatThrownBy(() -> IdentityFiles.open(files.chain(), garbage))
                .hasMessageStartingWith(garbage + " holds no private key")
                .hasMessageNotContaining("c2VjcmV0");
    }

    @Test
    void namesATrustFileThatCannotBeUsedAndKeepsTheFormer() throws IOException {
        Path file = root.writeRoot(folder.resolve("ca.crt"));
        TrustFile trust = TrustFile.open(file);
        assertThat(trust.refresh()).isFalse();
        Files.writeString(file, "nothing\n");
        assertThatThrownBy(trust::refresh).hasMessageStartingWith(file + " holds ");
        TestCertificates.root("another").writeRoot(file);
        assertThat(trust.refresh()).isTrue();
    }
}
