package dev.cleave.gateway.oip;

/** How messages show text that came from outside: cut to a length, printable, in quotes. */
public final class Quoted {
    private static final int MAX_CHARACTERS = 80;

    private Quoted() {}

    public static String of(String text) {
        StringBuilder safe = new StringBuilder("\"");
        text.chars().limit(MAX_CHARACTERS).forEach(c -> safe.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
        return safe.append(text.length() > MAX_CHARACTERS ? "...\"" : "\"").toString();
    }
}
