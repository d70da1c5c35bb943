package dev.cleave.benchmarks.plan;

import dev.cleave.cli.failure.UserException;
import dev.cleave.partition.plan.LinkProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The links that tables are made for; as fast down as up. */
enum ShapedLink {
    NB("NB", 128_000, 100),
    THREE_G("3G", 1_100_000, 100),
    LTE("LTE", 5_850_000, 50),
    WIFI("WiFi", 18_880_000, 10),
    FAST("fast", 100_000_000, 2);

    private final String label;
    private final long bitsPerSecond;
    private final int rttMillis;

    ShapedLink(String label, long bitsPerSecond, int rttMillis) {
        this.label = label;
        this.bitsPerSecond = bitsPerSecond;
        this.rttMillis = rttMillis;
    }

    LinkProfile profile() {
        return new LinkProfile(bitsPerSecond, bitsPerSecond, rttMillis);
    }

    long bitsPerSecond() {
        return bitsPerSecond;
    }

    Duration rtt() {
        return Duration.ofMillis(rttMillis);
    }

    /** @throws UserException naming the first label that is none */
    static List<ShapedLink> named(List<String> labels) {
        List<ShapedLink> found = new ArrayList<>();
        for (String label : labels) {
            found.add(Arrays.stream(values())
                    .filter(link -> link.label.equals(label))
                    .findFirst()
                    .orElseThrow(() ->
                            new UserException("link " + label + ": expected one of " + Arrays.toString(values()))));
        }
        return found;
    }

    /** What the tables call it; options take it too. */
    @Override
    public String toString() {
        return label;
    }
}
