package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.link.LinkFailure.Kind;
import io.grpc.Status;
import java.io.IOException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamFailureTest {
    private static final String UNTRUSTED = "no trusted connection to the gateway: ";

    private static LinkFailure unavailable(Throwable cause) {
        return StreamFailure.of(
                Status.UNAVAILABLE.withDescription("io exception").withCause(cause));
    }

    private static Throwable within(Throwable cause, Throwable outer) {
        outer.initCause(cause);
        return outer;
    }

    @Test
    void namesTheInnermostFaultOfACertificate() {
        Throwable expired = new CertificateExpiredException("NotAfter: yesterday");
        Throwable path = new CertPathValidatorException("validity check failed", expired);
        Throwable validator = new CertificateException("PKIX path validation failed", path);
        LinkFailure failure = unavailable(within(validator, new SSLHandshakeException("PKIX path validation failed")));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.message()).isEqualTo(UNTRUSTED + "its certificate has expired (NotAfter: yesterday)");
    }

    @ParameterizedTest
    @CsvSource({
        "unknown_ca, it does not accept this device's certificate (unknown_ca)",
        "certificate_expired, it does not accept this device's certificate (certificate_expired)",
        "certificate_required, it asks this device for a certificate that it accepts (certificate_required)",
        "protocol_version, the two could not agree on TLS (protocol_version)"
    })
    void namesWhatTheGatewaySaysOfTheDevice(String alert, String expected) {
        LinkFailure failure = unavailable(new SSLException("Received fatal alert: " + alert));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.message()).isEqualTo(UNTRUSTED + expected);
    }

    @Test
    void findsAnAlertBesideTheWriteThatFailed() {
        IOException write = new IOException("Broken pipe");
        write.addSuppressed(new SSLException("Received fatal alert: unknown_ca"));
        LinkFailure failure = unavailable(write);
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.message())
                .isEqualTo(UNTRUSTED + "it does not accept this device's certificate (unknown_ca)");
    }

    @Test
    void findsAnAlertThatIsThereInWordsAlone() {
        LinkFailure failure = StreamFailure.of(
                Status.UNAVAILABLE.withDescription(
                        "End of stream or IOException: (certificate_required) Received fatal alert: certificate_required, closed"));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.message())
                .isEqualTo(UNTRUSTED + "it asks this device for a certificate that it accepts (certificate_required)");
    }

    @Test
    void refusesWhereTheGatewaySaysWhoMayComeIn() {
        LinkFailure failure = StreamFailure.of(Status.UNAUTHENTICATED.withDescription("token is not known"));
        assertThat(failure.kind()).isEqualTo(Kind.REFUSED);
        assertThat(failure.message()).isEqualTo("stream to the gateway ended with UNAUTHENTICATED: token is not known");
    }

    @Test
    void isALinkThatIsDownOtherwise() {
        LinkFailure failure = unavailable(within(new IOException("Connection refused"), new IOException("connect")));
        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure.message())
                .isEqualTo("stream to the gateway ended with UNAVAILABLE: io exception (Connection refused)");
    }

    @Test
    void endsOnCausesThatGoInCircles() {
        IOException one = new IOException("one");
        IOException two = new IOException("two", one);
        one.initCause(two);
        assertThat(unavailable(one).kind()).isEqualTo(Kind.UNAVAILABLE);
    }
}
