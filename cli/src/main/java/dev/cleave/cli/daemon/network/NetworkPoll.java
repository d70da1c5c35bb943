package dev.cleave.cli.daemon.network;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at this machine's networks every two seconds, and tells when it has come to others. Owns its thread. A look takes some hundred
 * microseconds; Java has nothing that would tell unasked.
 */
public final class NetworkPoll implements AutoCloseable {
    /** What to look at. */
    interface Look {
        Networks now() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(NetworkPoll.class);
    private static final Duration EVERY = Duration.ofSeconds(2);

    private final Look look;
    private final Runnable changed;
    private final ScheduledExecutorService thread;
    private NetworkChange change;
    private boolean failing;

    /** @param changed told on the poll's thread */
    NetworkPoll(Look look, Runnable changed) {
        this.look = look;
        this.changed = changed;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "cleave-network");
            daemon.setDaemon(true);
            return daemon;
        });
    }

    /** @param changed told on a thread of its own */
    public static NetworkPoll start(Runnable changed) {
        NetworkPoll poll = new NetworkPoll(Networks::read, changed);
        poll.thread.scheduleWithFixedDelay(poll::look, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
        return poll;
    }

    /** One look; must not throw, since the timer would end then. */
    void look() {
        try {
            Networks now = look.now();
            failing = false;
            if (change == null) {
                change = new NetworkChange(now);
            } else if (change.seen(now)) {
                LOG.info("the network changed, the gateway is connected to anew: {}", now);
                changed.run();
            }
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                LOG.warn("a change of the network will not be noticed: {}", e.getMessage());
            }
            failing = true;
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
