package dev.cleave.edge.update;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * How an agent keeps its model up to date. Immutable.
 *
 * <pre>{@code
 * EdgeAgent.builder().bundle(file).gateway("gateway:8500")
 *         .trust(BundleTrust.of(key).rememberingReleasesIn(releases))
 *         .updates(UpdateSettings.into(folder).onlyIf(network::isUnmetered))
 * }</pre>
 *
 * <p>Without {@code trust} a gateway decides what runs on the device: anything that calls itself by the model's name.
 */
public final class UpdateSettings {
    private static final Logger LOG = Logger.getLogger(UpdateSettings.class.getName());
    private static final Duration MOST_TIME = Duration.ofDays(30);

    private final Path folder;
    private final Duration checkEvery;
    private final int trialRequests;
    private final long maxBundleBytes;
    private final BooleanSupplier allowed;

    private UpdateSettings(
            Path folder, Duration checkEvery, int trialRequests, long maxBundleBytes, BooleanSupplier allowed) {
        this.folder = folder;
        this.checkEvery = checkEvery;
        this.trialRequests = trialRequests;
        this.maxBundleBytes = maxBundleBytes;
        this.allowed = allowed;
    }

    /**
     * Asks every hour, and tries a new version for 200 requests.
     *
     * @param folder for this agent alone; made if it is not there. Holds the version in use, the one on trial and what of the
     *     next one has come
     */
    public static UpdateSettings into(Path folder) {
        Objects.requireNonNull(folder, "folder");
        return new UpdateSettings(folder, Duration.ofHours(1), 200, 1L << 30, () -> true);
    }

    /** How often the gateway is asked, beside each time that the link comes up. Default 1 h. */
    public UpdateSettings checkingEvery(Duration value) {
        if (value.compareTo(Duration.ofSeconds(1)) < 0 || value.compareTo(MOST_TIME) > 0) {
            throw new IllegalArgumentException(
                    "looking for updates every " + value + "; expected PT1S to " + MOST_TIME);
        }
        return new UpdateSettings(folder, value, trialRequests, maxBundleBytes, allowed);
    }

    /** Requests after which a new version that did no worse is kept. Default 200. */
    public UpdateSettings trialRequests(int value) {
        if (value < VersionTrial.FEWEST_REQUESTS || value > RequestRecord.MOST) {
            throw new IllegalArgumentException("a trial of " + value + " requests; expected "
                    + VersionTrial.FEWEST_REQUESTS + " to " + RequestRecord.MOST);
        }
        return new UpdateSettings(folder, checkEvery, value, maxBundleBytes, allowed);
    }

    /** A larger bundle is refused before it is fetched. Default 1 GiB. */
    public UpdateSettings maxBundleBytes(long value) {
        if (value < 1) {
            throw new IllegalArgumentException("bundles of at most " + value + " bytes; expected 1 or more");
        }
        return new UpdateSettings(folder, checkEvery, trialRequests, value, allowed);
    }

    /**
     * Asked before anything is fetched and at every piece; false stops until it is true again: on a metered network, say, or
     * without power. To throw is to say false. Called on the agent's own thread for updates. Default: always.
     */
    public UpdateSettings onlyIf(BooleanSupplier value) {
        Objects.requireNonNull(value, "onlyIf");
        return new UpdateSettings(folder, checkEvery, trialRequests, maxBundleBytes, value);
    }

    public Path folder() {
        return folder;
    }

    Duration checkEvery() {
        return checkEvery;
    }

    int trialRequests() {
        return trialRequests;
    }

    long maxBundleBytes() {
        return maxBundleBytes;
    }

    /** What throws does not allow it. */
    boolean isAllowed() {
        try {
            return allowed.getAsBoolean();
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "whether updates are allowed could not be told; they are not for now", e);
            return false;
        }
    }
}
