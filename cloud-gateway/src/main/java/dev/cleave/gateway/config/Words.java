package dev.cleave.gateway.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Settings that are one of a few words: the names of an enumeration's values, in lower case. */
final class Words {
    private Words() {}

    /**
     * @param setting its name, for the message
     * @param values at least two
     * @throws IllegalArgumentException for a word that is none of them
     */
    static <E extends Enum<E>> E of(String setting, String word, E[] values) {
        return Arrays.stream(values)
                .filter(value -> word(value).equals(word))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException(setting + " is \"" + word + "\"; expected " + list(values)));
    }

    private static String list(Enum<?>[] values) {
        List<String> words = Arrays.stream(values).map(Words::word).toList();
        int last = words.size() - 1;
        return String.join(", ", words.subList(0, last)) + " or " + words.get(last);
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
