package dev.cleave.bundle;

/**
 * Which of two versions of a model is the newer one, for agents and gateways alike. Pure.
 *
 * <p>Of two signed ones that with the higher release number; the text of the version does not matter then. Otherwise versions are
 * compared as people read them, {@code 2} before {@code 10} and {@code 1.9} before {@code 1.10}: runs of digits as numbers, all
 * else as text.
 */
public final class VersionOrder {
    private VersionOrder() {}

    /**
     * Compares two versions of one model; negative where the first is the older one.
     *
     * @param releaseA of its signature, 0 where it has none
     */
    public static int compare(String a, long releaseA, String b, long releaseB) {
        boolean signed = releaseA > 0 && releaseB > 0;
        return signed ? Long.compare(releaseA, releaseB) : compareText(a, b);
    }

    private static int compareText(String a, String b) {
        int i = 0;
        int j = 0;
        while (i < a.length() && j < b.length()) {
            int endA = runEnd(a, i);
            int endB = runEnd(b, j);
            int order = compareRuns(a.substring(i, endA), b.substring(j, endB));
            if (order != 0) {
                return order;
            }
            i = endA;
            j = endB;
        }
        return Integer.compare(a.length() - i, b.length() - j);
    }

    /** End of the run of digits, or of the one other character, that begins here. */
    private static int runEnd(String text, int from) {
        int end = from + 1;
        while (isDigit(text.charAt(from)) && end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static int compareRuns(String a, String b) {
        if (!isDigit(a.charAt(0)) || !isDigit(b.charAt(0))) {
            return a.compareTo(b);
        }
        String shortA = withoutZeros(a);
        String shortB = withoutZeros(b);
        int order = Integer.compare(shortA.length(), shortB.length());
        return order != 0 ? order : shortA.compareTo(shortB);
    }

    private static String withoutZeros(String digits) {
        int from = 0;
        while (from < digits.length() - 1 && digits.charAt(from) == '0') {
            from++;
        }
        return digits.substring(from);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
