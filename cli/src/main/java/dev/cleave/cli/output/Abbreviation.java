package dev.cleave.cli.output;

import java.util.List;

/** Long names in tables: exporters name a tensor after its whole path. Meant for people; JSON has the whole name. */
public final class Abbreviation {
    private static final int MOST = 44;
    private static final String GAP = "...";

    private Abbreviation() {}

    /** The name, or its end, which is what tells tensors apart. */
    public static String of(String name) {
        return name.length() <= MOST ? name : GAP + name.substring(name.length() - MOST + GAP.length());
    }

    /** The last of several, which is the one that was made last, and how many there are besides. */
    public static String ofLast(List<String> names) {
        String last = of(names.get(names.size() - 1));
        return names.size() == 1 ? last : last + " (+" + (names.size() - 1) + ")";
    }
}
