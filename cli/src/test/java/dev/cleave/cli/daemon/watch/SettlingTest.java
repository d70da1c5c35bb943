package dev.cleave.cli.daemon.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettlingTest {
    private final Settling settling = new Settling(500);

    private static Found file(String name, long bytes, long modified) {
        return new Found(name, bytes, modified);
    }

    @Test
    void waitsUntilAFileHasStayedTheSame() {
        List<Found> listing = List.of(file("a", 10, 1));
        assertThat(settling.whole(listing, 1000)).isEmpty();
        assertThat(settling.whole(listing, 1499)).isEmpty();
        assertThat(settling.whole(listing, 1500)).isEqualTo(listing);
    }

    @Test
    void startsAnewWithEveryChangeOfSizeOrTime() {
        settling.whole(List.of(file("a", 10, 1)), 0);
        assertThat(settling.whole(List.of(file("a", 20, 1)), 499)).isEmpty();
        assertThat(settling.whole(List.of(file("a", 20, 2)), 998)).isEmpty();
        assertThat(settling.whole(List.of(file("a", 20, 2)), 1497)).isEmpty();
        assertThat(settling.whole(List.of(file("a", 20, 2)), 1498)).hasSize(1);
    }

    @Test
    void doesNotHoldAWholeFileForOneThatGrows() {
        settling.whole(List.of(file("a", 10, 1), file("b", 5, 2)), 0);
        assertThat(settling.whole(List.of(file("a", 11, 3), file("b", 5, 2)), 600))
                .extracting(Found::name)
                .containsExactly("b");
    }

    @Test
    void takesAFileOfTheSameNameForANewOne() {
        settling.whole(List.of(file("a", 10, 1)), 0);
        settling.whole(List.of(), 400);
        assertThat(settling.whole(List.of(file("a", 10, 1)), 800)).isEmpty();
        assertThat(settling.whole(List.of(file("a", 10, 1)), 1300)).hasSize(1);
    }

    @Test
    void takesWhatIsThereWhereFilesAreRenamedIntoTheFolder() {
        List<Found> listing = List.of(file("a", 10, 1));
        assertThat(new Settling(0).whole(listing, 7)).isEqualTo(listing);
    }

    @Test
    void keepsTheOrderOfTheListing() {
        List<Found> listing = List.of(file("z", 1, 1), file("a", 1, 2));
        assertThat(new Settling(0).whole(listing, 0)).isEqualTo(listing);
        assertThat(listing).isSortedAccordingTo(Found.OLDEST_FIRST);
    }
}
