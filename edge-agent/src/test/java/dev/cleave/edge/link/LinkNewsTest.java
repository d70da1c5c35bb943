package dev.cleave.edge.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkNewsTest {
    private static final LinkFailure WHY = LinkFailure.unavailable("cable");

    private final List<String> told = new ArrayList<>();
    private final LinkNews news = new LinkNews(new LinkListener() {
        @Override
        public void up(Connection connection) {
            told.add("up " + connection.address());
        }

        @Override
        public void down(String address, LinkFailure why) {
            told.add("down " + address + " " + why.message());
        }
    });

    private void up(String address) {
        news.up(new Connection(1, address, "1.0")).run();
    }

    @Test
    void tellsNothingTwice() {
        up("a");
        up("a");
        news.down("a", WHY).run();
        news.down("b", WHY).run();
        up("b");
        assertThat(told).containsExactly("up a", "down a cable", "up b");
    }

    @Test
    void theFirstWordMayBeThatItIsDown() {
        news.down("a", WHY).run();
        up("a");
        assertThat(told).containsExactly("down a cable", "up a");
    }

    @Test
    void anotherGatewayThatTakesOverWithoutAnOutageIsTold() {
        up("a");
        up("b");
        assertThat(told).containsExactly("up a", "down a gateway was left for b", "up b");
    }
}
