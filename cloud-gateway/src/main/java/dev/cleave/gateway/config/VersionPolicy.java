package dev.cleave.gateway.config;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of the versions in a model's folder are served: the newest few, all, or those of a list. Immutable.
 *
 * @param latest how many of the newest; 0 where versions are listed
 * @param listed versions by number; empty where the newest are served
 */
public record VersionPolicy(int latest, Set<Long> listed) {
    /** Every version that lies there. */
    public static final VersionPolicy ALL = new VersionPolicy(Integer.MAX_VALUE, Set.of());

    private static final int MOST = 1000;
    private static final Pattern LATEST = Pattern.compile("latest(?::([1-9]\\d{0,3}))?");
    private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,17}");

    public VersionPolicy {
        listed = Set.copyOf(listed);
    }

    public static VersionPolicy latest(int count) {
        return new VersionPolicy(count, Set.of());
    }

    /**
     * Reads {@code latest}, {@code latest:2}, {@code all} or {@code 3,5}.
     *
     * @throws IllegalArgumentException naming the text and the expectation
     */
    public static VersionPolicy of(String text) {
        if (text.equals("all")) {
            return ALL;
        }
        Matcher matcher = LATEST.matcher(text);
        if (matcher.matches()) {
            int count = matcher.group(1) == null ? 1 : Integer.parseInt(matcher.group(1));
            if (count <= MOST) {
                return latest(count);
            }
        }
        Set<Long> listed = new LinkedHashSet<>();
        for (String number : text.split(",", -1)) {
            if (!NUMBER.matcher(number.strip()).matches() || listed.size() == MOST) {
                throw new IllegalArgumentException("version policy is \"" + text
                        + "\"; expected latest, latest:N, all, or version numbers such as 3,5");
            }
            listed.add(Long.parseLong(number.strip()));
        }
        return new VersionPolicy(0, listed);
    }

    @Override
    public String toString() {
        if (latest == Integer.MAX_VALUE) {
            return "all";
        }
        return latest > 0
                ? "latest:" + latest
                : String.join(",", listed.stream().sorted().map(String::valueOf).toList());
    }
}
