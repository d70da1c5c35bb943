package dev.cleave.edge.update;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.events.BundleVersion;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.ServedBundle;
import org.junit.jupiter.api.Test;

class OfferChoiceTest {
    private static final BundleVersion RUNNING = new BundleVersion("model", "2", 0, digest(2));

    private static String digest(int number) {
        return String.format("%064x", number);
    }

    private static ServedBundle.Builder served(int version) {
        return ServedBundle.newBuilder()
                .setModelName("model")
                .setModelVersion(Integer.toString(version))
                .setBundleId(digest(version))
                .setEdgeViewBytes(1000)
                .setEdgeViewSha256(digest(100 + version));
    }

    private static Offer newest(ServedBundle.Builder... served) {
        DescribeResponse.Builder response = DescribeResponse.newBuilder();
        for (ServedBundle.Builder bundle : served) {
            response.addBundles(bundle);
        }
        return OfferChoice.newest(response.build(), RUNNING, offer -> false);
    }

    @Test
    void takesTheNewestOfThoseThatAreNewer() {
        assertThat(newest(served(1), served(4), served(3), served(2)).version().modelVersion())
                .isEqualTo("4");
        assertThat(newest(served(1), served(2))).isNull();
        assertThat(newest()).isNull();
    }

    @Test
    void looksAtNoOtherModelAndAtNothingThatCannotBeFetched() {
        assertThat(newest(served(3).setModelName("toy"))).isNull();
        assertThat(newest(served(3).setEdgeViewBytes(0))).isNull();
        assertThat(newest(served(3).setEdgeViewSha256(""))).isNull();
        assertThat(newest(served(3).setRelease(-1))).isNull();
    }

    @Test
    void passesOverWhatWasLookedAtBefore() {
        DescribeResponse response = DescribeResponse.newBuilder()
                .addBundles(served(4))
                .addBundles(served(3))
                .build();
        Offer next = OfferChoice.newest(
                response, RUNNING, offer -> offer.version().modelVersion().equals("4"));
        assertThat(next.version().modelVersion()).isEqualTo("3");
    }

    @Test
    void refusesByNameWhatNeedNotBeFetched() {
        Offer unsigned = newest(served(3));
        assertThat(OfferChoice.refusal(unsigned, true, 1000))
                .isEqualTo("it is not signed; expected a signature by a trusted key");
        assertThat(OfferChoice.refusal(unsigned, false, 999)).isEqualTo("it has 1000 bytes; expected at most 999");
        assertThat(OfferChoice.refusal(unsigned, false, 1000)).isNull();
        assertThat(OfferChoice.refusal(newest(served(3).setRelease(7)), true, 1000))
                .isNull();
    }
}
