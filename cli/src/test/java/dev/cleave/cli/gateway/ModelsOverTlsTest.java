package dev.cleave.cli.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.cli.CommandRun;
import dev.cleave.engine.FakeEngine;
import dev.cleave.gateway.Gateway;
import dev.cleave.gateway.config.GatewayConfig;
import dev.cleave.gateway.config.GatewayConfigBuilder;
import dev.cleave.gateway.config.LoadMode;
import dev.cleave.gateway.config.TryModels;
import dev.cleave.tls.TestCertificates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code cleave models} against the admin port of a gateway in the same JVM, over TLS. */
class ModelsOverTlsTest {
    @TempDir
    Path files;

    private final TestCertificates root = TestCertificates.root("root");
    private final FakeEngine engine = new FakeEngine();
    private GatewayConfigBuilder settings;
    private String rootFile;
    private Gateway gateway;

    @BeforeEach
    void write() throws Exception {
        rootFile = root.writeRoot(files.resolve("root.crt")).toString();
        settings = GatewayConfig.builder()
                .port(0)
                .httpPort(0)
                .adminPort(0)
                .loadMode(LoadMode.EXPLICIT)
                .tryModels(TryModels.NONE)
                .modelsDirectory(Files.createDirectory(files.resolve("models")));
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    private void serve(HeldCertificate certificate) throws Exception {
        if (certificate != null) {
            TestCertificates.Pair pair = TestCertificates.write(certificate, files, "gateway");
            settings.tlsCertificate(pair.chain()).tlsKey(pair.key());
        }
        gateway = Gateway.start(settings.build(), engine);
    }

    private CommandRun models(String... arguments) {
        List<String> all = new ArrayList<>(List.of("models"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--admin", address()));
        return CommandRun.of(all.toArray(String[]::new));
    }

    private String address() {
        return "127.0.0.1:" + gateway.adminPort();
    }

    private static void assertFailure(CommandRun run, String expected) {
        assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).hasLineCount(1).contains(expected);
    }

    @Test
    void pushesLoadsAndListsAModelWithATokenOverTls() throws Exception {
        String token = "a-long-random-token";
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII));
        settings.adminTokens(
                Files.writeString(files.resolve("tokens"), HexFormat.of().formatHex(hash) + " anna\n"));
        serve(root.forLocalhost());
        Path model = Files.writeString(
                files.resolve("plain.onnx"), "input x float32 [?,4]\noutput y float32 [?,4] = affine x 2 0");
        String[] tls = {"--tls-ca", rootFile, "--token", token};
        CommandRun pushed = models(with(tls, "push", model.toString(), "--name", "plain", "--model-version", "3"));
        assertThat(pushed.err()).isEmpty();
        assertThat(pushed.out()).contains("pushed to plain/3/plain.onnx");
        CommandRun loaded = models(with(tls, "load", "plain", "3"));
        assertThat(loaded.out()).as(loaded.err()).contains("model \"plain\" 3 is READY");
        assertThat(models(with(tls, "list")).out()).contains("plain/3/plain.onnx");
        assertFailure(models("list", "--tls-ca", rootFile), "no token that is known here");
        assertFailure(
                models(with(tls, "push", model.toString(), "--name", "plain", "--model-version", "3")),
                "model \"plain\" 3 lies here already");
    }

    private static String[] with(String[] last, String... first) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(last));
        return all.toArray(String[]::new);
    }

    @Test
    void saysInOneLineThatOneSideSpeaksTlsAndTheOtherDoesNot() throws Exception {
        serve(root.forLocalhost());
        assertFailure(models("list"), address() + ": this port speaks TLS; expected https: --tls, or --tls-ca FILE");
        gateway.close();
        settings.tlsCertificate(null).tlsKey(null);
        serve(null);
        assertThat(models("list").exitCode()).isZero();
        assertFailure(
                models("list", "--tls-ca", rootFile),
                address() + " speaks no TLS; expected a gateway with a certificate, or none of --tls, --tls-ca");
    }

    @Test
    void believesNoGatewayOfAnotherRootNameOrTime() throws Exception {
        serve(root.forLocalhost());
        String other = TestCertificates.root("other")
                .writeRoot(files.resolve("other.crt"))
                .toString();
        String untrusted = "no trusted connection to " + address() + ": its certificate ";
        assertFailure(models("list", "--tls-ca", other), untrusted + "leads to no root that this device trusts (");
        assertFailure(models("list", "--tls"), untrusted + "leads to no root that this device trusts (");
        assertFailure(
                models("list", "--tls-ca", rootFile, "--tls-name", "gateway.example"), untrusted + "is not accepted (");
        gateway.close();
        serve(root.expired());
        assertFailure(
                models("list", "--tls-ca", rootFile),
                "no trusted connection to " + address() + ": its certificate has expired (NotAfter: ");
    }

    @Test
    void expectsTheNameThatItIsTold() throws Exception {
        serve(root.forName("gateway.example"));
        assertFailure(
                models("list", "--tls-ca", rootFile),
                "no trusted connection to " + address() + ": its certificate is not accepted (");
        CommandRun named = models("list", "--tls-ca", rootFile, "--tls-name", "gateway.example");
        assertThat(named.exitCode()).as(named.err()).isZero();
    }

    @Test
    void showsItsCertificateToAGatewayThatAsks() throws Exception {
        settings.tlsClientCa(Path.of(rootFile));
        serve(root.forLocalhost());
        TestCertificates.Pair anna = TestCertificates.write(root.forName("anna"), files, "anna");
        String[] shown = {
            "list",
            "--tls-ca",
            rootFile,
            "--tls-cert",
            anna.chain().toString(),
            "--tls-key",
            anna.key().toString()
        };
        CommandRun run = models(shown);
        assertThat(run.exitCode()).as(run.err()).isZero();
        CommandRun without = models("list", "--tls-ca", rootFile);
        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.err())
                .hasLineCount(1)
                .containsAnyOf(
                        "no trusted connection to " + address()
                                + ": it asks this device for a certificate that it accepts (bad_certificate)",
                        "; it may ask for a certificate: --tls-cert and --tls-key");
    }

    @Test
    void refusesFilesAndOptionsThatCannotBeUsed() throws Exception {
        serve(root.forLocalhost());
        Path absent = files.resolve("absent");
        assertFailure(models("list", "--tls-ca", absent.toString()), absent + " is missing; expected a PEM file");
        for (String[] wrong : new String[][] {
            {"list", "--tls-name", "n"},
            {"list", "--tls-cert", "c", "--tls-key", "k"},
            {"list", "--tls", "--tls-cert", "c"}
        }) {
            CommandRun run = models(wrong);
            assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
            assertThat(run.err()).hasLineCount(1).contains("--tls-");
        }
    }
}
