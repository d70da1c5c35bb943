package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.crypto.Hex;
import dev.cleave.crypto.VerifyingKey;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What {@code signature.json} says: somebody vouches for a bundle, as the release of its model with this number. Nothing
 * here is believed yet; who vouches is checked where keys are trusted ({@code dev.cleave.trust}). Immutable.
 *
 * @param release rises from one release of a model to the next, from 1
 * @param marks at least one; several while keys are exchanged
 */
public record BundleSignature(long release, List<Mark> marks) {
    static final int MAX_MARKS = 16;

    private static final int FORMAT_VERSION = 1;
    private static final int SIGNATURE_BYTES = 64;
    private static final int MAX_TEXT = 200;

    public BundleSignature {
        marks = Collections.unmodifiableList(new ArrayList<>(marks));
        if (release < 1 || marks.isEmpty() || marks.size() > MAX_MARKS) {
            throw new IllegalArgumentException("release " + release + " with " + marks.size()
                    + " signatures; expected at least 1 and 1 to " + MAX_MARKS);
        }
    }

    /**
     * One key's signature of the statement.
     *
     * @param signature 64 bytes in lower-case hex digits
     */
    public record Mark(VerifyingKey key, String signature) {
        public Mark {
            if (!Hex.is(signature, SIGNATURE_BYTES)) {
                throw new IllegalArgumentException(
                        "a signature of " + signature.length() + " characters; expected 128 lower-case hex digits");
            }
        }
    }

    /**
     * The bytes that are signed, ASCII. They name the contract, which holds the digest of every file, and what the
     * manifest says apart from its view: a view of a signed bundle is signed as well.
     *
     * @param bundleId SHA-256 of the contract
     * @param manifestDigest {@link Bundle#manifestDigest}
     */
    public static byte[] statement(String bundleId, String manifestDigest, long release) {
        String text = "cleave bundle signature 1\ncontract " + bundleId + "\nmanifest " + manifestDigest + "\nrelease "
                + release + "\n";
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** @throws BundleException naming the key, the value and the expectation */
    static BundleSignature read(byte[] utf8) throws BundleException {
        return StrictJson.read(BundlePath.SIGNATURE, utf8, json -> {
            json.begin("formatVersion", "release", "signatures");
            int version = json.integer("formatVersion");
            if (version != FORMAT_VERSION) {
                throw json.wrong(Integer.toString(version), Integer.toString(FORMAT_VERSION));
            }
            long release = json.whole("release");
            if (release < 1) {
                throw json.wrong(Long.toString(release), "at least 1");
            }
            List<Mark> marks = json.list("signatures", MAX_MARKS, BundleSignature::mark);
            if (marks.isEmpty()) {
                throw json.wrong("an empty list", "at least one signature");
            }
            json.end();
            return new BundleSignature(release, marks);
        });
    }

    private static Mark mark(StrictJson json) throws IOException {
        json.begin("key", "signature");
        String key = hex(json, "key", SIGNATURE_BYTES / 2);
        String signature = hex(json, "signature", SIGNATURE_BYTES);
        json.end();
        return new Mark(new VerifyingKey(key), signature);
    }

    private static String hex(StrictJson json, String name, int bytes) throws IOException {
        String text = json.text(name, MAX_TEXT);
        if (!Hex.is(text, bytes)) {
            throw json.wrongText(text, 2 * bytes + " lower-case hex digits");
        }
        return text;
    }

    /** The entry's bytes. */
    byte[] write() {
        StringWriter text = new StringWriter();
        try {
            JsonWriter json = new JsonWriter(text);
            json.beginObject().name("formatVersion").value(FORMAT_VERSION);
            json.name("release").value(release).name("signatures").beginArray();
            for (Mark mark : marks) {
                json.beginObject().name("key").value(mark.key().hex());
                json.name("signature").value(mark.signature()).endObject();
            }
            json.endArray().endObject().flush();
        } catch (IOException impossible) {
            throw new IllegalStateException("a StringWriter does not fail", impossible);
        }
        return text.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }
}
