package dev.cleave.edge.policy;

import dev.cleave.edge.estimate.LinkConditions;

/** Says in one line for people why a choice was made. Pure. */
final class ChoiceReason {
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double BITS_PER_BYTE_AND_SECOND = 8e9;
    private static final double KILOBIT = 1e3;
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

    String of(Selection selection, Demand demand) {
        return switch (selection.inTime()) {
            case DEFAULT_LEVELS -> best(selection);
            case COARSER_LEVELS -> best(selection) + "; no default level fits into " + millis(demand.leftNanos());
            case NONE ->
                lead(selection, time(selection.chosen())) + ", the fastest; nothing fits into "
                        + millis(demand.leftNanos());
        };
    }

    private String best(Selection selection) {
        Prediction chosen = selection.chosen();
        boolean local = chosen.point() == table.local();
        Prediction rival = rival(chosen, selection.options());
        String line = lead(selection, local ? time(chosen) : measure(chosen));
        if (rival != null) {
            line += ", " + name(rival) + " " + time(rival)
                    + (local ? at(selection.options().link()) : "");
        }
        if (!chosen.known()) {
            return line + "; tried, as not all that it costs is known yet";
        }
        Prediction best = selection.best();
        if (best.point() != chosen.point()) {
            return line + "; kept, as " + name(best) + " with " + measure(best) + " is not clearly better ("
                    + Math.round((selection.margin() - 1) * 100) + " %)";
        }
        return line;
    }

    /** The choice, its figures, and the link if it takes one. */
    private String lead(Selection selection, String figures) {
        boolean local = selection.point() == table.local();
        return name(selection.chosen()) + ": " + figures
                + (local ? "" : at(selection.options().link()));
    }

    /** The same, with what keeps the choice from being the point in force. */
    String detour(String why, LinkConditions link) {
        return why + "; this once, as " + link.inFlightBytes() + " bytes are still in flight";
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
                ? " at " + whole(bitsPerSecond / KILOBIT) + " kbit/s up"
                : " at " + tenths(bitsPerSecond / MEGABIT) + " Mbit/s up";
    }

    private static String millis(double nanos) {
        double millis = nanos / NANOS_PER_MILLI;
        return (millis < 10 ? tenths(millis) : whole(millis)) + " ms";
    }

    private static String tenths(double value) {
        long tenths = Math.round(value * 10);
        return tenths / 10 + "." + tenths % 10;
    }

    private static String whole(double value) {
        return Long.toString(Math.round(value));
    }
}
