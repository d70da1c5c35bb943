package dev.cleave.edge;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.link.Connection;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.LinkListener;
import io.grpc.SynchronizationContext;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Tells the application when the link comes and goes. Each version of the model has a stream of its own; the application hears of
 * that of the version in use alone, and up and down still alternate. Thread-safe; what is to be told is put in line under the lock, and
 * told without it, one after another.
 */
final class LinkEvents {
    private static final Logger LOG = Logger.getLogger(LinkEvents.class.getName());

    private final AgentListener listener;
    private final SynchronizationContext telling =
            new SynchronizationContext((thread, e) -> LOG.log(Level.SEVERE, "telling of the link failed", e));
    private Source inUse;
    /** What was told last, and by whom: null for nothing yet. */
    private News told;

    private Source toldBy;
    private volatile Consumer<Boolean> watcher = up -> {};

    LinkEvents(AgentListener listener) {
        this.listener = listener;
    }

    /** @param words the gateway's version, or why there is no link */
    private record News(boolean up, String address, String words) {}

    /** What the link of one version tells. */
    final class Source implements LinkListener {
        /** Null while nothing is known. */
        private News last;

        @Override
        public void up(Connection connection) {
            heard(new News(true, connection.address(), connection.gatewayVersion()));
        }

        @Override
        public void down(String address, LinkFailure why) {
            heard(new News(false, address, why.message()));
        }

        private void heard(News news) {
            synchronized (LinkEvents.this) {
                last = news;
                if (inUse != this || !isNews(this)) {
                    return;
                }
                tell(this, news);
            }
            telling.drain();
        }
    }

    /** From now on the application hears of this link, and at once if it is not as the one before. */
    void use(Source source) {
        synchronized (this) {
            inUse = source;
            if (source.last == null || !isNews(source)) {
                return;
            }
            if (told != null && told.up() && source.last.up()) {
                String why = "another version of the model goes by " + source.last.address();
                tell(source, new News(false, told.address(), why));
            }
            tell(source, source.last);
        }
        telling.drain();
    }

    /** Under the lock. */
    private boolean isNews(Source source) {
        boolean same = told != null
                && told.up() == source.last.up()
                && (!told.up() || told.address().equals(source.last.address()));
        return toldBy == source || !same;
    }

    /** Tells somebody within the agent, too. */
    void watch(Consumer<Boolean> upOrDown) {
        watcher = upOrDown;
    }

    /** In its turn. Under the lock. */
    private void tell(Source source, News news) {
        told = news;
        toldBy = source;
        telling.executeLater(() -> tell(news));
    }

    private void tell(News news) {
        watcher.accept(news.up());
        if (news.up()) {
            CallEvents.tell(listener, to -> to.linkUp(news.address(), news.words()));
        } else {
            CallEvents.tell(listener, to -> to.linkDown(news.address(), news.words()));
        }
    }
}
