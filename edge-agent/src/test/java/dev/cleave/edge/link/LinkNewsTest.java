package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkNewsTest {
    private static final LinkFailure WHY = LinkFailure.unavailable("cable");

    private final List<String> told = new ArrayList<>();
    /** What happens while the listener is told that it is up. */
    private Runnable atUp = () -> {};

    private final LinkNews news = new LinkNews(new LinkListener() {
        @Override
        public void up(Connection connection) {
            told.add("up " + connection.address());
            atUp.run();
        }

        @Override
        public void down(String address, LinkFailure why) {
            told.add("down " + address + " " + why.message());
        }
    });

    private void up(String address) {
        news.up(new Connection(1, address, "1.0"));
        news.tell();
    }

    private void down(String address) {
        news.down(address, WHY);
        news.tell();
    }

    @Test
    void tellsNothingTwice() {
        up("a");
        up("a");
        down("a");
        down("b");
        up("b");
        assertThat(told).containsExactly("up a", "down a cable", "up b");
    }

    @Test
    void theFirstWordMayBeThatItIsDown() {
        down("a");
        up("a");
        assertThat(told).containsExactly("down a cable", "up a");
    }

    @Test
    void anotherGatewayThatTakesOverWithoutAnOutageIsTold() {
        up("a");
        up("b");
        assertThat(told).containsExactly("up a", "down a gateway was left for b", "up b");
    }

    @Test
    void nothingIsToldBeforeItsTurn() {
        news.up(new Connection(1, "a", "1.0"));
        assertThat(told).isEmpty();
        atUp = () -> {
            down("a");
            assertThat(told).as("what comes while another is told").containsExactly("up a");
        };
        news.tell();
        assertThat(told).containsExactly("up a", "down a cable");
    }

    @Test
    void aListenerThatFailsIsToldTheRest() {
        atUp = () -> {
            throw new IllegalStateException("scripted");
        };
        up("a");
        down("a");
        assertThat(told).containsExactly("up a", "down a cable");
    }
}
