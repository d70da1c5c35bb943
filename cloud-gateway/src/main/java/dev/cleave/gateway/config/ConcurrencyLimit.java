package dev.cleave.gateway.config;

/**
 * How many requests of a model are taken in at a time.
 *
 * @param kind learned, none, or a number
 * @param requests the number; else 0
 */
public record ConcurrencyLimit(Kind kind, int requests) {
    public static final ConcurrencyLimit AUTO = new ConcurrencyLimit(Kind.AUTO, 0);
    public static final ConcurrencyLimit OFF = new ConcurrencyLimit(Kind.OFF, 0);

    private static final int MOST = 1 << 20;

    /** Where the number comes from. */
    public enum Kind {
        /** Learned from how long requests stay. */
        AUTO,
        /** There is no limit but the queue's bound. */
        OFF,
        FIXED
    }

    public static ConcurrencyLimit of(int requests) {
        if (requests < 1 || requests > MOST) {
            throw refused(Integer.toString(requests));
        }
        return new ConcurrencyLimit(Kind.FIXED, requests);
    }

    /** @throws IllegalArgumentException for what is none of {@code auto}, {@code off} and a number */
    public static ConcurrencyLimit of(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "off" -> OFF;
            default -> {
                if (!text.matches("\\d{1,7}")) {
                    throw refused("\"" + text + "\"");
                }
                yield of(Integer.parseInt(text));
            }
        };
    }

    private static IllegalArgumentException refused(String value) {
        return new IllegalArgumentException(
                "concurrencyLimit is " + value + "; expected auto, off or a number from 1 to " + MOST);
    }
}
