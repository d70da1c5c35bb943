package dev.cleave.bundle;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A manifest as the bytes that it is written in. What a signature covers begins behind the view, so views can be made of
 * a signed bundle without its key; and behind it every byte stays, also of keys that this release does not know.
 */
final class ManifestBytes {
    /** As {@link ManifestJson#write} begins. */
    private static final Pattern START =
            Pattern.compile("\\{\"view\":\"(?:full|edge|cloud)\",\"edgeThrough\":(?:0|[1-9][0-9]{0,4}),");

    private static final int MAX_START = 64;

    private ManifestBytes() {}

    /** SHA-256 of what is the same in all views, lower-case hex. */
    static String digest(byte[] manifest) throws BundleException {
        MessageDigest digest = Sha256.start();
        int start = start(manifest);
        digest.update(manifest, start, manifest.length - start);
        return Sha256.finish(digest);
    }

    /** The manifest of another view, the same but for that. */
    static byte[] withView(byte[] manifest, View view, int edgeThrough) throws BundleException {
        int start = start(manifest);
        byte[] head = ("{\"view\":\"" + view.jsonName() + "\",\"edgeThrough\":" + edgeThrough + ",")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] other = Arrays.copyOf(head, head.length + manifest.length - start);
        System.arraycopy(manifest, start, other, head.length, manifest.length - start);
        return other;
    }

    private static int start(byte[] manifest) throws BundleException {
        String head = new String(manifest, 0, Math.min(MAX_START, manifest.length), StandardCharsets.ISO_8859_1);
        Matcher matcher = START.matcher(head);
        if (!matcher.lookingAt()) {
            throw new BundleException(
                    BundlePath.MANIFEST
                            + " does not begin with view and edgeThrough as they are written; expected that of a signed bundle");
        }
        return matcher.end();
    }
}
