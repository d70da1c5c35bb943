package dev.cleave.bundle;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads one JSON document whose objects have exactly the keys that are announced, in that order. Everything else is
 * refused by name: an unknown, repeated or missing key, a value of another type, a text or list over its limit. Objects
 * that may have further keys, and any order, are read by {@link #lenient}.
 *
 * <p>Not thread-safe. Gson's own complaints span several lines; {@link #read} cuts them to the first.
 */
public final class StrictJson {
    /** Reads the value of a key. */
    public interface Field {
        void read(String key) throws IOException;
    }

    /** Reads the document, or an element of a list. */
    public interface Value<T> {
        T read(StrictJson json) throws IOException;
    }

    private static final int MAX_SHOWN = 150;

    private final String document;
    private final JsonReader reader;
    private final Deque<Keys> open = new ArrayDeque<>();

    private StrictJson(String document, JsonReader reader) {
        this.document = document;
        this.reader = reader;
    }

    /**
     * Reads a document.
     *
     * @param name of the document, for messages
     * @throws BundleException for whatever is wrong with it
     */
    public static <T> T read(String name, byte[] utf8, Value<T> root) throws BundleException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            T value = root.read(new StrictJson(name, reader));
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new BundleException(name + " goes on after its end");
            }
            return value;
        } catch (BundleException refused) {
            throw refused;
        } catch (IOException | IllegalArgumentException | IllegalStateException malformed) {
            throw new BundleException(name + " is not readable: " + firstLine(malformed), malformed);
        }
    }

    private static String firstLine(Exception malformed) {
        String message = String.valueOf(malformed.getMessage());
        int end = message.indexOf('\n');
        return BundleException.quote(end < 0 ? message : message.substring(0, end));
    }

    /** For an object that is read by other hands: the reader in front of it. */
    JsonReader object() throws IOException {
        expect(JsonToken.BEGIN_OBJECT);
        return reader;
    }

    void begin(String... keys) throws IOException {
        expect(JsonToken.BEGIN_OBJECT);
        reader.beginObject();
        open.push(new Keys(keys));
    }

    /** Announces further keys of the object, where they depend on what was read of it. */
    void expectAlso(String... keys) {
        open.element().names.addAll(Arrays.asList(keys));
    }

    void end() throws IOException {
        open.pop().next(this, null);
        reader.endObject();
    }

    /** Reads an object that has these keys, once each and in any order, beside others that are skipped. */
    public void lenient(List<String> keys, Field field) throws IOException {
        lenient(keys, Collections.emptyList(), field);
    }

    /** The same where some keys may be absent. */
    public void lenient(List<String> keys, List<String> optional, Field field) throws IOException {
        expect(JsonToken.BEGIN_OBJECT);
        String path = document + ": " + reader.getPath();
        reader.beginObject();
        Set<String> missing = new LinkedHashSet<>(keys);
        Set<String> absent = new HashSet<>(optional);
        while (reader.hasNext()) {
            String key = reader.nextName();
            if (missing.remove(key) || absent.remove(key)) {
                field.read(key);
            } else if (keys.contains(key) || optional.contains(key)) {
                throw new BundleException(path + " key \"" + key + "\" twice");
            } else {
                reader.skipValue();
            }
        }
        reader.endObject();
        if (!missing.isEmpty()) {
            throw new BundleException(
                    path + " missing key \"" + missing.iterator().next() + "\"");
        }
    }

    /** Moves to the value of the next key, which must be this one. */
    void key(String name) throws IOException {
        open.element().next(this, name);
    }

    /** Whether the object that is being read has a key to come. */
    boolean hasKey() throws IOException {
        return reader.peek() == JsonToken.NAME;
    }

    boolean isNull(String key) throws IOException {
        key(key);
        return isNull();
    }

    /** Whether the value to come is null; if so, it is consumed. */
    public boolean isNull() throws IOException {
        boolean isNull = reader.peek() == JsonToken.NULL;
        if (isNull) {
            reader.nextNull();
        }
        return isNull;
    }

    String text(String key, int maxLength) throws IOException {
        key(key);
        return text(maxLength);
    }

    /** @param maxLength in characters */
    public String text(int maxLength) throws IOException {
        expect(JsonToken.STRING);
        String text = reader.nextString();
        if (text.length() > maxLength) {
            throw wrong("a text of " + text.length() + " characters", "at most " + maxLength);
        }
        return text;
    }

    int integer(String key) throws IOException {
        key(key);
        return integer();
    }

    /** A whole number of 32 bits. */
    public int integer() throws IOException {
        long value = whole();
        if (value < Integer.MIN_VALUE || value > Integer.MAX_VALUE) {
            throw wrong(Long.toString(value), "a 32-bit integer");
        }
        return (int) value;
    }

    long whole(String key) throws IOException {
        key(key);
        return whole();
    }

    /** A whole number of 64 bits. */
    public long whole() throws IOException {
        String digits = number();
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw wrong(digits, "a 64-bit integer");
        }
    }

    /** A finite 32-bit float, rounded once, from its decimal text. */
    float real() throws IOException {
        String digits = number();
        float value = Float.parseFloat(digits);
        if (Float.isInfinite(value)) {
            throw wrong(digits, "a finite 32-bit float");
        }
        return value;
    }

    /** Whether the value to come is a text. */
    boolean isText() throws IOException {
        return reader.peek() == JsonToken.STRING;
    }

    <T> List<T> list(String key, int maxSize, Value<T> element) throws IOException {
        key(key);
        return list(maxSize, element);
    }

    /** @param maxSize in elements */
    public <T> List<T> list(int maxSize, Value<T> element) throws IOException {
        expect(JsonToken.BEGIN_ARRAY);
        reader.beginArray();
        List<T> list = new ArrayList<>();
        while (reader.hasNext()) {
            if (list.size() == maxSize) {
                throw wrong("a list that goes on", "at most " + maxSize + " elements");
            }
            list.add(element.read(this));
        }
        reader.endArray();
        return list;
    }

    /** A finite 64-bit float. */
    public double real64() throws IOException {
        String digits = number();
        double value = Double.parseDouble(digits);
        if (Double.isInfinite(value)) {
            throw wrong(digits, "a finite number");
        }
        return value;
    }

    /** True or false. */
    boolean flag() throws IOException {
        expect(JsonToken.BOOLEAN);
        return reader.nextBoolean();
    }

    private String number() throws IOException {
        expect(JsonToken.NUMBER);
        return reader.nextString();
    }

    private void expect(JsonToken token) throws IOException {
        JsonToken actual = reader.peek();
        if (actual != token) {
            throw wrongAt(reader.getPath(), words(actual), words(token));
        }
    }

    private static String words(JsonToken token) {
        return token.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** A refusal of the value that was just read. */
    public BundleException wrong(String value, String expected) {
        return wrongAt(reader.getPreviousPath(), value, expected);
    }

    /** The same for a text, which may hold anything. */
    public BundleException wrongText(String text, String expected) {
        return wrong(BundleException.quote(text), expected);
    }

    /** Paths hold no foreign text: keys are known before their values are read. */
    private BundleException wrongAt(String path, String value, String expected) {
        String shown = value.length() > MAX_SHOWN ? value.substring(0, MAX_SHOWN) + "..." : value;
        return new BundleException(document + ": " + path + " is " + shown + "; expected " + expected);
    }

    /** The keys of an object that is being read, and how far it is. */
    private static final class Keys {
        private final List<String> names;
        private int position;

        Keys(String... names) {
            this.names = new ArrayList<>(Arrays.asList(names));
        }

        /** @param wanted the key to come, or null for the object's end */
        void next(StrictJson json, String wanted) throws IOException {
            String path = json.document + ": " + json.reader.getPath();
            String actual = json.reader.peek() == JsonToken.END_OBJECT ? null : json.reader.nextName();
            if (actual == null ? wanted == null : actual.equals(wanted)) {
                position++;
                return;
            }
            int index = actual == null ? names.size() : names.indexOf(actual);
            if (index < 0) {
                throw new BundleException(path + " unknown key " + BundleException.quote(actual)
                        + "; this release knows " + String.join(", ", names));
            }
            if (index < position) {
                throw new BundleException(path + " key \"" + actual + "\" twice");
            }
            throw new BundleException(path + " missing key \"" + names.get(position) + "\""
                    + (actual == null ? "" : " before \"" + actual + "\""));
        }
    }
}
