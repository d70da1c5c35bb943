package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.BundleException;
import dev.cleave.edge.identity.GatewayAddress;
import dev.cleave.engine.EngineException;
import dev.cleave.engine.FakeEngine;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EdgeAgentBuilderTest {
    @TempDir
    Path folder;

    private final FakeEngine engine = new FakeEngine();

    private void assertRefuses(EdgeAgentBuilder builder, String message) {
        assertThatIllegalArgumentException().isThrownBy(builder::build).withMessage(message);
        assertThat(engine.openSessions()).isZero();
    }

    private EdgeAgentBuilder of(Bundle bundle) {
        return EdgeAgent.builder().bundle(bundle).engine(engine);
    }

    @Test
    void needsABundle() {
        assertRefuses(EdgeAgent.builder(), "no bundle given; expected a bundle");
    }

    @Test
    void opensTheBundleOfAFile() throws Exception {
        Bundle bundle = new AffineModel().full(folder);
        try (EdgeAgent agent =
                EdgeAgent.builder().bundle(bundle.file()).engine(engine).build()) {
            assertThat(agent.bundleId()).isEqualTo(bundle.id());
            assertThat(agent.contract()).isEqualTo(bundle.contract());
            assertThat(agent.isLocalAvailable()).isTrue();
        }
        assertThatExceptionOfType(BundleException.class)
                .isThrownBy(() -> EdgeAgent.builder()
                        .bundle(folder.resolve("none.cleave"))
                        .build());
    }

    @Test
    void namesWhatTheViewLacks() throws Exception {
        Bundle edge = new AffineModel().edgeThrough(folder, 1);
        assertRefuses(
                of(edge).split(Split.local()), "LOCAL is not available: this view of the bundle ends at point 1 of 3");
        assertRefuses(
                of(edge).split(Split.at(2)).gateway("gateway:1"),
                "split point 2 is not available: this view of the bundle ends at point 1 of 3");
        assertRefuses(
                of(edge),
                "split auto needs a gateway, for this view of the bundle ends at point 1 of 3;"
                        + " expected a gateway or a channel");
    }

    @Test
    void refusesASplitPointWithoutAGateway() throws Exception {
        Bundle full = new AffineModel().full(folder);
        assertRefuses(of(full).split(Split.cloud()), "split point 0 needs a gateway; expected a gateway or a channel");
        assertRefuses(of(full).split(Split.at(4)), "split point 4 does not exist in the bundle; expected 0 to 3");
    }

    @Test
    void refusesAPointBeforeThePrivacyFloor() throws Exception {
        Bundle bundle = new AffineModel().privacyFloor(1).full(folder);
        assertRefuses(
                of(bundle).split(Split.cloud()).gateway("gateway:1"),
                "split point 0 is before the bundle's privacy floor; expected 1 or later");
    }

    @Test
    void refusesAQualityThatNoPointHas() throws Exception {
        assertRefuses(
                of(new AffineModel().full(folder)).quality("sharp"),
                "quality level \"sharp\" does not exist at any split point; expected one of [default, raw]");
    }

    @Test
    void closesWhatItLoadedWhenASegmentDoesNotLoad() throws Exception {
        Bundle broken = new AffineModel().brokenSegment(2).full(folder);
        assertThatExceptionOfType(EngineException.class)
                .isThrownBy(() -> of(broken).build());
        assertThat(engine.openSessions()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", "host:", ":8500", "host:0", "host:65536", "host:x", "::1:8500"})
    void refusesAGatewayThatIsNotHostAndPort(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EdgeAgent.builder().gateway(text))
                .withMessage("gateway \"" + text + "\"; expected HOST:PORT");
    }

    @Test
    void takesAnIpv6Address() {
        EdgeAgentBuilder builder = EdgeAgent.builder().gateway("[::1]:8500");
        assertThat(builder.gateways).containsExactly(new GatewayAddress("::1", 8500));
        assertThat(builder.gateways.get(0)).hasToString("[::1]:8500");
    }

    @Test
    void keepsTheOrderOfGateways() {
        EdgeAgentBuilder builder =
                EdgeAgent.builder().gateway("old:1").gateways("B:1", "a:1").gateway("a:2");
        assertThat(builder.gateways).extracting(GatewayAddress::toString).containsExactly("b:1", "a:1", "a:2");
    }

    @Test
    void refusesAnAddressThatIsGivenTwice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EdgeAgent.builder().gateways("a:1", "b:1", "A:1"))
                .withMessage("gateway \"A:1\" is given twice; expected each once");
    }

    @Test
    void refusesMoreGatewaysThanAnybodyHas() {
        EdgeAgentBuilder builder = EdgeAgent.builder();
        for (int port = 1; port <= 16; port++) {
            builder.gateway("a:" + port);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.gateway("a:17"))
                .withMessage("17 gateways; expected at most 16");
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        EdgeAgentBuilder builder = EdgeAgent.builder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.deadline(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxInFlight(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.jpegQuality(101));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.deviceId("ü".repeat(65)))
                .withMessage("device id of 130 bytes; expected at most 128");
    }
}
