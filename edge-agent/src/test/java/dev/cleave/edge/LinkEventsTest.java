package dev.cleave.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.link.Connection;
import dev.cleave.edge.link.LinkFailure;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What another thread would do while the listener is told is done by a hook. */
class LinkEventsTest {
    private static final Connection CONNECTION = new Connection(1, "a", "1.0");

    private final List<String> told = new ArrayList<>();
    private final LinkEvents events = new LinkEvents(new AgentListener() {
        @Override
        public void linkUp(String gateway, String gatewayVersion) {
            told.add("up " + gateway);
        }

        @Override
        public void linkDown(String gateway, String reason) {
            told.add("down " + gateway + ": " + reason);
        }
    });

    private static LinkFailure lost(String why) {
        return new LinkFailure(LinkFailure.Kind.UNAVAILABLE, why);
    }

    @Test
    void aWordThatComesWhileTheOneBeforeIsToldComesAfterIt() {
        LinkEvents.Source source = events.new Source();
        events.use(source);
        List<Boolean> watched = new ArrayList<>();
        events.watch(up -> {
            watched.add(up);
            if (up) {
                source.down("a", lost("cable"));
            }
        });
        source.up(CONNECTION);
        assertThat(told).containsExactly("up a", "down a: cable");
        assertThat(watched).containsExactly(true, false);
    }

    @Test
    void anotherVersionIsToldInTurnToo() {
        LinkEvents.Source first = events.new Source();
        LinkEvents.Source second = events.new Source();
        events.use(first);
        second.up(new Connection(2, "b", "1.0"));
        events.watch(up -> {
            if (up && told.isEmpty()) {
                events.use(second);
            }
        });
        first.up(CONNECTION);
        first.down("a", lost("closed"));
        assertThat(told).containsExactly("up a", "down a: another version of the model goes by b", "up b");
    }
}
