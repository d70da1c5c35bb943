package dev.cleave.edge;

/** Where an agent cuts: at a point of its own choice, or always at the same one. Immutable. */
public final class Split {
    private enum Kind {
        AUTO,
        LOCAL,
        CLOUD,
        POINT
    }

    private static final Split AUTO = new Split(Kind.AUTO, 0);
    private static final Split LOCAL = new Split(Kind.LOCAL, 0);
    private static final Split CLOUD = new Split(Kind.CLOUD, 0);

    private final Kind kind;
    private final int point;

    private Split(Kind kind, int point) {
        this.kind = kind;
        this.point = point;
    }

    /**
     * The best for the agent's objective, link, gateway and device as they are at each request (docs/AGENT.md, "Policy");
     * LOCAL while there is no gateway.
     */
    public static Split auto() {
        return AUTO;
    }

    /** Everything on the device. */
    public static Split local() {
        return LOCAL;
    }

    /** Everything on the gateway. */
    public static Split cloud() {
        return CLOUD;
    }

    /**
     * At a point of the bundle's ladder, whatever its number means there: 0 is CLOUD, k+1 LOCAL.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public static Split at(int point) {
        if (point < 0) {
            throw new IllegalArgumentException("split point " + point + "; expected 0 or more");
        }
        return new Split(Kind.POINT, point);
    }

    /**
     * Reads {@code auto}, {@code local}, {@code cloud} or a number.
     *
     * @throws IllegalArgumentException naming the text, if it is none of these
     */
    public static Split parse(String text) {
        switch (text) {
            case "auto":
                return AUTO;
            case "local":
                return LOCAL;
            case "cloud":
                return CLOUD;
            default:
                try {
                    return at(Integer.parseInt(text));
                } catch (NumberFormatException e) {
                    throw new IllegalArgumentException(
                            "split \"" + text + "\"; expected auto, local, cloud or the number of a point", e);
                }
        }
    }

    boolean isAuto() {
        return kind == Kind.AUTO;
    }

    /** The point in a bundle whose LOCAL is {@code local}; meaningless for auto. */
    int point(int local) {
        return switch (kind) {
            case LOCAL -> local;
            case CLOUD -> 0;
            default -> point;
        };
    }

    @Override
    public String toString() {
        return kind == Kind.POINT ? Integer.toString(point) : kind.name().toLowerCase(java.util.Locale.ROOT);
    }
}
