package dev.cleave.bundle;

/**
 * Which of two model versions is the higher one, as people write them: runs of digits count as numbers, all else by character, so that {@code 1.10} is
 * higher than {@code 1.9}.
 */
public final class VersionText {
    private VersionText() {}

    /** Negative where the first is the lower one, positive where it is the higher one, 0 where neither is. */
    public static int compare(String a, String b) {
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
