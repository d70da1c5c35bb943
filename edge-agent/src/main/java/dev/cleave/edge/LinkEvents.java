package dev.cleave.edge;

import dev.cleave.edge.events.AgentListener;
import dev.cleave.edge.link.LinkFailure;
import dev.cleave.edge.link.LinkListener;
import java.util.function.Consumer;

/**
 * Tells the application when the link comes and goes. Each version of the model has a stream of its own; the application hears of
 * that of the version in use alone, and up and down still alternate. Thread-safe; the listener is called without a lock.
 */
final class LinkEvents {
    private final AgentListener listener;
    private Source inUse;
    /** What was told last: null for nothing yet. */
    private Boolean toldUp;

    private Source toldBy;
    private volatile Consumer<Boolean> watcher = up -> {};

    LinkEvents(AgentListener listener) {
        this.listener = listener;
    }

    /** What the link of one version tells. */
    final class Source implements LinkListener {
        private Boolean up;
        private String text = "";

        @Override
        public void up(String gatewayVersion) {
            heard(true, gatewayVersion);
        }

        @Override
        public void down(LinkFailure why) {
            heard(false, why.message());
        }

        private void heard(boolean isUp, String words) {
            synchronized (LinkEvents.this) {
                up = isUp;
                text = words;
                if (inUse != this || !isNews(this)) {
                    return;
                }
                toldUp = isUp;
                toldBy = this;
            }
            tell(isUp, words);
        }
    }

    /** From now on the application hears of this link, and at once if it is not as the one before. */
    void use(Source source) {
        boolean up;
        String text;
        synchronized (this) {
            inUse = source;
            if (source.up == null || !isNews(source)) {
                return;
            }
            up = source.up;
            text = source.text;
            toldUp = up;
            toldBy = source;
        }
        tell(up, text);
    }

    /** Under the lock. */
    private boolean isNews(Source source) {
        return toldUp == null || toldBy == source || !toldUp.equals(source.up);
    }

    /** Tells somebody within the agent, too. */
    void watch(Consumer<Boolean> upOrDown) {
        watcher = upOrDown;
    }

    private void tell(boolean up, String text) {
        watcher.accept(up);
        if (up) {
            CallEvents.tell(listener, to -> to.linkUp(text));
        } else {
            CallEvents.tell(listener, to -> to.linkDown(text));
        }
    }
}
