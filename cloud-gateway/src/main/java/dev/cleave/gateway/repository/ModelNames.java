package dev.cleave.gateway.repository;

import java.util.regex.Pattern;

/** Which names of models, versions and labels may become parts of paths. */
public final class ModelNames {
    static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,17}");
    private static final Pattern LABEL = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
    private static final int MOST = 128;
    /** Where ext file systems put what a check of the disk has found; only root looks into it. */
    private static final String FILE_SYSTEMS_OWN = "lost+found";

    private ModelNames() {}

    /** As contracts have them: printable ASCII without space, quote or slash, no dot in front. */
    public static boolean isModel(String name) {
        boolean safe = !name.isEmpty() && name.length() <= MOST && name.charAt(0) != '.';
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            safe &= c > ' ' && c < 0x7f && c != '/' && c != '\\' && c != '"';
        }
        return safe;
    }

    /** Of a model that may have a folder of its own in the models directory. */
    static boolean isFolder(String name) {
        return isModel(name) && !name.equals(FILE_SYSTEMS_OWN);
    }

    /** A positive whole number without zeros in front. */
    public static boolean isNumber(String version) {
        return NUMBER.matcher(version).matches();
    }

    /** Lower-case letters, digits, {@code _} and {@code -}, beginning with a letter. */
    public static boolean isLabel(String label) {
        return LABEL.matcher(label).matches();
    }
}
