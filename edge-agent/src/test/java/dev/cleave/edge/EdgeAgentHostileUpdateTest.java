package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.cleave.bundle.Bundle;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Downloads that break, and gateways that mean no good. */
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EdgeAgentHostileUpdateTest extends UpdateFixture {
    private Bundle offered;
    private byte[] bytes;

    @BeforeEach
    void offerVersionTwo() throws Exception {
        offered = edgeView(new AffineModel().version(2));
        offer(offered);
        bytes = bytes(offered);
    }

    /** Version 1 goes on, and the offer is not looked at again. */
    private void assertRefusedForGood(String why) throws Exception {
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(updateEvents()).containsExactly("refused 2: " + why);
        int fetched = gateway.fetches.size();
        pass(5 * HOUR);
        assertThat(gateway.fetches).hasSize(fetched);
        assertThat(updateEvents()).hasSize(1);
        assertVersion(1, agent);
        assertThat(files(".cleave")).isEmpty();
    }

    @Test
    void goesOnWhereTheLinkBroke() throws Exception {
        int third = bytes.length / 3;
        gateway.download = (request, pieces) -> {
            if (request.getOffset() < third) {
                breakingAt(third, bytes).accept(request, pieces);
            } else {
                breakingAt(2 * third, bytes).accept(request, pieces);
            }
        };
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(60 * SECOND);
        assertThat(offsetsFetched()).containsExactly(0L, (long) third, 2L * third);
        assertVersion(2, agent);
    }

    @Test
    void goesOnInTheNextProcess() throws Exception {
        gateway.download = breakingAt(bytes.length / 2, bytes);
        try (EdgeAgent agent = updatingAgent(Split.at(1))) {
            pass(START);
            assertVersion(1, agent);
        }
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(offsetsFetched()).containsExactly(0L, bytes.length / 2L);
        assertVersion(2, agent);
    }

    @Test
    void aDownloadThatWasWholeWhenTheProcessEndedIsTriedByTheNext() throws Exception {
        Files.createDirectories(kept());
        Files.write(kept().resolve(sha256(bytes) + ".part"), bytes);
        Files.writeString(kept().resolve("versions"), offered.id() + " trial 1\n");
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(gateway.fetches).isEmpty();
        assertVersion(2, agent);
        assertThat(files(".cleave")).containsExactly(offered.id() + ".cleave");
    }

    @Test
    void beginsAnewOnceIfWhatWasThereIsNotWhatWasSent() throws Exception {
        Files.createDirectories(kept());
        Files.write(kept().resolve(sha256(bytes) + ".part"), new byte[500]);
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(offsetsFetched()).containsExactly(500L, 0L);
        assertVersion(2, agent);
    }

    @Test
    void aPartThatIsTooLongOrOfAnotherFileIsGivenUp() throws Exception {
        Files.createDirectories(kept());
        Files.write(kept().resolve(sha256(bytes) + ".part"), new byte[bytes.length + 1]);
        Files.write(kept().resolve(sha256(new byte[1]) + ".part"), new byte[1000]);
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(offsetsFetched()).containsExactly(0L);
        assertThat(files(".part")).isEmpty();
        assertVersion(2, agent);
    }

    @Test
    void refusesOtherBytes() throws Exception {
        byte[] other = bytes.clone();
        other[other.length / 2] ^= 1;
        gateway.download = all(other);
        assertRefusedForGood("what came has the SHA-256 " + sha256(other) + "; expected " + sha256(bytes));
        assertThat(files(".part")).isEmpty();
    }

    @Test
    void refusesMoreBytesThanWereSaid() throws Exception {
        gateway.download = (request, pieces) -> pieces.onNext(piece(bytes, 0, bytes.length).toBuilder()
                .setData(ByteString.copyFrom(new byte[bytes.length + 1]))
                .build());
        assertRefusedForGood(
                "gateway sends " + (bytes.length + 1) + " bytes from 0 on; expected at most " + bytes.length);
    }

    @Test
    void refusesAnotherLengthThanWasSaid() throws Exception {
        gateway.download = (request, pieces) -> pieces.onNext(
                piece(bytes, 0, 10).toBuilder().setTotalBytes(Long.MAX_VALUE).build());
        assertRefusedForGood(
                "gateway sends a file of " + Long.MAX_VALUE + " bytes; expected " + bytes.length + " as it said");
    }

    @Test
    void refusesBytesOfAnotherPlace() throws Exception {
        gateway.download = (request, pieces) -> pieces.onNext(piece(bytes, 7, 10));
        assertRefusedForGood("gateway sends bytes from 7 on; expected from 0");
    }

    @Test
    void refusesToBeFedNothing() throws Exception {
        gateway.download = (request, pieces) -> {
            pieces.onNext(piece(bytes, 0, 10));
            pieces.onNext(piece(bytes, 10, 10));
        };
        assertRefusedForGood(
                "gateway sends an empty piece at 10 of " + bytes.length + " bytes; expected the next ones");
    }

    @Test
    void refusesWhatIsTooLargeBeforeItIsFetched() throws Exception {
        gateway.offers.clear();
        gateway.offers.add(described(offered).setEdgeViewBytes(1L << 40).build());
        assertRefusedForGood("it has " + (1L << 40) + " bytes; expected at most " + (1L << 30));
        assertThat(gateway.fetches).isEmpty();
    }

    @Test
    void refusesABundleThatIsNotTheOneThatWasOffered() throws Exception {
        gateway.offers.clear();
        gateway.offers.add(described(offered).setModelVersion("3").build());
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(updateEvents()).singleElement().asString().startsWith("refused 3: the gateway called it affine 3 (");
        assertVersion(1, agent);
    }

    @Test
    void refusesWhatIsNoBundle() throws Exception {
        bytes = "no bundle at all".getBytes(StandardCharsets.US_ASCII);
        gateway.offers.clear();
        gateway.offers.add(described(offered)
                .setEdgeViewBytes(bytes.length)
                .setEdgeViewSha256(sha256(bytes))
                .build());
        gateway.download = all(bytes);
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(updateEvents()).singleElement().asString().startsWith("refused 2: " + kept());
        assertThat(files("")).containsExactly("lock");
        assertVersion(1, agent);
    }

    @Test
    void refusesWhatDoesNotLoadAndRemembersIt() throws Exception {
        offer(edgeView(new AffineModel().version(1)));
        Bundle broken = edgeView(new AffineModel().version(3).brokenSegment(1));
        gateway.offers.clear();
        gateway.offers.add(described(broken).build());
        gateway.download = all(bytes(broken));
        try (EdgeAgent agent = updatingAgent(Split.at(1))) {
            pass(START);
            assertThat(updateEvents()).singleElement().asString().startsWith("refused 3: it does not run here: ");
            assertVersion(1, agent);
        }
        updatingAgent(Split.at(1));
        pass(HOUR);
        assertThat(gateway.fetches).hasSize(1);
        engine.awaitSessions(AffineModel.LOCAL);
    }

    @Test
    void refusesOneThatLetsInputsLeaveTheDevice() throws Exception {
        bundle = new AffineModel().privacyFloor(1).full(folder);
        gateway.serve(bundle);
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(updateEvents())
                .containsExactly("refused 2: it lets inputs leave the device; expected a privacy floor, as before");
        assertVersion(1, agent);
    }

    @Test
    void aGatewayThatStallsIsAskedAgain() throws Exception {
        gateway.download = (request, pieces) -> pieces.onNext(piece(bytes, 0, 10));
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START + 29 * SECOND);
        assertThat(offsetsFetched()).containsExactly(0L);
        gateway.download = all(bytes);
        pass(5 * SECOND);
        assertThat(offsetsFetched()).containsExactly(0L, 10L);
        assertVersion(2, agent);
    }

    @Test
    void aDownloadThatNeverMovesIsGivenUpUntilNextTime() throws Exception {
        gateway.download = (request, pieces) ->
                pieces.onError(Status.UNAVAILABLE.withDescription("no way").asRuntimeException());
        updatingAgent(Split.at(1));
        pass(HOUR / 2);
        assertThat(updateEvents())
                .containsExactly("refused 2: fetching it broke 21 times without a byte; the last time: no way");
        assertThat(gateway.fetches).hasSize(21);
        gateway.download = all(bytes);
        pass(HOUR);
        assertThat(updateEvents()).endsWith("updated 1 to 2");
    }

    @Test
    void aVersionThatIsReplacedMidwayGivesWayToTheNext() throws Exception {
        gateway.download = (request, pieces) -> {
            if (request.getOffset() == 0) {
                breakingAt(100, bytes).accept(request, pieces);
            } else {
                pieces.onError(Status.NOT_FOUND.withDescription("not served").asRuntimeException());
            }
        };
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        Bundle third = edgeView(new AffineModel().version(3));
        byte[] thirdBytes = bytes(third);
        gateway.serve(third);
        gateway.offers.clear();
        gateway.offers.add(described(third).build());
        pass(5 * SECOND);
        gateway.download = all(thirdBytes);
        pass(30 * SECOND);
        assertThat(updateEvents()).containsExactly("updated 1 to 3");
        assertVersion(3, agent);
        assertThat(files(".part")).isEmpty();
    }

    @Test
    void offersThatMakeNoSenseAreNotLookedAt() throws Exception {
        gateway.offers.clear();
        gateway.offers.add(described(offered).setBundleId("../../etc/passwd").build());
        gateway.offers.add(described(offered).setEdgeViewSha256("..").build());
        gateway.offers.add(described(offered).setEdgeViewBytes(-1).build());
        gateway.offers.add(described(offered).setModelVersion("2\n3").build());
        gateway.offers.add(described(offered).setModelName("other").build());
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        assertThat(gateway.fetches).isEmpty();
        assertThat(updateEvents()).isEmpty();
        assertVersion(1, agent);
    }

    @Test
    void aFolderThatCannotBeWrittenToLeavesTheVersionInUse() throws Exception {
        EdgeAgent agent = updatingAgent(Split.at(1));
        // A folder in the way of the file.
        Files.createDirectories(kept().resolve(sha256(bytes) + ".part").resolve("in the way"));
        pass(START);
        assertThat(updateEvents())
                .singleElement()
                .asString()
                .startsWith("refused 2: it cannot be kept in " + kept() + ": ");
        assertVersion(1, agent);
    }

    @Test
    void closingInTheMidstOfADownloadKeepsWhatHasCome() throws Exception {
        gateway.download = (request, pieces) -> pieces.onNext(piece(bytes, 0, 10));
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START);
        agent.close();
        assertThat(files(".part")).containsExactly(sha256(bytes) + ".part");
        assertThat(Files.size(kept().resolve(sha256(bytes) + ".part"))).isEqualTo(10);
    }

    @Test
    void refusesOneThatLetsInputsLeaveTheDeviceWhereTheVersionInUseDidNot() throws Exception {
        offer(edgeView(new AffineModel().version(2).privacyFloor(1)));
        EdgeAgent agent = updatingAgent(Split.local());
        pass(START);
        ask(agent, TRIAL);
        awaitGood(gateway.offers.get(0).getBundleId());
        offer(edgeView(new AffineModel().version(3)));
        pass(2 * HOUR);
        assertThat(updateEvents())
                .containsExactly(
                        "updated 1 to 2",
                        "refused 3: it lets inputs leave the device; expected a privacy floor, as before");
        assertVersion(2, agent);
    }

    @Test
    void whatIsAskedBeforeFetchingMayThrow() throws Exception {
        boolean[] broken = {true};
        EdgeAgent agent = updatingAgent(Split.local(), settings().onlyIf(() -> {
            if (broken[0]) {
                throw new IllegalStateException("no such service");
            }
            return true;
        }));
        pass(START);
        assertVersion(1, agent);
        broken[0] = false;
        pass(2 * HOUR);
        assertVersion(2, agent);
    }

    @Test
    void whatIsAskedWhileFetchingMayThrow() throws Exception {
        int[] asked = {0};
        EdgeAgent agent = updatingAgent(Split.at(1), settings().onlyIf(() -> {
            if (++asked[0] == 3) {
                throw new IllegalStateException("no such service");
            }
            return true;
        }));
        pass(START + 120 * SECOND);
        assertVersion(2, agent);
    }

    @Test
    void aGatewayThatListsABundleAndDoesNotGiveItIsNotAskedEveryTenSeconds() throws Exception {
        gateway.download = (request, pieces) -> pieces.onError(
                Status.FAILED_PRECONDITION.withDescription("no view\nof it").asRuntimeException());
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(START + HOUR / 2);
        assertThat(gateway.fetches).hasSize(1);
        assertThat(updateEvents())
                .containsExactly("refused 2: the gateway does not give it: FAILED_PRECONDITION: no view of it");
        gateway.download = all(bytes);
        pass(HOUR);
        assertVersion(2, agent);
    }

    @Test
    void beginsAnewOnceIfTheRestCameFromAnotherGatewayWhoseFileIsAnotherOne() throws Exception {
        int half = bytes.length / 2;
        byte[] other = bytes.clone();
        other[bytes.length - 1] ^= 1;
        gateway.download = (request, pieces) -> {
            if (request.getOffset() > 0) {
                all(other).accept(request, pieces);
            } else {
                (gateway.fetches.size() == 1 ? breakingAt(half, bytes) : all(bytes)).accept(request, pieces);
            }
        };
        EdgeAgent agent = updatingAgent(Split.at(1));
        pass(60 * SECOND);
        assertThat(offsetsFetched()).containsExactly(0L, (long) half, 0L);
        assertVersion(2, agent);
    }
}
