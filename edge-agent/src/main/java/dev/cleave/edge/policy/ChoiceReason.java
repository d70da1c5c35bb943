package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;
import java.util.Locale;

/** Says in one line for people why a choice was made. Pure. */
final class ChoiceReason {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double BITS_PER_BYTE_AND_SECOND = 8e9;
    private static final double MEGABIT = 1e6;

    private final CostTable table;
    private final Objective objective;

    ChoiceReason(CostTable table, Objective objective) {
        this.table = table;
        this.objective = objective;
    }

    /** {@code point 2 (default)}, {@code CLOUD (raw)} or {@code LOCAL}. */
    static String name(CostTable table, int point, int level) {
        if (point == table.local()) {
            return "LOCAL";
        }
        String name = table.point(point).levels().get(level).name();
        return (point == 0 ? "CLOUD" : "point " + point) + " (" + name + ")";
    }

    private String name(Prediction option) {
        return name(table, option.point(), option.level());
    }

    String noLink(Prediction local, boolean remotePossible) {
        String line = name(local) + ": " + (local.known() ? time(local) + ", " : "");
        return line + (remotePossible ? "there is no link to the gateway" : "no gateway serves a point of this bundle");
    }

    String noLinkWouldHelp(Prediction local) {
        return name(local) + ": " + time(local) + ", every point computes for longer, whatever the link";
    }

    String fewestBytes(Prediction fewest, boolean linkUsable) {
        String bytes = Double.isNaN(fewest.wireBytes()) ? "" : "fewest bytes, " + whole(fewest.wireBytes()) + "; ";
        return name(fewest) + ": " + bytes
                + (linkUsable
                        ? "the rate of the link is not known yet"
                        : "there is no link to the gateway, and LOCAL is not possible");
    }

    /** @param margin by which a better one has to be better */
    String best(Prediction chosen, Prediction best, Options options, double margin) {
        Prediction rival = rival(chosen, options);
        boolean local = chosen.point() == table.local();
        String line = name(chosen) + ": " + (local ? time(chosen) : measure(chosen) + at(options.link()));
        if (rival != null) {
            line += ", " + name(rival) + " " + time(rival) + (local ? at(options.link()) : "");
        }
        if (!chosen.known()) {
            return line + "; tried, as not all that it costs is known yet";
        }
        if (best.point() != chosen.point()) {
            return line + "; kept, as " + name(best) + " with " + measure(best) + " is not clearly better ("
                    + Math.round((margin - 1) * 100) + " %)";
        }
        return line;
    }

    /** The same choice, with what keeps it from being the point in force. */
    Choice detour(Choice choice, LinkConditions link) {
        String why = choice.why() + "; this once, as " + link.inFlightBytes() + " bytes are still in flight";
        return new Choice(choice.point(), choice.level(), choice.predictedNanos(), why);
    }

    String coarser(String line, Demand demand) {
        return line + "; no default level fits into " + millis(demand.leftNanos());
    }

    String nothingInTime(Prediction fastest, LinkConditions link, Demand demand) {
        return name(fastest) + ": " + time(fastest) + (fastest.point() == table.local() ? "" : at(link))
                + ", the fastest; nothing fits into " + millis(demand.leftNanos());
    }

    /** What the reader wants to compare with: LOCAL; and if it is that, or is not possible, the fastest other point. */
    private Prediction rival(Prediction chosen, Options options) {
        if (options.local() != null && chosen.point() != table.local()) {
            return options.local();
        }
        Prediction rival = null;
        for (Prediction option : options.usual()) {
            if (option.point() != chosen.point() && (rival == null || option.nanos() < rival.nanos())) {
                rival = option;
            }
        }
        return rival;
    }

    private String time(Prediction option) {
        return (option.known() ? "" : "at least ") + millis(option.nanos());
    }

    /** The time, and before it what else the objective has least of. */
    private String measure(Prediction option) {
        return switch (objective) {
            case LATENCY -> time(option);
            case BYTES -> whole(option.wireBytes()) + " bytes in " + time(option);
            case GATEWAY -> millis(option.gatewayNanos()) + " of the gateway in " + time(option);
        };
    }

    private static String at(LinkConditions link) {
        double bitsPerSecond = BITS_PER_BYTE_AND_SECOND / link.uplinkNanosPerByte();
        return bitsPerSecond < MEGABIT
                ? String.format(Locale.ROOT, " at %.0f kbit/s up", bitsPerSecond / 1e3)
                : String.format(Locale.ROOT, " at %.1f Mbit/s up", bitsPerSecond / MEGABIT);
    }

    private static String millis(double nanos) {
        double millis = nanos / NANOS_PER_MILLI;
        return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
    }

    private static String whole(double value) {
        return String.format(Locale.ROOT, "%.0f", value);
    }
}
