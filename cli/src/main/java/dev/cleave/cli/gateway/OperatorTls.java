package dev.cleave.cli.gateway;

import dev.cleave.edge.identity.Tls;
import dev.cleave.tls.IdentityFiles;
import dev.cleave.tls.TrustFile;
import java.io.IOException;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** TLS of an operator's tool: which gateways it believes, the name that it expects, and the certificate that it shows. */
final class OperatorTls extends SslContextFactory.Client {
    private final String name;

    /**
     * Reads the files.
     *
     * @throws IOException naming a file that cannot be used
     */
    OperatorTls(Tls tls) throws IOException {
        name = tls.gatewayName();
        setSslContext(context(tls));
    }

    private static SSLContext context(Tls tls) throws IOException {
        KeyManager[] shown = tls.certificate() == null
                ? null
                : new KeyManager[] {
                    IdentityFiles.open(tls.certificate(), tls.privateKey()).keyManager()
                };
        TrustManager[] trusted = tls.trustedCertificates() == null
                ? null // Those of the system.
                : new TrustManager[] {TrustFile.open(tls.trustedCertificates()).trustManager()};
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(shown, trusted, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this platform has no TLS: " + e.getMessage(), e);
        }
    }

    /** Of the host that is asked for, or of the name that its certificate is to have. */
    @Override
    public SSLEngine newSSLEngine(String host, int port) {
        return super.newSSLEngine(name == null ? host : name, port);
    }
}
