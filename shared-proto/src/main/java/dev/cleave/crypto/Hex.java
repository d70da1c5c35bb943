package dev.cleave.crypto;

/** Bytes as lower-case hex digits. */
public final class Hex {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private Hex() {}

    public static String of(byte[] bytes) {
        StringBuilder text = new StringBuilder(2 * bytes.length);
        for (byte b : bytes) {
            text.append(DIGITS[b >> 4 & 15]).append(DIGITS[b & 15]);
        }
        return text.toString();
    }

    /** True for this many bytes in lower-case hex digits, and nothing else. */
    public static boolean is(String text, int bytes) {
        if (text.length() != 2 * bytes) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (digit(text.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    /** @throws IllegalArgumentException for anything but lower-case hex digits in pairs; does not show it */
    public static byte[] parse(String text) {
        if (!is(text, text.length() / 2)) {
            throw new IllegalArgumentException("not pairs of lower-case hex digits");
        }
        byte[] bytes = new byte[text.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (digit(text.charAt(2 * i)) << 4 | digit(text.charAt(2 * i + 1)));
        }
        return bytes;
    }

    private static int digit(char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }
}
