package dev.cleave.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleave.tls.TestCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code serve} and {@code infer} with certificates and tokens, each in a process of its own. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SecureLinkTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private final TestCertificates root = TestCertificates.root("root");
    private SplitModel model;
    private Path rootFile;
    private GatewayProcess gateway;

    @BeforeEach
    void prepare() throws Exception {
        model = SplitModel.classifier(folder, "classifier", 1);
        rootFile = root.writeRoot(folder.resolve("root.crt"));
    }

    @AfterEach
    void close() {
        if (gateway != null) {
            gateway.close();
        }
        model.close();
    }

    private void serve(HeldCertificate certificate, String more) throws Exception {
        TestCertificates.Pair pair = TestCertificates.write(certificate, folder, "gateway");
        gateway = GatewayProcess.start(
                model.served(),
                0,
                "{\"tlsCertificate\": " + JSON.writeValueAsString(pair.chain().toString()) + ", \"tlsKey\": "
                        + JSON.writeValueAsString(pair.key().toString()) + ", \"healthPort\": 0" + more + "}");
    }

    /** Who answered, and why the device stood in, if it did. */
    private record Answers(String source, String fallback) {}

    private Answers infer(String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "infer",
                model.bundle().file().toString(),
                "--gateway",
                "localhost:" + gateway.port(),
                "--split",
                "1",
                "--random",
                "1",
                "--json"));
        arguments.addAll(List.of(options));
        try (CleaveProcess process = CleaveProcess.start(folder, arguments)) {
            JsonNode line = JSON.readTree(process.line());
            JsonNode summary = JSON.readTree(process.line()).get("summary");
            assertThat(summary.get("failed").intValue()).isZero();
            assertThat(process.awaitExit()).isZero();
            return new Answers(
                    line.get("source").textValue(), summary.get("firstFallback").textValue());
        }
    }

    @Test
    void letsInTheDeviceWithTheTokenOverTls() throws Exception {
        Path tokens = folder.resolve("tokens");
        Path token = folder.resolve("camera.token");
        try (CleaveProcess made =
                CleaveProcess.start(folder, List.of("token", "camera-1", "--into", tokens.toString()))) {
            Files.writeString(token, made.line());
        }
        serve(root.forLocalhost(), ", \"tokens\": " + JSON.writeValueAsString(tokens.toString()));
        assertThat(infer("--tls-ca", rootFile.toString(), "--token-file", token.toString())
                        .source())
                .isEqualTo("SPLIT");
        Answers wrong = infer("--tls-ca", rootFile.toString(), "--token", "guessed");
        assertThat(wrong.source()).isEqualTo("LOCAL");
        assertThat(wrong.fallback()).contains("UNAUTHENTICATED: token is not known to this gateway");
        Answers clear = infer("--token-file", token.toString());
        assertThat(clear.source()).isEqualTo("LOCAL");
        assertThat(gateway.metric("cleave_requests_total", "outcome=\"ok\"")).isEqualTo(2);
    }

    @Test
    void staysLocalWhereTheGatewayIsNotTheOneItTrusts() throws Exception {
        serve(root.expired(), "");
        Answers expired = infer("--tls-ca", rootFile.toString());
        assertThat(expired.source()).isEqualTo("LOCAL");
        assertThat(expired.fallback()).contains("no trusted connection to the gateway: its certificate has expired");
        Path other = TestCertificates.root("other").writeRoot(folder.resolve("other.crt"));
        Answers foreign = infer("--tls-ca", other.toString());
        assertThat(foreign.source()).isEqualTo("LOCAL");
        assertThat(foreign.fallback()).contains("its certificate leads to no root that this device trusts");
    }
}
