package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cleave.bundle.Bundle;
import dev.cleave.crypto.Cryptographies;
import dev.cleave.crypto.SigningKey;
import dev.cleave.trust.BundleSigner;
import dev.cleave.trust.BundleTrust;
import dev.cleave.v1.ServedBundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing runs that is not trusted, and what is trusted still starts: whatever gateways, disks and sudden ends do. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentTrustedUpdateTest extends UpdateFixture {
    private final SigningKey key = SigningKey.generate(new SecureRandom(new byte[] {1}));
    private Bundle unsigned;
    private Bundle second;
    private Bundle third;

    @BeforeEach
    void sign() throws Exception {
        unsigned = bundle;
        bundle = signed(bundle, 1);
        second = signed(edgeView(new AffineModel().version(2)), 2);
        third = signed(edgeView(new AffineModel().version(3)), 3);
        gateway.serve(bundle);
    }

    private Bundle signed(Bundle plain, long release) throws IOException {
        Path file = folder.resolve("release-" + release + ".cleave");
        BundleSigner.sign(plain, Collections.singletonList(key), release, file);
        return Bundle.open(file);
    }

    private Path releases() {
        return folder.resolve("releases");
    }

    private EdgeAgent trustingAgent() throws Exception {
        BundleTrust trust =
                BundleTrust.of(key.verifyingKey(Cryptographies.find())).rememberingReleasesIn(releases());
        return updatingAgent(Split.local(), builder -> builder.trust(trust));
    }

    private void offerSigned(Bundle view, long release) throws Exception {
        offer(view);
        ServedBundle described = gateway.offers.remove(0);
        gateway.offers.add(described.toBuilder().setRelease(release).build());
    }

    /** The second release is the one in use, and accepted. */
    private void takeSecond() throws Exception {
        offerSigned(second, 2);
        try (EdgeAgent agent = trustingAgent()) {
            pass(START);
            ask(agent, TRIAL);
            awaitGood(second);
            awaitAccepted(2);
        }
        gateway.offers.clear();
    }

    /** The release is on trial when its agent ends. */
    private void begin(Bundle view, long release) throws Exception {
        offerSigned(view, release);
        try (EdgeAgent agent = trustingAgent()) {
            pass(START);
            assertVersion((int) release, agent);
        }
        gateway.offers.clear();
    }

    private void awaitAccepted(long release) throws IOException {
        Path file = releases().resolve("releases");
        while (!Files.exists(file) || !Files.readString(file).equals("affine " + release + "\n")) {
            Thread.onSpinWait();
        }
    }

    private void versions(String text) throws IOException {
        Files.writeString(kept().resolve("versions"), text);
    }

    @Test
    void anOfferThatGoesByTheNameOfTheVersionInUseDoesNotTouchIt() throws Exception {
        takeSecond();
        byte[] junk = "no bundle at all".getBytes(StandardCharsets.US_ASCII);
        gateway.offers.add(described(second)
                .setRelease(9)
                .setModelVersion("9")
                .setEdgeViewBytes(junk.length)
                .setEdgeViewSha256(sha256(junk))
                .build());
        gateway.download = all(junk);
        try (EdgeAgent agent = trustingAgent()) {
            pass(HOUR);
            assertVersion(2, agent);
        }
        assertThat(gateway.fetches).hasSize(1);
        assertThat(files(".cleave")).containsExactly(second.id() + ".cleave");
        assertVersion(2, trustingAgent());
    }

    @Test
    void whatIsJunkNeverGetsThePlaceOfABundle() throws Exception {
        takeSecond();
        byte[] junk = bytes(second);
        junk[junk.length / 2] ^= 1;
        gateway.offers.add(described(third)
                .setRelease(3)
                .setEdgeViewBytes(junk.length)
                .setEdgeViewSha256(sha256(junk))
                .build());
        gateway.download = all(junk);
        EdgeAgent agent = trustingAgent();
        pass(START);
        assertThat(updateEvents()).last().asString().startsWith("refused 3: ");
        assertThat(files(".part")).isEmpty();
        assertThat(files(".cleave")).containsExactly(second.id() + ".cleave");
        assertVersion(2, agent);
    }

    @Test
    void aRollBackDoesNotRunABundleThatIsNotSigned() throws Exception {
        begin(second, 2);
        bundle = unsigned;
        EdgeAgent agent = trustingAgent();
        askInVain(agent, 3);
        assertVersion(2, agent);
        assertThat(updateEvents()).containsExactly("updated 1 to 2");
        assertThat(files(".cleave")).containsExactly(second.id() + ".cleave");
    }

    @Test
    void aRollBackDoesNotRunABundleOfALowerReleaseThanWasAccepted() throws Exception {
        takeSecond();
        begin(third, 3);
        Files.delete(kept().resolve(second.id() + ".cleave"));
        EdgeAgent agent = trustingAgent();
        askInVain(agent, 3);
        assertVersion(3, agent);
        assertThat(updateEvents()).containsExactly("updated 1 to 2", "updated 2 to 3");
    }

    @Test
    void aReleaseThatCannotBeRememberedAsGoodIsNotAccepted() throws Exception {
        offerSigned(second, 2);
        try (EdgeAgent agent = trustingAgent()) {
            pass(START);
            // A folder in the way of the file that is replaced.
            Files.createDirectories(kept().resolve("versions.new").resolve("in the way"));
            ask(agent, TRIAL + 1);
        }
        assertThat(Files.readString(releases().resolve("releases"))).isEqualTo("affine 1\n");
        for (int start = 0; start < 5; start++) {
            try (EdgeAgent agent = trustingAgent()) {
                assertVersion(1, agent);
            }
        }
    }

    @Test
    void aVersionThatIsGoodAndWasNotYetAcceptedIsSoAtTheNextStart() throws Exception {
        offerSigned(second, 2);
        try (EdgeAgent agent = trustingAgent()) {
            pass(START);
            Files.delete(releases().resolve("releases.lock"));
            Files.createDirectories(releases().resolve("releases.lock"));
            ask(agent, TRIAL);
            awaitGood(second);
        }
        assertThat(Files.readString(releases().resolve("releases"))).isEqualTo("affine 1\n");
        Files.delete(releases().resolve("releases.lock"));
        try (EdgeAgent agent = trustingAgent()) {
            assertVersion(2, agent);
        }
        assertThat(Files.readString(releases().resolve("releases"))).isEqualTo("affine 2\n");
    }

    @Test
    void theLastVersionThatIsTrustedIsKeptHoweverOftenItsTrialWasBegun() throws Exception {
        takeSecond();
        versions(second.id() + " trial 3\n");
        for (int start = 0; start < 5; start++) {
            try (EdgeAgent agent = trustingAgent()) {
                assertVersion(2, agent);
            }
        }
    }

    @Test
    void aFileOfVersionsThatIsSpoiltCostsNoVersion() throws Exception {
        takeSecond();
        versions("nonsense\n");
        assertVersion(2, trustingAgent());
    }

    @Test
    void versionsThatAreNotTrustedStayWhereNoneIs() throws Exception {
        takeSecond();
        String accepted = Files.readString(releases().resolve("releases"));
        Files.writeString(releases().resolve("releases"), "affine 7\n");
        assertThatThrownBy(this::trustingAgent).hasMessageContaining("release 7 was accepted before");
        Files.writeString(releases().resolve("releases"), accepted);
        assertVersion(2, trustingAgent());
    }
}
