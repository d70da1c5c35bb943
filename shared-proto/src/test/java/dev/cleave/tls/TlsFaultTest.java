package dev.cleave.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class TlsFaultTest {
    @Test
    void blamesNobodyForAConnectionThatBreaks() {
        assertThat(TlsFault.of(null)).isNull();
        assertThat(TlsFault.of(new IOException("Connection reset", new SSLException("closed"))))
                .isNull();
        assertThat(TlsFault.alert(null)).isNull();
    }

    @Test
    void believesTheInnermostCause() {
        Exception chain = new CertificateException("outer", new CertPathBuilderException("no path\nto a root"));
        assertThat(TlsFault.of(new SSLHandshakeException("failed").initCause(chain)))
                .isEqualTo("its certificate leads to no root that this device trusts (no path to a root)");
        assertThat(TlsFault.of(new IOException(new CertificateExpiredException("NotAfter: yesterday"))))
                .isEqualTo("its certificate has expired (NotAfter: yesterday)");
        assertThat(TlsFault.of(new CertificateException("No name matching a found")))
                .isEqualTo("its certificate is not accepted (No name matching a found)");
    }

    @Test
    void readsTheOtherSidesAlertAlsoBesideWhatAWriteFailedOf() {
        IOException write = new IOException("Broken pipe");
        write.addSuppressed(new SSLException("Received fatal alert: bad_certificate"));
        assertThat(TlsFault.of(write))
                .isEqualTo("it asks this device for a certificate that it accepts (bad_certificate)");
        assertThat(TlsFault.of(new SSLException("(unknown_ca) Received fatal alert: unknown_ca")))
                .isEqualTo("it does not accept this device's certificate (unknown_ca)");
        assertThat(TlsFault.alert("Received fatal alert: protocol_version"))
                .isEqualTo("the two could not agree on TLS (protocol_version)");
    }

    @Test
    void goesInNoCircle() {
        Exception first = new IOException("a");
        first.initCause(new IOException("b", first));
        assertThat(TlsFault.of(first)).isNull();
    }
}
