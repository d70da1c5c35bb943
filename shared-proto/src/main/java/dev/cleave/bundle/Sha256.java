package dev.cleave.bundle;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 (FIPS 180-4) as lower-case hex. */
final class Sha256 {
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    private static final int HEX_LENGTH = 64;

    private Sha256() {}

    static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    static String hex(byte[] bytes) {
        return finish(start().digest(bytes));
    }

    static String finish(MessageDigest digest) {
        return finish(digest.digest());
    }

    private static String finish(byte[] hash) {
        StringBuilder text = new StringBuilder(HEX_LENGTH);
        for (byte b : hash) {
            text.append(HEX[b >> 4 & 15]).append(HEX[b & 15]);
        }
        return text.toString();
    }

    /** True for 64 lower-case hex digits. */
    static boolean isHex(String text) {
        return text.length() == HEX_LENGTH && isHexDigits(text);
    }

    /** True for lower-case hex digits, however many. */
    static boolean isHexDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
                return false;
            }
        }
        return true;
    }
}
