package dev.cleave.cli.inputs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the one kind of Python literal that the header of an {@code .npy} file may be: a dictionary from strings to
 * strings, {@code True}/{@code False} and tuples of integers. Nothing is nested, so nothing can overflow.
 */
final class PythonLiteral {
    private static final int MAX_ITEMS = 64;

    private final String text;
    private int at;

    private PythonLiteral(String text) {
        this.text = text;
    }

    /** Values are String, Boolean or long[]; an unsupported one (a list, a nested dictionary) is refused. */
    static Map<String, Object> parseDictionary(String text) throws MalformedInputException {
        PythonLiteral parser = new PythonLiteral(text);
        Map<String, Object> dictionary = parser.dictionary();
        if (parser.peek() != '\0') {
            throw parser.unexpected("the end");
        }
        return dictionary;
    }

    private Map<String, Object> dictionary() throws MalformedInputException {
        Map<String, Object> fields = new LinkedHashMap<>();
        expect('{');
        while (!accept('}')) {
            String key = string();
            expect(':');
            if (fields.put(key, value()) != null || fields.size() > MAX_ITEMS) {
                throw unexpected("each field once");
            }
            if (!accept(',') && peek() != '}') {
                throw unexpected(", or }");
            }
        }
        return fields;
    }

    private Object value() throws MalformedInputException {
        char next = peek();
        if (next == '\'' || next == '"') {
            return string();
        }
        if (next == '(') {
            return tuple();
        }
        if (acceptWord("True")) {
            return Boolean.TRUE;
        }
        if (acceptWord("False")) {
            return Boolean.FALSE;
        }
        throw unexpected("a string, a tuple, True or False");
    }

    private long[] tuple() throws MalformedInputException {
        List<Long> items = new ArrayList<>();
        expect('(');
        while (!accept(')')) {
            items.add(integer());
            if (items.size() > MAX_ITEMS) {
                throw unexpected("at most " + MAX_ITEMS + " dimensions");
            }
            if (!accept(',') && peek() != ')') {
                throw unexpected(", or )");
            }
        }
        return items.stream().mapToLong(Long::longValue).toArray();
    }

    private long integer() throws MalformedInputException {
        peek();
        int start = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || at == start && text.charAt(at) == '-')) {
            at++;
        }
        try {
            long value = Long.parseLong(text.substring(start, at));
            // Python 2 wrote long integers with a suffix.
            accept('L');
            return value;
        } catch (NumberFormatException noNumber) {
            at = start;
            throw unexpected("an integer");
        }
    }

    private String string() throws MalformedInputException {
        char quote = peek();
        int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
        if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
            throw unexpected("a string");
        }
        String value = text.substring(at + 1, end);
        at = end + 1;
        return value;
    }

    private boolean acceptWord(String word) {
        boolean matches = text.startsWith(word, at);
        at += matches ? word.length() : 0;
        return matches;
    }

    private boolean accept(char wanted) {
        boolean matches = peek() == wanted;
        at += matches ? 1 : 0;
        return matches;
    }

    private void expect(char wanted) throws MalformedInputException {
        if (!accept(wanted)) {
            throw unexpected(String.valueOf(wanted));
        }
    }

    /** The next character that is no white space; 0 at the end. */
    private char peek() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at < text.length() ? text.charAt(at) : '\0';
    }

    private MalformedInputException unexpected(String expected) {
        String found =
                at < text.length() ? "\"" + text.substring(at, Math.min(text.length(), at + 12)) + "\"" : "its end";
        return new MalformedInputException(
                "the array's header has " + found + " at character " + at + "; expected " + expected);
    }
}
