package dev.cleave.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.metrics.GatewayMetrics;
import dev.cleave.tls.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** For how long sessions of TLS can be resumed: in the context that they began in, so for as long as that is handed out. */
class GatewayIdentityTest {
    @TempDir
    Path files;

    private final TestCertificates root = TestCertificates.root("root");
    private final AtomicLong nanos = new AtomicLong(-1);
    private final GatewayConfigBuilder settings = GatewayConfig.builder().reloadEvery(Duration.ofDays(1));
    private GatewayIdentity identity;

    @BeforeEach
    void write() throws Exception {
        TestCertificates.Pair pair = TestCertificates.write(root.forLocalhost(), files, "gateway");
        settings.tlsCertificate(pair.chain()).tlsKey(pair.key());
    }

    @AfterEach
    void close() {
        identity.close();
    }

    private void open() throws Exception {
        identity = GatewayIdentity.open(settings.build().access(), new GatewayMetrics(), nanos::get);
    }

    private SSLContext after(Duration time) {
        nanos.addAndGet(time.toNanos());
        identity.refresh();
        return identity.sslContext();
    }

    @Test
    void whereCallersShowCertificatesSessionsAreResumedForAnHour() throws Exception {
        settings.tlsClientCa(root.writeRoot(files.resolve("devices.crt")));
        open();
        SSLContext first = identity.sslContext();
        assertThat(after(Duration.ofMinutes(59))).isSameAs(first);
        SSLContext second = after(Duration.ofMinutes(2));
        assertThat(second).isNotSameAs(first);
        assertThat(after(Duration.ofMinutes(59))).isSameAs(second);
        assertThat(after(Duration.ofMinutes(2))).isNotSameAs(second);
    }

    @Test
    void whereTheyShowNoneOnlyAChangeOfTheFilesEndsThat() throws Exception {
        open();
        SSLContext first = identity.sslContext();
        assertThat(after(Duration.ofDays(2))).isSameAs(first);
        TestCertificates.write(root.forLocalhost(), files, "gateway");
        SSLContext second = after(Duration.ZERO);
        assertThat(second).isNotSameAs(first);
        assertThat(after(Duration.ofDays(2))).isSameAs(second);
    }

    @Test
    void aRootThatWasWithdrawnEndsThat() throws Exception {
        Path roots = root.writeRoot(files.resolve("devices.crt"));
        settings.tlsClientCa(roots);
        open();
        SSLContext first = identity.sslContext();
        Files.writeString(roots, "no certificate");
        assertThat(after(Duration.ZERO)).as("unusable: as before").isSameAs(first);
        TestCertificates.root("another").writeRoot(roots);
        assertThat(after(Duration.ZERO)).isNotSameAs(first);
    }

    @Test
    void withoutACertificateThereIsNoTls() throws Exception {
        identity = GatewayIdentity.open(GatewayConfig.builder().build().access(), new GatewayMetrics(), nanos::get);
        assertThat(identity.isTls()).isFalse();
        assertThat(after(Duration.ofDays(2))).isNull();
    }
}
