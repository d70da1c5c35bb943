package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.events.Fallback;
import dev.cleave.edge.events.Source;
import dev.cleave.edge.identity.GatewayAccess;
import dev.cleave.edge.identity.Tls;
import dev.cleave.edge.identity.TokenProvider;
import dev.cleave.tensor.Tensor;
import dev.cleave.tls.TestCertificates;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.SplitInferenceGrpc;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsServerCredentials;
import io.grpc.TlsServerCredentials.ClientAuth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Agents and gateways that show certificates, over real sockets. */
class EdgeAgentTlsTest extends AgentFixture {
    private final TestCertificates root = TestCertificates.root("the root");
    private final BlockingQueue<String> downs = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> fallbacks = new LinkedBlockingQueue<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private Path rootFile;

    @BeforeEach
    void writeRoot() throws IOException {
        rootFile = root.writeRoot(folder.resolve("root.crt"));
    }

    @AfterEach
    void closeChannels() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private ServerCredentials server(HeldCertificate certificate) throws IOException {
        return settings(certificate).build();
    }

    private TlsServerCredentials.Builder settings(HeldCertificate certificate) throws IOException {
        TestCertificates.Pair files = TestCertificates.write(certificate, folder, "server");
        return TlsServerCredentials.newBuilder()
                .keyManager(files.chain().toFile(), files.key().toFile());
    }

    private ManagedChannel channel(GatewayAccess access) {
        return Grpc.newChannelBuilder("localhost:" + gateway.port(), access.credentials())
                .build();
    }

    /** An agent that runs LOCAL where the gateway cannot be had, and tells why. */
    private EdgeAgent agent(Tls tls) throws Exception {
        GatewayAccess access = new GatewayAccess(tls, null);
        ManagedChannel channel = channel(access);
        channels.add(channel);
        return started(EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .channel(channel)
                .split(Split.at(2))
                .listener(new Reasons()));
    }

    private final class Reasons implements AgentListener {
        @Override
        public void linkDown(String gateway, String reason) {
            downs.add(reason);
        }

        @Override
        public void fallback(long request, Fallback why) {
            fallbacks.add(why.cause() + " " + why.message());
        }
    }

    private void assertSplits(EdgeAgent agent) throws Exception {
        Map<String, Tensor> inputs = AffineModel.inputs(8, 1);
        InferenceResult result = get(agent.infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.fallback()).isNull();
        assertThat(result.source()).isEqualTo(Source.SPLIT);
    }

    /** Answered by the device, which says that the gateway was refused, and why. */
    private void assertLocalBecause(EdgeAgent agent, String why) throws Exception {
        Map<String, Tensor> inputs = AffineModel.inputs(8, 1);
        InferenceResult result = get(agent.infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(downs.poll(60, TimeUnit.SECONDS)).contains(why);
        assertThat(fallbacks.poll(60, TimeUnit.SECONDS)).startsWith("REFUSED ").contains(why);
    }

    /**
     * In TLS 1.3 a device is done before the gateway has seen its certificate, and the alert that names the fault can be
     * overtaken by the connection's end, which the device runs into when it writes.
     */
    private void assertLocalAfterTheAlert(EdgeAgent agent, String why) throws Exception {
        Map<String, Tensor> inputs = AffineModel.inputs(8, 1);
        InferenceResult result = get(agent.infer(inputs));
        assertAnswers(result, inputs);
        assertThat(result.source()).isEqualTo(Source.LOCAL);
        assertThat(downs.poll(60, TimeUnit.SECONDS)).containsAnyOf(why, "stream to the gateway ended with UNAVAILABLE");
        assertThat(gateway.opens).isEmpty();
    }

    @Test
    void reachesAGatewayByHostAndPort() throws Exception {
        gateway.listen(server(root.forLocalhost()));
        EdgeAgent agent = started(EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:" + gateway.port())
                .tls(Tls.trusting(rootFile))
                .token("secret")
                .split(Split.at(2)));
        assertSplits(agent);
        assertThat(gateway.authorizations).containsExactly("Bearer secret");
    }

    @Test
    void reachesAGatewayWhoseCertificateIsForAnotherName() throws Exception {
        gateway.listen(server(root.forName("gateway.example")));
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:" + gateway.port())
                .listener(new Reasons())
                .split(Split.at(2));
        assertSplits(started(builder.tls(Tls.trusting(rootFile).withGatewayName("gateway.example"))));
        assertLocalBecause(
                started(builder.tls(Tls.trusting(rootFile))),
                "no trusted connection to the gateway: its certificate is not accepted");
    }

    @Test
    void answersOverTls() throws Exception {
        gateway.listen(server(root.forLocalhost()));
        assertSplits(agent(Tls.trusting(rootFile)));
    }

    @Test
    void refusesAGatewayOfAnotherRoot() throws Exception {
        gateway.listen(server(TestCertificates.root("another root").forLocalhost()));
        assertLocalBecause(
                agent(Tls.trusting(rootFile)),
                "no trusted connection to the gateway: its certificate leads to no root that this device trusts");
    }

    @Test
    void refusesAGatewayOfARootThatTheSystemDoesNotKnow() throws Exception {
        gateway.listen(server(root.forLocalhost()));
        assertLocalBecause(agent(Tls.systemTrust()), "its certificate leads to no root that this device trusts");
    }

    @Test
    void refusesAnExpiredGateway() throws Exception {
        gateway.listen(server(root.expired()));
        assertLocalBecause(
                agent(Tls.trusting(rootFile)),
                "no trusted connection to the gateway: its certificate has expired (NotAfter: ");
    }

    @Test
    void refusesAGatewayBeforeItsTime() throws Exception {
        gateway.listen(server(root.notYetValid()));
        assertLocalBecause(
                agent(Tls.trusting(rootFile)),
                "its certificate is not valid yet, or this device's clock is slow (NotBefore: ");
    }

    @Test
    void refusesAGatewayOfAnotherName() throws Exception {
        gateway.listen(server(root.forName("gateway.example")));
        assertLocalBecause(agent(Tls.trusting(rootFile)), "its certificate is not accepted");
    }

    @Test
    void showsItsOwnCertificateToAGatewayThatAsks() throws Exception {
        TestCertificates.Pair own = TestCertificates.write(root.forName("sensor-7"), folder, "own");
        gateway.listen(settings(root.forLocalhost())
                .trustManager(rootFile.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build());
        assertSplits(agent(Tls.trusting(rootFile).withCertificate(own.chain(), own.key())));
    }

    @Test
    void goesLocalWhereTheGatewayWantsACertificate() throws Exception {
        gateway.listen(settings(root.forLocalhost())
                .trustManager(rootFile.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build());
        assertLocalAfterTheAlert(
                agent(Tls.trusting(rootFile)), "it asks this device for a certificate that it accepts");
    }

    @Test
    void goesLocalWhereTheGatewayDoesNotAcceptItsCertificate() throws Exception {
        TestCertificates another = TestCertificates.root("another root");
        TestCertificates.Pair own = TestCertificates.write(another.forName("sensor-7"), folder, "own");
        gateway.listen(settings(root.forLocalhost())
                .trustManager(rootFile.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build());
        assertLocalAfterTheAlert(
                agent(Tls.trusting(rootFile).withCertificate(own.chain(), own.key())),
                "it does not accept this device's certificate");
    }

    @Test
    void showsACertificateThatWasRenewedWithoutANewAgent() throws Exception {
        TestCertificates.Pair own =
                TestCertificates.write(TestCertificates.root("retired root").forName("sensor-7"), folder, "own");
        gateway.listen(settings(root.forLocalhost())
                .trustManager(rootFile.toFile())
                .clientAuth(ClientAuth.REQUIRE)
                .build());
        GatewayAccess access = new GatewayAccess(Tls.trusting(rootFile).withCertificate(own.chain(), own.key()), null);
        ManagedChannel channel = channel(access);
        channels.add(channel);
        assertThat(describe(access, channel)).isEqualTo(Status.Code.UNAVAILABLE);
        TestCertificates.write(root.forName("sensor-7"), folder, "own");
        channel.enterIdle();
        assertThat(describe(access, channel)).isEqualTo(Status.Code.OK);
        Files.writeString(own.chain(), "half a certif");
        assertThat(describe(access, channel)).isEqualTo(Status.Code.OK);
    }

    private static Status.Code describe(GatewayAccess access, ManagedChannel channel) {
        try {
            SplitInferenceGrpc.newBlockingStub(access.over(channel)).describe(DescribeRequest.getDefaultInstance());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @Test
    void namesAFileThatIsNotThereBeforeItConnects() {
        Path absent = folder.resolve("absent.crt");
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:8500")
                .tls(Tls.trusting(absent));
        assertThatThrownBy(builder::build)
                .isInstanceOf(IOException.class)
                .hasMessage(absent + " is missing; expected a PEM file");
    }

    @Test
    void sendsNoTokenInTheClearToAnotherMachine() {
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("gateway.example:8500")
                .token("secret");
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a token would go to gateway.example in the clear, for everybody on the way to read;"
                        + " expected TLS");
    }

    @Test
    void asksForTheTokenOnEachCall() throws Exception {
        gateway.listen();
        Path file = Files.writeString(folder.resolve("token"), "first\n");
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:" + gateway.port())
                .split(Split.at(2))
                .token(TokenProvider.file(file));
        EdgeAgent agent = started(builder);
        assertSplits(agent);
        Files.writeString(file, "second\n");
        started(builder);
        assertSplits(started(builder));
        assertThat(gateway.authorizations).startsWith("Bearer first").endsWith("Bearer second");
    }

    @Test
    void saysThatThereIsNoTokenAndNeverShowsOne() throws Exception {
        gateway.listen();
        EdgeAgentBuilder builder = EdgeAgent.builder()
                .bundle(bundle)
                .engine(engine)
                .gateway("localhost:" + gateway.port())
                .listener(new Reasons())
                .split(Split.at(2))
                .token(() -> {
                    throw new IOException("key store is locked");
                });
        assertLocalBecause(started(builder), "this device has no token: key store is locked");
        assertThatThrownBy(() -> builder.token("top\nsecret")).hasMessageNotContaining("secret");
        assertThatThrownBy(() -> builder.token("")).hasMessageContaining("the token is empty");
    }
}
