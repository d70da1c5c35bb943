package dev.cleave.gateway.repository;

import dev.cleave.gateway.config.GatewayException;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a repository loads before the gateway opens, on the thread that starts it. Used once. */
final class FirstLoad {
    /** For which a file has to stand still. */
    static final Duration SETTLING = Duration.ofMillis(100);

    private static final Logger LOG = LoggerFactory.getLogger(FirstLoad.class);
    /** Files that are still being written after so many are left for later. */
    private static final int LOOKS = 20;

    private final Path directory;
    private final List<String> named;
    private final Holdings holdings;
    private final RepositoryLoop loop;
    private final OperatorRequests requests;

    /** @param named what is loaded beside what is wanted anyway: {@code name}, {@code name:version} */
    FirstLoad(Path directory, List<String> named, Holdings holdings, RepositoryLoop loop, OperatorRequests requests) {
        this.directory = directory;
        this.named = named;
        this.holdings = holdings;
        this.loop = loop;
        this.requests = requests;
    }

    /** Waits a while for files that are still being written, then loads. */
    void load() throws GatewayException {
        for (int looks = 0; looks < LOOKS && (looks == 0 || holdings.isUnsettled()); looks++) {
            settle();
            loop.look();
        }
        for (String name : named) {
            int colon = name.lastIndexOf(':');
            try {
                requests.load(colon < 0 ? name : name.substring(0, colon), colon < 0 ? "" : name.substring(colon + 1));
            } catch (RepositoryException e) {
                LOG.warn("loadAtStart: {}", e.getMessage());
            }
        }
        loop.advance(Runnable::run, () -> {});
    }

    private static void settle() throws GatewayException {
        try {
            Thread.sleep(SETTLING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GatewayException("interrupted while the models directory was looked at", e);
        }
    }

    /** Says why there is nothing to serve. */
    GatewayException nothing(List<ModelStatus> statuses) {
        List<ModelStatus> failed = statuses.stream()
                .filter(status -> status.state() == ModelState.FAILED)
                .toList();
        return new GatewayException("no model of " + directory + " can be served: "
                + (failed.isEmpty() ? "none is wanted, or whole" : failed.get(0).reason())
                + (failed.size() > 1 ? " (and " + (failed.size() - 1) + " more files)" : ""));
    }
}
